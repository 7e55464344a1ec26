package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/redis/go-redis/v9"
	"golang.org/x/text/unicode/norm"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// Groups are found by what their name, or one of its words, begins with. As with people, many
// small sorted sets take a third of what one large set would: a name's first two bytes and the id's
// last byte of its milliseconds say in which of them it is, and a search reads all parts. Names that
// arrive together so share a command.
const (
	nameBytes   = 24 // how much of a name is compared
	nameShards  = 256
	mostByNames = 10_240 // how many entries one search reads at most
	leastTyped  = 2      // bytes of a name that can be searched for
)

func wordKey(folded string, shard int) string {
	return prefix + "nm:" + strconv.FormatInt(int64(shard), 16) + ":" + (folded + "\x00\x00")[:leastTyped]
}

// nameEntry is a member of one of the sets.
type nameEntry struct{ key, member string }

// nameEntries lead to a group by its name.
func nameEntries(g *group.Group) []nameEntry {
	words := strings.Fields(foldName(g.Name))
	id := shortID(g.ID)
	var entries []nameEntry
	for i := range words {
		folded := cutName(strings.Join(words[i:], " "))
		entries = append(entries, nameEntry{wordKey(folded, int(id[5])), folded + "\x00" + id})
	}
	return entries
}

// indexNames puts groups into the index by name, with one command a set.
func (ix *Index) indexNames(ctx context.Context, p redis.Pipeliner, groups []*group.Group) {
	sets := make(map[string][]redis.Z)
	for _, g := range groups {
		for _, e := range nameEntries(g) {
			sets[e.key] = append(sets[e.key], redis.Z{Member: e.member})
		}
	}
	for key, members := range sets {
		p.ZAdd(ctx, key, members...)
	}
}

func (ix *Index) forgetName(ctx context.Context, p redis.Pipeliner, g *group.Group) {
	for _, e := range nameEntries(g) {
		p.ZRem(ctx, e.key, e.member)
	}
}

// NameHas reports whether a name, or one of its words, begins with what a person typed.
func NameHas(name, typed string) bool {
	typed = foldName(typed)
	return len(typed) >= leastTyped && strings.Contains(" "+foldName(name), " "+typed)
}

// foldName is a name as people type it: small letters, no accents, one space between words.
func foldName(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsNumber(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func cutName(folded string) string { return folded[:min(len(folded), nameBytes)] }

// idsByName reads the short ids of groups whose name, or one of its words, begins so. Of very many
// it reads some.
func (ix *Index) idsByName(ctx context.Context, begin string) ([]string, error) {
	folded := cutName(foldName(begin))
	if len(folded) < leastTyped {
		return nil, nil
	}
	var found [nameShards]*redis.StringSliceCmd
	if _, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for shard := range found {
			found[shard] = p.ZRangeArgs(ctx, redis.ZRangeArgs{
				Key: wordKey(folded, shard), Start: "[" + folded, Stop: "[" + folded + "\xff", ByLex: true, Count: mostByNames / nameShards,
			})
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("look up groups by name: %w", err)
	}
	var ids []string
	for n, shard := range found {
		ix.listRead(ctx, wordKey(folded, n), shard)
		for _, entry := range shard.Val() {
			_, id, _ := strings.Cut(entry, "\x00")
			ids = append(ids, id)
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
