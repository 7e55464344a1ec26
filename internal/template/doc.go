// Package template fills in the fields of sentences and messages.
//
// It knows the small part of Go's template language that they need, and reads it by Go's own parser. Go's evaluator is left
// out: it finds methods by their names, for which a program keeps every exported method of every type, ten MB of ours.
package template
