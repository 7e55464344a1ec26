// Package bench measures what rollcall costs, compared with bare asynq on the same machine and the same Redis, with the
// same HTTP calls, one after the other in one run. `rollcall-worker bench` prints the results, and the Go benchmarks use
// the same code.
package bench
