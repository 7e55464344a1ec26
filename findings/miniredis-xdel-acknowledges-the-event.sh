#!/usr/bin/env bash
# miniredis and Redis: XDEL of an event that a consumer holds ends its delivery in one, and not in the other.
#
# Expected: miniredis answers XPENDING as Redis does, so a test finds a consumer that deletes its events and never
#           acknowledges them.
# Seen:     in Redis a deleted event stays pending: XPENDING counts it, a restart reads it again with no fields, and the
#           list grows with each webhook. In miniredis XDEL takes it from the pending entries as well, so the count is
#           0 and the restart reads nothing. miniredis also takes the id of a deleted event a second time, which
#           Redis refuses. Test consumer groups on a real Redis.
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
	"fmt"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

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
		name    string
		options redis.Options
		pending int64
		again   int
		twice   bool
	}{
		{"Redis", redis.Options{Network: "unix", Addr: os.Args[1]}, 1, 1, false},
		{"miniredis", redis.Options{Addr: memory.Addr()}, 0, 0, true},
	} {
		client := redis.NewClient(&c.options)
		for i := 0; i < 100 && client.Ping(ctx).Err() != nil; i++ {
			time.Sleep(50 * time.Millisecond)
		}
		add := func() error {
			return client.XAdd(ctx, &redis.XAddArgs{Stream: "hooks", ID: "1-1", Values: []string{"event", "joined"}}).Err()
		}
		read := func(from string) []redis.XMessage {
			streams, err := client.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "workers", Consumer: "a", Streams: []string{"hooks", from}, Block: -1}).Result()
			must(err)
			return streams[0].Messages
		}
		must(client.XGroupCreateMkStream(ctx, "hooks", "workers", "0").Err())
		must(add())
		taken := read(">")
		must(client.XDel(ctx, "hooks", taken[0].ID).Err())
		pending, err := client.XPending(ctx, "hooks", "workers").Result()
		must(err)
		again := read("0")
		twice := add()
		fmt.Printf("%-9s after XDEL: %d pending, read again after a restart: %v, the same id again: %v\n", c.name, pending.Count, again, twice)
		same = same && len(taken) == 1 && pending.Count == c.pending && len(again) == c.again && (twice == nil) == c.twice
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
