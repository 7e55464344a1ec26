// Package testutil gives tests a Redis: one in memory for logic, a real server for durability, restarts and time, and a
// real cluster for slots.
//
// The real ones need redis-server on PATH. Without it a test is skipped, with a message that says how to install it; with
// REQUIRE_REAL_REDIS=1, as in CI, it fails instead.
package testutil
