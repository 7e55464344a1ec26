package store

import (
	_ "embed"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed swap.lua
var swapSource string

// swapScript changes a key if it holds what the caller expects; the functions below make its arguments.
var swapScript = redis.NewScript(swapSource)

// match is how much of a key's value a swap compares.
type match string

const (
	whole match = "whole"
	head  match = "head" // its beginning
)

// setIf sets a key that holds held to value, with life as its lifetime; 0 keeps the old one.
func setIf(m match, held, value string, life time.Duration) []any {
	return []any{string(m), held, "set", value, life.Milliseconds()}
}

// deleteIf deletes a key that holds held.
func deleteIf(m match, held string) []any { return []any{string(m), held, "delete"} }

// persistIf removes the lifetime of a key that holds exactly held.
func persistIf(held string) []any { return []any{string(whole), held, "persist"} }
