#!/usr/bin/env bash
# miniredis and Redis: a Lua script that rewrites a JSON record keeps an empty list in one and loses it in the other.
#
# Expected: cjson.encode(cjson.decode(record)) gives the same on miniredis as in Redis, so a test on one shows what
#           production does on the other.
# Seen:     they fail in opposite places. Redis turns "phones": [] into {}, which a Go []string refuses, and keeps
#           "note": null. miniredis keeps the empty list, drops the null, and turns {} into []. A script that
#           breaks the first record without members in production passes its test on miniredis. Test such a script on
#           a real Redis.
#
# Needs Go, a module proxy and redis-server, which runs on a socket in the temporary folder. Runs no rollcall code.
# Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis" || true; rm -rf "$dir"' EXIT
cd "$dir"
redis-server --port 0 --unixsocket "$dir/redis.sock" --save "" --appendonly no --dir "$dir" --loglevel warning >/dev/null &
redis=$!

cat >main.go <<'GO'
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

const script = "local record = cjson.decode(ARGV[1]) record.state = 'done' return cjson.encode(record)"

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(2)
	}
}

func main() {
	ctx := context.Background()
	memory := miniredis.NewMiniRedis()
	must(memory.Start())
	defer memory.Close()
	same := true
	for _, c := range []struct {
		name          string
		options       redis.Options
		phones, extra string
		note, reads   bool
	}{
		{"Redis", redis.Options{Network: "unix", Addr: os.Args[1]}, "{}", "{}", true, false},
		{"miniredis", redis.Options{Addr: memory.Addr()}, "[]", "[]", false, true},
	} {
		client := redis.NewClient(&c.options)
		for i := 0; i < 100 && client.Ping(ctx).Err() != nil; i++ {
			time.Sleep(50 * time.Millisecond)
		}
		text, err := client.Eval(ctx, script, nil, `{"phones":[],"note":null,"extra":{}}`).Text()
		must(err)
		var parts map[string]json.RawMessage
		must(json.Unmarshal([]byte(text), &parts))
		var record struct{ Phones []string }
		err = json.Unmarshal([]byte(text), &record)
		_, note := parts["note"]
		fmt.Printf("%-9s phones %s, extra %s, note present %t; into a struct with Phones []string: %v\n", c.name, parts["phones"], parts["extra"], note, err)
		same = same && string(parts["phones"]) == c.phones && string(parts["extra"]) == c.extra && note == c.note && (err == nil) == c.reads
	}
	if !same {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/redis/go-redis/v9@v9.22.0 github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
echo "$(redis-server --version | cut -d' ' -f1-3), miniredis $(go list -m -f '{{.Version}}' github.com/alicebob/miniredis/v2)"
go run . "$dir/redis.sock"
