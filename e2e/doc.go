// Package e2e tests rollcall from the outside: real programs built from this tree, a real redis-server, and simulated
// providers, which share no code with rollcall's clients. The tests use only what a user can see: commands, files,
// documents and exit codes. Only the checker (e2e/check) and the measurement of pauses read the store.
//
// It is a separate module, so that its requirements are not the product's, and `go test ./...` in the root does not run
// it. `make e2e` does. Every test prints its seed and figures.
//
//	stage_test.go     the stage: binaries, Redis, configuration
//	provider_test.go  the simulated providers: their people, faults and ledger
//	process_test.go   rollcall's processes and their logs
//	document_test.go  the documents of rollcall, decoded into the tests' own types
//	judge_test.go     compares the documents with the simulator's ledger
//	examine_test.go   lets the checker compare both stores
//	chaos_test.go     processes that are killed again and again; pause_test.go measures the delays
//	mutants_test.go   deliberate faults, which the checker must catch
package e2e
