// Package producercmd is the program rollcall-producer: one file a command, each a constructor that
// reads flags into options and a run function that does the work. The rules are elsewhere: intake and
// enqueue decide what a row is, view why something waits, operate what a person may do.
package producercmd
