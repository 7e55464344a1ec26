// Package callback is where the providers' own webhooks come in: POST /hooks/{instance}/{secret}.
//
//	body ─ decode (by the provider) ─ hints ─┬─ people came or went ─ a reading of the group, now
//	                                         ├─ a message's fate ──── the member it was sent to
//	                                         └─ the instance's state ─ a reading of the state, now
//
// A webhook is a hint. It may come twice, late, out of order, not at all, or from a stranger who found
// the address. So a webhook only schedules a reading, and the reading decides. The exception is the fate
// of a message that we sent: no reading shows it, so the webhook is believed. Such a webhook can only end
// an invitation, never send one.
package callback
