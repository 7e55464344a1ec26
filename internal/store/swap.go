package store

import (
	"context"
	_ "embed"
	"time"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed swap.lua
	swapSource string
	//go:embed swap_field.lua
	swapFieldSource string

	// swapScript changes a key if it holds what the caller expects; the functions below make its arguments.
	swapScript      = redis.NewScript(swapSource)
	swapFieldScript = redis.NewScript(swapFieldSource)
)

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

// swapField sets a field of a hash that holds held, "" for nothing, and reports whether it did. Many processes write
// the other fields of such a hash at the same time, so a transaction that watches its key would begin again for each.
func (c *core) swapField(ctx context.Context, key, field, held, value string) (done bool, err error) {
	n, err := swapFieldScript.Run(ctx, c.rdb, []string{key}, field, held, value).Int()
	return n == 1, err
}
