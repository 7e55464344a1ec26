// Package steps carries out the tasks: create, verify, roll call, invite and others. It uses the group, the store, the
// providers and the pace, and not asynq.
//
// Every step is a method of delivery and follows one order: load the record, prepare, write the
// intent, call, commit the outcome, enqueue what comes next (Next), return. After a crash at any point, the next
// delivery repeats only what may be repeated.
package steps
