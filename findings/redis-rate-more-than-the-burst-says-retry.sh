#!/usr/bin/env bash
# redis_rate: AllowN for more than the burst answers with a RetryAfter that never comes true.
#
# Expected: an error, as WaitN of golang.org/x/time/rate returns. The comment of RetryAfter says: "the time until the
#           next request will be permitted".
# Seen:     with a limit of five a second, a request for seven on an unused key is refused, with a RetryAfter of 400 ms.
#           After that wait it is refused with 400 ms again, and so on without end. A batch that grows past the limit
#           is never sent, and only looks rate limited. AllowAtMost allows five of the seven.
#
# Needs Go and a module proxy; the Redis is miniredis, whose clock the script moves. Runs no rollcall code. Exits 1 if
# the behaviour has changed.
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
	"github.com/go-redis/redis_rate/v10"
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
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	server.SetTime(now)
	limiter := redis_rate.NewLimiter(redis.NewClient(&redis.Options{Addr: server.Addr()}))
	limit := redis_rate.PerSecond(5)
	ctx := context.Background()

	same := true
	for range 4 {
		got, err := limiter.AllowN(ctx, "seven", limit, 7)
		must(err)
		fmt.Printf("%s AllowN 7 of %s: allowed %d, retry after %s\n", now.Format("15:04:05.0"), limit, got.Allowed, got.RetryAfter.Round(time.Millisecond))
		same = same && got.Allowed == 0 && got.RetryAfter.Round(time.Millisecond) == 400*time.Millisecond
		now = now.Add(got.RetryAfter + time.Millisecond)
		server.SetTime(now)
	}
	most, err := limiter.AllowAtMost(ctx, "seven", limit, 7)
	must(err)
	fmt.Printf("AllowAtMost 7: allowed %d, retry after %d\n", most.Allowed, most.RetryAfter)
	if !same || most.Allowed != 5 || most.RetryAfter != -1 {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/go-redis/redis_rate/v10@v10.0.1 github.com/redis/go-redis/v9@v9.22.0 github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
echo "redis_rate $(go list -m -f '{{.Version}}' github.com/go-redis/redis_rate/v10), go-redis $(go list -m -f '{{.Version}}' github.com/redis/go-redis/v9)"
go run .
