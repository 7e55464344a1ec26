// Package queue puts tasks onto asynq's queues and reads these queues. Producers, steps, the sweeper and the dispatcher
// share it. Only this package and internal/dispatch know asynq, and only by its Client, Server and Inspector.
//
// There are two queues. A task that needs the pace of an instance waits in a line of the store and is scheduled on one
// queue for a day in the far future, until the dispatcher runs it. All other tasks are on the other queue.
//
//	q := queue.New(rdb, st.Lines)
//	err := q.Put(ctx, tasks.Create(id, 0, target, tasks.Normal))
//
// Only the TaskID identifies a task: putting it twice is the same as putting it once.
// asynq's Unique is never used, because together with a TaskID it leaks its lock
// (asynq internal/rdb/rdb.go:157-171 takes the lock before it looks at the id).
package queue
