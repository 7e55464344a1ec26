package store

import (
	"context"
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

//go:embed field_swap.lua
var fieldSwapSource string

var fieldSwapScript = redis.NewScript(fieldSwapSource)

// swapField sets a field of a hash that holds held, "" for nothing, and reports whether it did. If the key holds
// another type, it begins a new hash.
func (c *core) swapField(ctx context.Context, key, field, held, value string) (done bool, err error) {
	err = c.mending(ctx, []string{key}, func() (err error) {
		done, err = fieldSwapScript.Run(ctx, c.rdb, []string{key}, field, held, value).Bool()
		return err
	})
	return done, err
}
