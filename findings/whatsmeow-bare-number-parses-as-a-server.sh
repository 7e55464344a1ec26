#!/usr/bin/env bash
# whatsmeow: types.ParseJID takes a bare phone number without an error, as the name of a server.
#
# Expected: an error, or a user of s.whatsapp.net, for "5511900000001".
# Seen:     err is nil, User is empty, Server is "5511900000001", IsEmpty is false, and String gives the number
#           back, so it looks right in a log. A bare group id becomes a server as well. A number with its plus
#           sign and a server keeps the plus sign in User and equals no JID that WhatsApp sends.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"go.mau.fi/whatsmeow/types"
)

func main() {
	want := map[string]types.JID{
		"5511900000001":                 {Server: "5511900000001"},
		"120363020000000001":            {Server: "120363020000000001"},
		"+5511900000001@s.whatsapp.net": {User: "+5511900000001", Server: types.DefaultUserServer},
	}
	same := true
	for _, text := range []string{"5511900000001", "120363020000000001", "+5511900000001@s.whatsapp.net"} {
		jid, err := types.ParseJID(text)
		fmt.Printf("ParseJID(%q): user %q, server %q, empty %t, string %q, error %v\n", text, jid.User, jid.Server, jid.IsEmpty(), jid, err)
		same = same && err == nil && jid == want[text] && !jid.IsEmpty()
	}
	if !same {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get go.mau.fi/whatsmeow@v0.0.0-20251217143725-11cf47c62d32 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
echo "whatsmeow $(go list -m -f '{{.Version}}' go.mau.fi/whatsmeow)"
go run .
