// Package store is the truth in Redis, by families of keys, each a type of its own: Records (one a
// group), Index (lists, counts and batches over them), People (suppression, checks, who is who), Presence
// (workers and instances), Outbox (events and what receivers are told) and Trail (audit, sessions, jobs).
// Store holds them, knows the installation's age and what in Redis cannot be read.
//
// A record is one string, written only by compare-and-set on its revision (swap.lua), so the pure
// functions of package group decide everything and no two writers can interleave:
//
//	load (GET + TIME) ─ group.Begin, Created, CallRoll … ─ swap.lua ─┬─ written ─ index.lua
//	      ▲                                                          │
//	      └───────────────────── another write was quicker ──────────┘
//
// All keys of a record share the hash tag of the group's id; the index has one slot of its own. No
// script touches two slots, so everything runs on Redis Cluster. The index is a projection: it
// takes a group's state only if its revision is newer than what it holds, so applying it twice, late
// or out of order changes nothing, and the sweeper repairs what a crash left out.
package store
