// Package notify tells the outside what happened, as Standard Webhooks 1.0.0 says.
//
//	store's event stream ─ dispatcher ─ facts of the group's state ─ claim ─ outbox ─ one task
//	                        (one leader,                              (once)            a receiver
//	                         cursor in Redis)                                             │
//	   delivered ◄── 2xx ── POST, signed ◄── body from the record ◄── webhook:deliver ◄───┘
//	   later     ◄── anything else: the retry table, or Retry-After
//	   failed    ◄── the table is used up: kept in a list, replayed by a person
//	   disabled  ◄── 410
//
// The stream says that something moved, not what: the index may skip a revision. So the dispatcher looks at the
// record for facts that hold and were not told yet (facts). A fact is claimed by its name, and only the claim makes
// the event and its id, together with a place in the outbox. After a crash the next dispatcher reads the stream from
// the stored cursor again, finds the claims, and goes on with what is left in the outbox. So every event has one id
// for ever. A receiver can get it twice, but never under two ids.
//
// No body is stored. What a group or a member looked like is rendered from the store's record when
// it is sent, so people's numbers are at rest in one place, and a late or repeated delivery brings
// the newest state instead of overwriting it by an old one. The documents of batches and instances
// hold no person and are kept with the event as they were.
package notify
