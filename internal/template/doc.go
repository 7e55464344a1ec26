// Package template fills in the fields of sentences and messages.
//
// It supports the small part of Go's template language that they need, with Go's own parser. It does not use Go's
// evaluator, which finds methods by name: the linker would then keep every exported method of every type.
package template
