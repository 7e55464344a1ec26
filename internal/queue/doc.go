// Package queue puts our tasks onto asynq and reads asynq's queues. Producers, steps, the sweeper
// and the lanes share it; together with internal/lane it is the only room that knows asynq.
//
//	q := queue.New(rdb)
//	err := q.Put(ctx, tasks.Create(id, 0, target, tasks.Normal))
//
// A task is identified by its TaskID and by nothing else: putting it twice is putting it once.
// asynq's Unique is never used, because together with a TaskID it leaks its lock
// (asynq internal/rdb/rdb.go:157-171 takes the lock before it looks at the id).
package queue
