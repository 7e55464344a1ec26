#!/usr/bin/env bash
# asynq: the option Timeout(0), documented as "no limit", gives a task thirty minutes.
#
# Expected: a task without a limit. The comment of asynq.Timeout says: "Zero duration means no limit."
# Seen:     Enqueue, GetTaskInfo and the handler's context all show a timeout of thirty minutes: a zero timeout
#           counts as no option, and the default of half an hour takes its place. Only beside a Deadline does zero
#           mean no timeout, so a task without a limit needs a deadline far away.
#
# Needs Go and a module proxy; the Redis is miniredis. Runs no rollcall code. Exits 1 if the behaviour has changed.
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
	"github.com/hibiken/asynq"
)

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(2)
	}
}

func main() {
	redis := miniredis.NewMiniRedis()
	must(redis.Start())
	defer redis.Close()
	opt := asynq.RedisClientOpt{Addr: redis.Addr()}
	client, inspector := asynq.NewClient(opt), asynq.NewInspector(opt)

	zero, err := client.Enqueue(asynq.NewTask("zero", nil), asynq.Timeout(0))
	must(err)
	stored, err := inspector.GetTaskInfo("default", zero.ID)
	must(err)
	far := time.Now().AddDate(1, 0, 0)
	dated, err := client.Enqueue(asynq.NewTask("dated", nil), asynq.Timeout(0), asynq.Deadline(far))
	must(err)

	left := make(chan string, 2)
	server := asynq.NewServer(opt, asynq.Config{Concurrency: 1, LogLevel: asynq.FatalLevel})
	must(server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		deadline, limited := ctx.Deadline()
		left <- fmt.Sprint(task.Type(), ": limited ", limited, ", hours ", time.Until(deadline).Round(time.Minute).Hours())
		return nil
	})))
	first, second := <-left, <-left
	server.Shutdown()

	fmt.Printf("Timeout(0): Enqueue says %s, GetTaskInfo says %s\n", zero.Timeout, stored.Timeout)
	fmt.Printf("Timeout(0) and a deadline in a year: Enqueue says %s\n", dated.Timeout)
	fmt.Printf("the handler's context: %s; %s\n", first, second)
	if zero.Timeout != 30*time.Minute || stored.Timeout != 30*time.Minute || dated.Timeout != 0 || first != "zero: limited true, hours 0.5" {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/hibiken/asynq@v0.26.0 github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
echo "asynq $(go list -m -f '{{.Version}}' github.com/hibiken/asynq), miniredis $(go list -m -f '{{.Version}}' github.com/alicebob/miniredis/v2)"
go run .
