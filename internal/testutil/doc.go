// Package testutil lends tests a Redis: one in memory for logic, a real server for everything
// about durability, restarts and time, and a real cluster for everything about slots.
//
// The real ones need redis-server on PATH. A test that cannot have one says loudly how to install
// it and is skipped; with REQUIRE_REAL_REDIS=1, as in CI, it fails instead.
package testutil
