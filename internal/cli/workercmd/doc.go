// Package workercmd is the program `worker`: run, check, simulate and dev.
//
//	run      ─ configuration ─ Redis ─ app ─ until a signal
//	check    ─ configuration ─ Redis ─ each instance asked, nothing changed
//	simulate ─ world (both providers on loopback)
//	dev      ─ world ─ a configuration for it ─ Redis ─ app ─ a batch ─ report, held against the world
//
// dev is run with its surroundings: it uses the same app, the same door for requests and the same
// documents as everything else, so what it shows is what a real installation does.
package workercmd
