package store

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// A search finds a person's groups in lists, the buckets, which keep an entry small and let a file's many people share
// few commands. The number of buckets follows the number of people, so that buckets are neither nearly empty nor too
// long to be read as a whole: each layer has four times as many as the one before. New entries go into the layer that
// fits now; a search reads all layers.
//
// After a lost answer an entry may stand twice in a list. A reader takes it once, and a removal takes out both.
const (
	firstLayer = 0 // 2^0 buckets
	lastLayer  = 18
	fill       = 1024 // how many entries a bucket may have on average
)

// layerFor returns the layer for an installation of so many people.
func layerFor(people int64) int {
	layer := firstLayer
	for layer < lastLayer && people > fill<<layer {
		layer += 2
	}
	return layer
}

// hashers returns a pool of keyed hashes: making one costs more than using it.
func hashers(secret []byte) *sync.Pool {
	return &sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}
}

// person returns the keyed hash of a person's folded number or LID. An index in Redis never holds the number.
func (c *core) person(key string) []byte { return c.appendPerson(nil, key) }

func (c *core) appendPerson(to []byte, key string) []byte {
	pool := c.hashers.Load()
	mac := pool.Get().(hash.Hash)
	defer pool.Put(mac)
	mac.Reset()
	mac.Write([]byte(key))
	return mac.Sum(to)
}

// A layer has a person's groups in one bucket. An entry is the person's head and the group's short id.

func bucketOf(sum []byte, layer int) uint64 {
	return (uint64(sum[0])<<16 | uint64(sum[1])<<8 | uint64(sum[2])) >> (24 - layer)
}

func bucketKey(bucket uint64, layer int) string {
	return prefix + "who:" + strconv.Itoa(layer) + ":" + strconv.FormatUint(bucket, 36)
}

func headOf(sum []byte) []byte { return sum[3:9] }

// personKeys returns the folded numbers and the LIDs of a group's people.
func personKeys(g *group.Group) []string {
	keys := make([]string, 0, len(g.Members))
	for i := range g.Members {
		keys = append(keys, g.Members[i].Identity().Keys()...)
	}
	return keys
}

// indexPeople queues the entries by which groups are found by their people, one command for each bucket.
func (ix *Index) indexPeople(ctx context.Context, p redis.Pipeliner, entries []*Entry) {
	more := 0
	for _, e := range entries {
		more += len(e.Group.Members)
	}
	layer := layerFor(ix.persons.Load() + int64(more))
	type place struct {
		bucket uint64
		entry  string
	}
	places := make([]place, 0, more)
	for _, e := range entries {
		id := shortID(e.Group.ID)
		for _, sums := range ix.hashed(e) {
			for _, sum := range sums {
				places = append(places, place{bucketOf(sum, layer), string(headOf(sum)) + id})
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.bucket, b.bucket) })
	values := make([]any, len(places))
	for i := range places {
		values[i] = &places[i].entry // a pointer, to save a copy
	}
	for from := 0; from < len(places); {
		to := from + 1
		for to < len(places) && places[to].bucket == places[from].bucket {
			to++
		}
		p.RPush(ctx, bucketKey(places[from].bucket, layer), values[from:to]...)
		from = to
	}
}

// forgetPeople queues the removal of a group's entries from all layers.
func (ix *Index) forgetPeople(ctx context.Context, p redis.Pipeliner, g *group.Group) {
	id := shortID(g.ID)
	for _, key := range personKeys(g) {
		sum := ix.person(key)
		for layer := firstLayer; layer <= lastLayer; layer += 2 {
			p.LRem(ctx, bucketKey(bucketOf(sum, layer), layer), 0, string(headOf(sum))+id)
		}
	}
}

// idsOfHashed reads the short ids of a person's groups by the keyed hash.
func (ix *Index) idsOfHashed(ctx context.Context, sum []byte) ([]string, error) {
	var keys []string
	buckets, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for layer := firstLayer; layer <= lastLayer; layer += 2 {
			key := bucketKey(bucketOf(sum, layer), layer)
			keys = append(keys, key)
			p.LRange(ctx, key, 0, -1)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up groups: %w", err)
	}
	head := string(headOf(sum))
	var ids []string
	for n, bucket := range buckets {
		ix.listRead(ctx, keys[n], bucket)
		for _, entry := range bucket.(*redis.StringSliceCmd).Val() {
			if id, ok := strings.CutPrefix(entry, head); ok {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// PersonToken returns a token for a person that can stand in a URL: it leads to the person's groups, and
// never back to the number.
func (ix *Index) PersonToken(who phone.Identity) string {
	keys := who.Keys()
	if len(keys) == 0 {
		return ""
	}
	return hex.EncodeToString(ix.person(keys[0])[:tokenBytes])
}

// HasToken reports whether a token leads to a person.
func (ix *Index) HasToken(who phone.Identity, token string) bool {
	for _, key := range who.Keys() {
		if hex.EncodeToString(ix.person(key)[:tokenBytes]) == token {
			return true
		}
	}
	return false
}

// tokenBytes is how much of the keyed hash leads to a person's groups.
const tokenBytes = 16

func (ix *Index) idsOfToken(ctx context.Context, token string) ([]string, error) {
	sum, err := hex.DecodeString(token)
	if err != nil || len(sum) != tokenBytes {
		return nil, nil //nolint:nilerr // an unknown token finds no groups
	}
	return ix.idsOfHashed(ctx, sum)
}

// countPeople queues a count of the people in the index, which decides the layer of the next ones.
func countPeople(ctx context.Context, p redis.Pipeliner) *redis.SliceCmd {
	fields := make([]string, len(group.MemberStatuses))
	for i := range fields {
		fields[i] = "m" + strconv.Itoa(i)
	}
	return p.HMGet(ctx, index+"n", fields...)
}

func (ix *Index) counted(answer *redis.SliceCmd) {
	people := int64(0)
	for _, v := range answer.Val() {
		text, _ := v.(string)
		n, _ := strconv.ParseInt(text, 10, 64)
		people += n
	}
	ix.persons.Store(people)
}
