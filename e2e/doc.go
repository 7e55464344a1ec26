// Package e2e proves rollcall from the outside: real programs built from this tree, a real redis-server, and
// the simulated providers, which share no code with rollcall's clients. What the tests know of rollcall is what
// a user can know: the commands, files, documents and exit codes. Only the checker (e2e/check) and the
// measurement of pauses read the store itself.
//
// It is a module of its own: what only these tests need stays out of the product's requirements, and
// `go test ./...` in the root does not run them. `make e2e` does. Every test prints its seed and figures.
//
//	stage_test.go     the stage: binaries, Redis, configuration
//	provider_test.go  the simulated providers: their people, troubles and ledger
//	process_test.go   rollcall's processes and their logs
//	document_test.go  the documents of rollcall, read with types of the tests' own
//	judge_test.go     compares the documents with the simulator's ledger
//	examine_test.go   lets the checker compare both stores
//	chaos_test.go     processes that die all the time; pause_test.go measures what that costs
//	mutants_test.go   deliberate faults, which the checker must catch
package e2e
