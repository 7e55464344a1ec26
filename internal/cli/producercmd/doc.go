// Package producercmd is the program rollcall-producer: one file a command, each a constructor that
// reads flags into options and a run function that does the work. Nothing here decides: intake and
// enqueue say what a row is, status why something waits, control what a person may do.
package producercmd
