// Package queue puts our tasks onto asynq and reads asynq's queues. Producers, steps, the sweeper
// and the dispatcher share it; together with internal/dispatch it is the only room that knows asynq, by
// its Client, Server and Inspector alone.
//
// There are two queues. A task that needs the pace of an instance stands in a line of the store and is
// scheduled for a far day on one; the dispatcher lets it go. All others are on the other one.
//
//	q := queue.New(rdb, st.Lines)
//	err := q.Put(ctx, tasks.Create(id, 0, target, tasks.Normal))
//
// A task is identified by its TaskID and by nothing else: putting it twice is putting it once.
// asynq's Unique is never used, because together with a TaskID it leaks its lock
// (asynq internal/rdb/rdb.go:157-171 takes the lock before it looks at the id).
package queue
