// Package steps carries out the tasks: create, verify, roll call, invite. It knows the group, the store, the
// providers and the pace; it knows nothing of asynq.
//
// Every step is a method of the delivery that it serves, and follows one order: load the record, prepare, write the
// intent, call, commit the outcome, enqueue what comes next (Next), return. After a crash at any point, the next
// delivery repeats only what may be repeated.
package steps
