// Package cli is what both programs share on the command line: the outside of the process as one
// value, common flags and where their values come from, documents and tables on stdout, talk and
// progress on stderr, errors with their exit codes, help that ends in examples.
//
//	main ─ cli.OS() ─ Run ─ cobra command ─ Session ─┬─ Settings, Connect   where to work
//	                                                 ├─ Print               data, to stdout
//	                                                 └─ Say, Warn, Progress talk, to stderr
//
// The voice: messages are sentences without a capital and a full stop, the program's name before
// them. What is wrong comes first, where it is second, how to mend it last, after a semicolon.
package cli
