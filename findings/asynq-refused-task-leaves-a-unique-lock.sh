#!/usr/bin/env bash
# asynq: an Enqueue that fails with ErrTaskIDConflict leaves a Unique lock, which refuses the next task.
#
# Expected: an Enqueue that fails changes nothing, so a caller that meets a taken id can enqueue the payload under
#           another one.
# Seen:     the second try fails with ErrDuplicateTask, although no task with that payload exists in any state. Enqueue
#           takes the lock before it checks the id, and leaves it for the whole ttl. Another payload goes in under the
#           same new id at once.
#
# Needs Go and a module proxy; the Redis is miniredis. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"errors"
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
	enqueue := func(id, payload string) error {
		_, err := client.Enqueue(asynq.NewTask("group:create", []byte(payload)), asynq.TaskID(id), asynq.Unique(time.Hour))
		return err
	}

	must(enqueue("g1", "class A"))
	taken := enqueue("g1", "class B")
	again := enqueue("g2", "class B")
	other := enqueue("g2", "class C")
	info, err := inspector.GetQueueInfo("default")
	must(err)

	fmt.Println("class A as g1: enqueued")
	fmt.Printf("class B as g1: %v\n", taken)
	fmt.Printf("class B as g2: %v\n", again)
	fmt.Printf("class C as g2: %v\n", other)
	fmt.Printf("tasks in the queue: %d\n", info.Size)
	if !errors.Is(taken, asynq.ErrTaskIDConflict) || !errors.Is(again, asynq.ErrDuplicateTask) || other != nil || info.Size != 2 {
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
