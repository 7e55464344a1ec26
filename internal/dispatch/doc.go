// Package dispatch runs the tasks. One leader for the installation dispatches the tasks of each instance when
// its pace allows it, and every worker serves asynq's queues. Only this package and internal/queue know asynq.
//
//	Dispatcher (one leads)                        Server (every worker)
//	  an instance's turn has come                   asynq delivers
//	  pacer: take the slot, as a grant              claim the permit and the slot
//	  store.Lines: the head of its lines, permit ─► steps.Do
//	  asynq: RunTask                                end the slot, ring "free"
//
// The leader's state is all in Redis: lines, permits, slots and the leader's lease. A delivery alone does not
// allow a call; the slot does. If a task arrives without a permit, because a tool ran it or a worker died, the
// step puts it back into its line.
package dispatch
