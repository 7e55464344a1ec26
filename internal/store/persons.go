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

// Groups are found by a person in lists, the buckets: an entry costs 24 bytes there, and a file's many people share
// few commands. The number of buckets follows the number of people, so that buckets are neither nearly empty nor too
// long to be read as a whole: each layer has four times as many as the one before. New entries go into the layer that
// fits now; a search asks all.
//
// After a lost answer an entry may stand twice in a list. A reader takes it once, and a removal takes out both. A
// person who is in a hundred thousand groups has a long list: finding them takes three hundredths of a second more.
const (
	firstLayer = 0 // 2^0 buckets
	lastLayer  = 18
	fill       = 1024 // entries a bucket, on average, at most
)

// layerFor is the layer for an installation of so many people.
func layerFor(people int64) int {
	layer := firstLayer
	for layer < lastLayer && people > fill<<layer {
		layer += 2
	}
	return layer
}

// hashers are keyed hashes that wait for their next person: making one costs more than using it.
func hashers(secret []byte) *sync.Pool {
	return &sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}
}

// person is the keyed hash of one way of recognising a person: a folded number or a LID. Redis
// never sees the number in an index.
func (c *core) person(key string) []byte { return c.appendPerson(nil, key) }

func (c *core) appendPerson(to []byte, key string) []byte {
	pool := c.hashers.Load()
	mac := pool.Get().(hash.Hash)
	defer pool.Put(mac)
	mac.Reset()
	mac.Write([]byte(key))
	return mac.Sum(to)
}

// A layer has the groups of a person in one bucket, where their short ids follow a head.

func bucketOf(sum []byte, layer int) uint64 {
	return (uint64(sum[0])<<16 | uint64(sum[1])<<8 | uint64(sum[2])) >> (24 - layer)
}

func bucketKey(bucket uint64, layer int) string {
	return prefix + "who:" + strconv.Itoa(layer) + ":" + strconv.FormatUint(bucket, 36)
}

func headOf(sum []byte) []byte { return sum[3:9] }

// personKeys are all ways by which a group's people are recognised.
func personKeys(g *group.Group) []string {
	keys := make([]string, 0, len(g.Members))
	for i := range g.Members {
		keys = append(keys, g.Members[i].Identity().Keys()...)
	}
	return keys
}

// indexPeople lets groups be found by their people. Entries of one bucket travel together.
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
		values[i] = &places[i].entry // a pointer is not copied once more
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

// forgetPeople takes a group out again, whichever layer it went into.
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
			if id, hers := strings.CutPrefix(entry, head); hers {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// PersonToken is a word for a person that can stand in an address: it leads to the groups of whom
// the installation knows, and back to no number.
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

// countPeople asks how many people the index has, for the layer of the next ones.
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
