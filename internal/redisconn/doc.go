// Package redisconn opens our one go-redis client and knows everything about the Redis behind it:
// how its address is written, how an embedded one is started, what makes it unfit to hold work,
// and what its errors mean in plain words.
//
//	conn, err := redisconn.Open(ctx, cfg.Redis.URL.Reveal(), redisconn.WithLogger(log))
//	...
//	report, err := conn.Check(ctx)
//
// asynq gets this client, never a RedisClientOpt: a client that asynq makes itself has maintenance
// notifications on.
package redisconn
