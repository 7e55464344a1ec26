// Package workercmd is the program rollcall-worker: run, check, simulate, dev and bench.
//
//	run      ─ configuration ─ Redis ─ app ─ until a signal
//	check    ─ configuration ─ Redis ─ each instance asked, nothing changed
//	simulate ─ world (all providers on loopback)
//	dev      ─ world ─ a configuration for it ─ Redis ─ app ─ a batch ─ report, compared with the world
//
// dev is run with all that a worker needs: it uses the same app, takes requests in the same way and shows the same
// documents, so it behaves as a real installation does.
package workercmd
