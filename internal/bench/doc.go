// Package bench measures what rollcall costs beside bare asynq: the same machine, the same Redis, the
// same HTTP calls, one after the other in one run. `rollcall-worker bench` prints it, and the Go benchmarks
// use the same code.
package bench
