#!/usr/bin/env bash
# asynq: Inspector.DeleteQueue (what `asynq queue rm` calls) removes a queue that a running client uses.
#
# Expected: the client's next Enqueue creates the queue again, as its first one did.
# Seen:     Enqueue succeeds and a server would take the task, but the queue stays unregistered: Queues does
#           not list it, and GetQueueInfo, GetTaskInfo and RunTask answer "not found" (GetQueueInfo with an error
#           that is not asynq.ErrQueueNotFound). The client registers a queue name once in its lifetime. A new
#           client registers it again, and then it is paused: the pause of the removed queue was never deleted.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
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

func enqueue(c *asynq.Client, id string) {
	_, err := c.Enqueue(asynq.NewTask("group:create", nil), asynq.TaskID(id), asynq.Queue("call"), asynq.ProcessIn(time.Hour))
	must(err)
}

func main() {
	redis := miniredis.NewMiniRedis()
	must(redis.Start())
	defer redis.Close()
	opt := asynq.RedisClientOpt{Addr: redis.Addr()}
	running := asynq.NewClient(opt)
	defer running.Close()
	inspector := asynq.NewInspector(opt)
	defer inspector.Close()

	enqueue(running, "first")
	must(inspector.PauseQueue("call"))
	must(inspector.DeleteQueue("call", true))

	enqueue(running, "second")
	queues, err := inspector.Queues()
	must(err)
	_, infoErr := inspector.GetQueueInfo("call")
	runErr := inspector.RunTask("call", "second")
	_, taskErr := inspector.GetTaskInfo("call", "second")
	stored := redis.Exists("asynq:{call}:t:second")
	fmt.Printf("after DeleteQueue and Enqueue by the running client: queues %q\n", queues)
	fmt.Printf("  GetQueueInfo: %v\n  RunTask:      %v\n  GetTaskInfo:  %v\n  task stored in Redis: %t\n", infoErr, runErr, taskErr, stored)

	fresh := asynq.NewClient(opt)
	defer fresh.Close()
	enqueue(fresh, "third")
	info, err := inspector.GetQueueInfo("call")
	must(err)
	fmt.Printf("after Enqueue by a new client: scheduled %d, paused %t\n", info.Scheduled, info.Paused)

	same := len(queues) == 0 && infoErr != nil && !errors.Is(infoErr, asynq.ErrQueueNotFound) && errors.Is(runErr, asynq.ErrQueueNotFound) &&
		stored && info.Scheduled == 2 && info.Paused
	if !same {
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
