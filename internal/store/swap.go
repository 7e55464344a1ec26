package store

import (
	_ "embed"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed swap.lua
var swapSource string

// swapScript changes a key if it holds what the caller believes; the functions below make its arguments.
var swapScript = redis.NewScript(swapSource)

// match is how much of a key a swap compares.
type match string

const (
	whole match = "whole"
	head  match = "head" // its beginning
)

// setIf sets a key that holds something to a value, for a life, or with zero for as long as before.
func setIf(m match, held, value string, life time.Duration) []any {
	return []any{string(m), held, "set", value, life.Milliseconds()}
}

// deleteIf deletes a key that holds something.
func deleteIf(m match, held string) []any { return []any{string(m), held, "delete"} }

// persistIf lets a key live without an end that holds exactly something.
func persistIf(held string) []any { return []any{string(whole), held, "persist"} }
