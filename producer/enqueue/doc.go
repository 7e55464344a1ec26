// Package enqueue is the one door through which groups come in: the command line, the HTTP API and
// Go programs all use it, so they agree on what is valid, what is the same request, and what an
// accepted request means.
//
// A [Client] works on the go-redis client that a program has already. [Client.Create] asks for one
// group, [Client.CreateBatch] for any number of them; [Client.Get], [Client.GetBatch] and
// [Client.List] read how far they are, [Client.Watch] follows them, [Client.Cancel] takes one back.
// Tests of such a program find a Redis in memory and assertions in the package enqueuetest.
//
// A request is accepted when its record is in the store and its task on the queue. Until Create or
// the callback of CreateBatch says so, nothing was promised; afterwards nothing is lost. Whatever is
// cut in between is made whole by asking again: requests with an IdempotencyKey, and all rows of a
// named batch, are the same request when they come again.
//
// The documents hold telephone numbers in clear, as the asker gave them: they are for its own
// database, and not for a log.
package enqueue
