// Package steps is what each task does: create, verify, roll call, invite. It knows the group, the
// store, the providers and the pace; it knows nothing of asynq.
//
// Every step is a method of the delivery that it serves, and follows one order: load the record,
// prepare, write the intent, call, commit the outcome, enqueue what comes next (Next), return. Whatever
// is cut, the next delivery repeats only what is repeatable.
package steps
