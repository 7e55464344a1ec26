// Package notify sends events to webhooks, as Standard Webhooks 1.0.0 specifies.
//
//	store's event stream ─ dispatcher ─ facts of the group's state ─ claim ─ outbox ─ one task
//	                        (one leader,                              (once)            a receiver
//	                         cursor in Redis)                                             │
//	   delivered ◄── 2xx ── POST, signed ◄── body from the record ◄── webhook:deliver ◄───┘
//	   later     ◄── anything else: the retry table, or Retry-After
//	   failed    ◄── the table is used up: kept in a list, replayed by a person
//	   disabled  ◄── 410
//
// The stream says that a record changed, not what changed: the index may skip a revision. So the dispatcher reads the
// record and finds the facts that were not sent yet (facts). A fact is claimed by its name, and only the claim makes
// the event and its id, together with an entry in the outbox. After a crash the next dispatcher reads the stream again
// from the stored cursor, finds the claims, and continues with the outbox. So every event keeps one id. A receiver can
// get an event twice, but never under two ids.
//
// Bodies with people are not stored. They are rendered from the record when they are sent, so that numbers are stored in
// one place, and a late or repeated delivery has the newest state. The documents of batches and instances contain no
// person and are stored with the event.
package notify
