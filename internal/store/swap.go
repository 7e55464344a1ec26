package store

import (
	"context"
	_ "embed"
	"errors"
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

// swapField sets a field of a hash that holds held, "" for nothing, and reports whether it did.
func (c *core) swapField(ctx context.Context, key, field, held, value string) (done bool, err error) {
	err = c.transact(ctx, key, func(tx *redis.Tx) error {
		is, err := tx.HGet(ctx, key, field).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		if done = is == held; !done {
			return nil
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.HSet(ctx, key, field, value).Err() })
		return err
	})
	return done, err
}
