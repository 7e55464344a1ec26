// Package group is the domain: one WhatsApp group that a client requested, its people, and the only
// functions that change their status. It is pure: no Redis, no asynq, no HTTP, no clock.
//
//	            ┌──────────── notSent, limited ───────────┐
//	            ▼                                         │
//	accept ─ queued ── Begin ── creating ──┬── Created ── inviting ── settle ── done
//	            ▲                          ├── Refused ── failed
//	            │                          └── Unknown ── verifying ──┬── Adopt ──── inviting
//	            └───────────────── Absent (a new round) ──────────────┤
//	                                                                  └── Doubtful ─ review
//
// A Group is a value that a caller loaded. The store writes it back only if no other caller did in
// between (compare and set on Rev), so every method here may be called again on a fresher copy.
// A transition that the group's status does not allow returns ErrState and changes nothing. So a
// late worker loads the group, finds that its status has changed, and stops.
//
// The journal is part of the record. An Attempt without an outcome is the intent of a create: a
// worker wrote it down before it called. Member.Invite is the same for one person's invitation.
package group
