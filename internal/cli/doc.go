// Package cli is what both programs share on the command line: the process's arguments, streams and
// signals as one value (IO), common flags and where their values come from, documents and tables on
// stdout, talk and progress on stderr, errors with their exit codes, help that ends in examples.
//
//	main ─ cli.OS() ─ Run ─ cobra command ─ Session ─┬─ Settings, Connect   where to work
//	                                                 ├─ Print               data, to stdout
//	                                                 └─ Say, Warn, Progress talk, to stderr
//
// Messages are sentences without a capital and a full stop, after the program's name: first what is wrong,
// then where, then, after a semicolon, what to do.
package cli
