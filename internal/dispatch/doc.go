// Package dispatch runs the tasks: one leader for the installation lets those of each instance go when
// its pace allows it, and every worker serves whatever is on asynq's queues. It and internal/queue are
// the only rooms that know asynq.
//
//	Dispatcher (one leads)                        Server (every worker)
//	  an instance's turn has come                   asynq delivers
//	  pacer: take the slot, as a grant              claim the permit and the slot
//	  store.Lines: the head of its lines, permit ─► steps.Do
//	  asynq: RunTask                                settle the slot, ring "free"
//
// The leader holds nothing that it cannot read again: lines, permits, slots and the lease by which it
// leads are in Redis. The slot is the permission, not the delivery: a task that comes without a permit,
// because a tool ran it or a worker died, is put back into its line by the step that it needs.
package dispatch
