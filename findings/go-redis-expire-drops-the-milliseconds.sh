#!/usr/bin/env bash
# go-redis: a key that Set gives 1.9 seconds gets one second from Expire, so a renewed lease ends early.
#
# Expected: both take a time.Duration, and both keep it: a lease that SetNX takes for 1.9 seconds and Expire renews for
#           1.9 seconds is renewed before it ends.
# Seen:     Set, SetNX, SetXX, SetArgs and GetEx send milliseconds where the duration needs them. Expire, ExpireGT and
#           SetEx cut it to whole seconds without an error or a line in the log, so the renewed lease lives one second,
#           and an owner who renews every 1.2 seconds loses it. Below a second they log a warning and wait longer
#           instead: 500 ms become one second. PExpire is exact.
#
# Needs Go and a module proxy; the Redis is miniredis, whose clock stands still. Runs no rollcall code. Exits 1 if the
# behaviour has changed.
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
	server := miniredis.NewMiniRedis()
	must(server.Start())
	defer server.Close()
	ctx, rdb := context.Background(), redis.NewClient(&redis.Options{Addr: server.Addr()})
	const lease = 1900 * time.Millisecond

	same := true
	for _, c := range []struct {
		name string
		call func() error
		seen time.Duration
	}{
		{"Set", func() error { return rdb.Set(ctx, "lease", "a", lease).Err() }, lease},
		{"SetXX", func() error { return rdb.SetXX(ctx, "lease", "a", lease).Err() }, lease},
		{"SetArgs", func() error { return rdb.SetArgs(ctx, "lease", "a", redis.SetArgs{TTL: lease}).Err() }, lease},
		{"GetEx", func() error { return rdb.GetEx(ctx, "lease", lease).Err() }, lease},
		{"SetEx", func() error { return rdb.SetEx(ctx, "lease", "a", lease).Err() }, time.Second},
		{"Expire", func() error { return rdb.Expire(ctx, "lease", lease).Err() }, time.Second},
		{"PExpire", func() error { return rdb.PExpire(ctx, "lease", lease).Err() }, lease},
	} {
		must(rdb.Set(ctx, "lease", "a", 0).Err())
		must(c.call())
		got := server.TTL("lease")
		fmt.Printf("%-8s for %s: the key lives %s\n", c.name, lease, got)
		same = same && got == c.seen
	}

	must(rdb.Del(ctx, "lease").Err())
	taken, err := rdb.SetNX(ctx, "lease", "a", lease).Result()
	must(err)
	server.FastForward(1200 * time.Millisecond)
	renewed, err := rdb.Expire(ctx, "lease", lease).Result()
	must(err)
	server.FastForward(1200 * time.Millisecond)
	other, err := rdb.SetNX(ctx, "lease", "b", lease).Result()
	must(err)
	fmt.Printf("taken %t, renewed after 1.2 s %t, taken by another 1.2 s later %t\n", taken, renewed, other)
	if !same || !taken || !renewed || !other {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/redis/go-redis/v9@v9.22.0 github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
echo "go-redis $(go list -m -f '{{.Version}}' github.com/redis/go-redis/v9), miniredis $(go list -m -f '{{.Version}}' github.com/alicebob/miniredis/v2)"
go run .
