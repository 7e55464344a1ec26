#!/usr/bin/env bash
# MCP Go SDK: a nil map in a tool's result fails the schema that the SDK made from its type; a nil slice passes.
#
# Expected: every value of a type fits the output schema that AddTool made from the type. A nil slice does: its schema
#           is ["null","array"], because encoding/json writes null. A nil map as the whole result passes, too.
# Seen:     a map in a field has the schema "object", so a nil one, which encoding/json also writes as null, fails the
#           call with "validating tool output". A tool that makes its map with the first entry passes all tests with
#           data and fails on the first empty answer. A field of []byte fails always: its schema is an array, and its
#           JSON is a base64 string. AddTool reports nothing. omitempty, or an empty map, avoids it.
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
	"fmt"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type (
	slice struct {
		Failed []string `json:"failed"`
	}
	table struct {
		Failed map[string]string `json:"failed"`
	}
	optional struct {
		Failed map[string]string `json:"failed,omitempty"`
	}
	picture struct {
		Failed []byte `json:"failed"`
	}
)

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(2)
	}
}

// call returns the error of a call of a tool whose result is out.
func call[T any](out T) error {
	ctx := context.Background()
	server := mcp.NewServer(&mcp.Implementation{Name: "finding", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "status"}, func(context.Context, *mcp.CallToolRequest, struct{}) (*mcp.CallToolResult, T, error) {
		return nil, out, nil
	})
	there, here := mcp.NewInMemoryTransports()
	_, err := server.Connect(ctx, there, nil)
	must(err)
	session, err := mcp.NewClient(&mcp.Implementation{Name: "finding", Version: "1"}, nil).Connect(ctx, here, nil)
	must(err)
	_, err = session.CallTool(ctx, &mcp.CallToolParams{Name: "status"})
	return err
}

func main() {
	same := true
	for _, c := range []struct {
		name  string
		err   error
		fails bool
	}{
		{"nil slice", call(slice{}), false},
		{"nil map", call(table{}), true},
		{"nil map, omitempty", call(optional{}), false},
		{"empty map", call(table{Failed: map[string]string{}}), false},
		{"nil map as the result", call(map[string]string(nil)), false},
		{"[]byte", call(picture{Failed: []byte("a")}), true},
	} {
		fmt.Printf("%-22s %v\n", c.name+":", c.err)
		same = same && (c.err != nil) == c.fails
	}
	if !same {
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
