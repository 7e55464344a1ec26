// Package queue puts tasks onto asynq's queues and reads these queues. Producers, steps, the sweeper and the dispatcher
// share it. Only this package, internal/dispatch and internal/bench import asynq, of which they
// use the Client, the Server and the Inspector.
//
// There are two queues. A task that makes a paced call waits in a line of the store; meanwhile it is scheduled on
// tasks.CallQueue for a day in the far future, and the dispatcher runs it when its turn comes. All other tasks are on
// tasks.ReadQueue.
//
//	q := queue.New(rdb, st.Lines)
//	err := q.Put(ctx, tasks.Create(id, 0, target, tasks.Normal))
//
// Only the TaskID identifies a task: putting it twice is the same as putting it once.
// asynq's Unique is never used, because together with a TaskID it leaks its lock
// (asynq internal/rdb/rdb.go:157-171 takes the lock before it looks at the id).
package queue
