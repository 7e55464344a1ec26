// Package enqueue accepts groups. The command line, the HTTP API and Go programs all use it, so they agree
// on what is valid, what is the same request, and what an accepted request means.
//
// A [Client] uses the program's own go-redis client. [Client.Create] requests one group,
// [Client.CreateBatch] any number of them. [Client.Get], [Client.GetBatch] and [Client.List] read their
// state, [Client.Watch] follows them, and [Client.Cancel] cancels one. The package enqueuetest has an
// in-memory Redis and assertions for tests.
//
// A request is accepted when its record is in the store and its task on the queue. Until Create
// returns or CreateBatch calls its callback, nothing is guaranteed; afterwards nothing is lost. If a call is
// interrupted, repeat it: a request with an IdempotencyKey, and any row of a named batch, stays the same
// request.
//
// Documents hold telephone numbers in clear. Store them in your own database, but do not log them.
package enqueue
