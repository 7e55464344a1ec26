// Package view composes the documents that the API, the page and the command line show. The store knows the state
// of a group, the pacer when an instance may call, the queues how many tasks wait; only together do they say what
// a group waits for, and until when.
//
//	store  ─┐
//	pacer  ─┼─ snapshot (one moment, read once) ─┬─ wait      a phrase and a time for each group
//	queues ─┘                                 └─ forecast  who creates what when
//
// Reading (Reader) is apart from judging (snapshot), which is pure: no Redis, no clock.
package view
