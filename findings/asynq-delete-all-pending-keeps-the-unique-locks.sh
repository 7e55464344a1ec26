#!/usr/bin/env bash
# asynq: of all ways to delete a task, DeleteAllPendingTasks alone keeps its Unique lock.
#
# Expected: a deleted task can be enqueued again, as after DeleteTask, DeleteAllScheduledTasks and
#           DeleteAllArchivedTasks, which all release the lock with the task.
# Seen:     after DeleteAllPendingTasks (what `asynq task deleteall --state=pending` calls) the queue is empty, and the
#           same Enqueue fails with ErrDuplicateTask until the ttl is over. An operator who clears a queue to fill it
#           again cannot. DeleteTask for one task after the other releases the locks.
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

	same := true
	for _, c := range []struct {
		name string
		wait time.Duration
		del  func(queue, id string) error
		kept bool
	}{
		{"DeleteTask", 0, inspector.DeleteTask, false},
		{"DeleteAllScheduledTasks", time.Hour, func(queue, _ string) error {
			_, err := inspector.DeleteAllScheduledTasks(queue)
			return err
		}, false},
		{"DeleteAllArchivedTasks", 0, func(queue, id string) error {
			must(inspector.ArchiveTask(queue, id))
			_, err := inspector.DeleteAllArchivedTasks(queue)
			return err
		}, false},
		{"DeleteAllPendingTasks", 0, func(queue, _ string) error {
			_, err := inspector.DeleteAllPendingTasks(queue)
			return err
		}, true},
	} {
		enqueue := func() (*asynq.TaskInfo, error) {
			return client.Enqueue(asynq.NewTask("group:create", nil), asynq.Queue(c.name), asynq.ProcessIn(c.wait), asynq.Unique(2*time.Hour))
		}
		task, err := enqueue()
		must(err)
		must(c.del(c.name, task.ID))
		info, err := inspector.GetQueueInfo(c.name)
		must(err)
		_, again := enqueue()
		fmt.Printf("%-24s leaves %d tasks; the same Enqueue again: %v\n", c.name, info.Size, again)
		same = same && info.Size == 0 && errors.Is(again, asynq.ErrDuplicateTask) == c.kept && (c.kept || again == nil)
	}
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
