#!/usr/bin/env bash
# asynq 0.26: GetQueueInfo is the only inspection of a missing queue whose error matches no exported error value.
#
# Expected: Inspector.GetQueueInfo of an unknown queue fails with an error that Is asynq.ErrQueueNotFound, as
#           GetTaskInfo, RunTask, DeleteTask and the lists do.
# Seen:     its error says "NOT_FOUND: queue … does not exist" and matches none of asynq's exported errors, because
#           the internal package's error is returned unchanged. A tool that asks for the counts of a queue that has
#           never been used must list the queues first, or match the text.
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

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
)

func main() {
	server, err := miniredis.Run()
	if err != nil {
		panic(err)
	}
	defer server.Close()
	inspector := asynq.NewInspector(asynq.RedisClientOpt{Addr: server.Addr()})
	_, task := inspector.GetTaskInfo("groups", "t1")
	_, list := inspector.ListPendingTasks("groups")
	_, queue := inspector.GetQueueInfo("groups")
	as := true
	for _, one := range []struct {
		name string
		err  error
		is   bool
	}{
		{"GetTaskInfo", task, true}, {"RunTask", inspector.RunTask("groups", "t1"), true},
		{"DeleteTask", inspector.DeleteTask("groups", "t1"), true}, {"ListPendingTasks", list, true},
		{"GetQueueInfo", queue, false},
	} {
		is := errors.Is(one.err, asynq.ErrQueueNotFound)
		fmt.Printf("%-17s errors.Is(err, ErrQueueNotFound) = %-5t %v\n", one.name, is, one.err)
		as = as && is == one.is && one.err != nil
	}
	if !as {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/hibiken/asynq@v0.26.0 github.com/alicebob/miniredis/v2@v2.40.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
echo "$(go version), asynq v0.26.0"
go run .
