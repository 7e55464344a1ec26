// Package store reads and writes all state in Redis, with a type for each family of keys: Records (one
// for each group), Index (their lists, counts and batches), People (suppression, checks, addresses), Presence
// (workers and instances), Outbox (events and notices to receivers) and Trail (audit, sessions, jobs).
// Store holds them, the state of the installation, and the list of what cannot be read.
//
// A record is one string, written only by compare-and-set on its revision (swap.lua), so the pure
// functions of package group decide everything and no two writers can interleave:
//
//	load (GET + TIME) ─ group.Begin, Created, CallRoll … ─ swap.lua ─┬─ written ─ index.lua
//	      ▲                                                          │
//	      └───────────────────── another write came first ───────────┘
//
// All keys of a record share the hash tag of the group's id; the index has one slot of its own. No
// script touches two slots, so everything runs on Redis Cluster. The index is a projection: it
// takes a group's state only if its revision is newer than what it holds, so applying it twice, late
// or out of order does no harm, and the sweeper repairs what a crash left out.
package store
