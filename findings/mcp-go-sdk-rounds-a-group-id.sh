#!/usr/bin/env bash
# MCP Go SDK: a tool added with AddTool gets a rounded group id in an int64 field.
#
# Expected: 120363020000000001, which has the length of WhatsApp's group ids, reaches an int64 field as it was sent:
#           encoding/json reads the same arguments into the same struct exactly.
# Seen:     the handler gets 120363020000000000, another group, without an error. AddTool first reads the arguments into
#           a map to apply the schema's defaults, so each number passes through a float64. A result goes the same way,
#           and is sent with a rounded id. Params.Arguments of the request are exact. A field for such an id has to be
#           a string.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type group struct {
	ID int64 `json:"id"`
}

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(2)
	}
}

func main() {
	const sent = `{"id":120363020000000001}`
	ctx := context.Background()
	var raw string
	var typed group
	server := mcp.NewServer(&mcp.Implementation{Name: "finding", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "rename"}, func(_ context.Context, call *mcp.CallToolRequest, in group) (*mcp.CallToolResult, group, error) {
		raw, typed = string(call.Params.Arguments), in
		return nil, group{ID: 120363020000000001}, nil
	})
	there, here := mcp.NewInMemoryTransports()
	_, err := server.Connect(ctx, there, nil)
	must(err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "finding", Version: "1"}, nil).Connect(ctx, here, nil)
	must(err)
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: "rename", Arguments: json.RawMessage(sent)})
	must(err)
	out := result.Content[0].(*mcp.TextContent).Text

	var plain group
	must(json.Unmarshal([]byte(sent), &plain))
	fmt.Printf("sent %s\nParams.Arguments %s\nencoding/json reads %d\nthe handler gets %d\na result with 120363020000000001 is sent as %s\n", sent, raw, plain.ID, typed.ID, out)
	if raw != sent || plain.ID != 120363020000000001 || typed.ID != 120363020000000000 || out != `{"id":120363020000000000}` {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/modelcontextprotocol/go-sdk@v1.8.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
echo "$(go version), MCP Go SDK $(go list -m -f '{{.Version}}' github.com/modelcontextprotocol/go-sdk)"
go run .
