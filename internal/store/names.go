package store

import (
	"context"
	"crypto/sha1" //nolint:gosec // it names a key, and Lua scripts offer it
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/redis/go-redis/v9"
	"golang.org/x/text/unicode/norm"

	"github.com/rollcallhq/rollcall/internal/group"
)

// A search finds groups by the beginning of their name or of one of its words. The entries, a text and a short id each,
// are one sorted list, cut into blocks of at most 128 entries (names.lua): Redis stores a block as a listpack, and a
// search reads as many blocks as its entries fill, whatever the number of groups.
const (
	nameBytes     = 24              // how much of a name is compared
	wordsKey      = prefix + "{nm}" // the first entry of each block
	wordsBlock    = wordsKey + ":"  // begins the key of a block
	wordsTogether = 500             // entries one run of the script takes: Redis does nothing else meanwhile
	nameBlocks    = 100             // how many blocks a stretch of a search reads at most
)

var (
	//go:embed names.lua
	namesSource string

	namesScript = redis.NewScript(countersSource + namesSource)
)

// blockKey returns the key of the block that begins with an entry.
func blockKey(first string) string {
	sum := sha1.Sum([]byte(first)) //nolint:gosec // it names a key, and scripts have it
	return wordsBlock + hex.EncodeToString(sum[:8])
}

// nameEntries returns the entries that lead to a group by its name: one for each word, with the words after it.
func nameEntries(g *group.Group) []string {
	words := strings.Fields(foldName(g.Name))
	entries := make([]string, len(words))
	for i := range words {
		entries[i] = cutName(strings.Join(words[i:], " ")) + "\x00" + shortID(g.ID)
	}
	return entries
}

// queueNames queues the writes that put groups into the index by name.
func queueNames(ctx context.Context, p redis.Pipeliner, groups ...*group.Group) []*redis.Cmd {
	var entries []string
	for _, g := range groups {
		entries = append(entries, nameEntries(g)...)
	}
	return queueEntries(ctx, p, "in", entries)
}

// queueEntries queues the writes that put entries "in", or take them "out".
func queueEntries(ctx context.Context, p redis.Pipeliner, where string, entries []string) []*redis.Cmd {
	slices.Sort(entries)
	var cmds []*redis.Cmd
	for some := range slices.Chunk(entries, wordsTogether) {
		args := append(make([]any, 0, 2+len(some)), wordsBlock, where)
		cmds = append(cmds, namesScript.EvalSha(ctx, p, []string{wordsKey}, append(args, asAny(some)...)...))
	}
	return cmds
}

// NameHas reports whether a name, or one of its words, begins with what a person typed.
func NameHas(name, typed string) bool {
	typed = foldName(typed)
	return typed != "" && strings.Contains(" "+foldName(name), " "+typed)
}

// foldName returns a name as people type it: small letters, no accents, one space between words.
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

// A search by name reads its entries in stretches of at most nameBlocks blocks, and lists the groups of each stretch in
// the filter's order. A group that matches with several of its words is listed only for the first of them.

// position is how far a search by name has come: from is the entry with which the current stretch begins, and last is
// the last group listed from that stretch, "" before the first.
type position struct{ from, last string }

func (p position) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.last + "\x00" + p.from))
}

// folded returns what the entries of a search by name begin with, or "" if no letter and no digit was typed.
func (f Filter) folded() string { return cutName(foldName(f.Name)) }

// position reads a position; "" is the beginning.
func (f Filter) position(cursor string) (position, error) {
	if cursor == "" {
		return position{from: f.folded()}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	last, from, ok := strings.Cut(string(text), "\x00")
	if err != nil || !ok || from == "" || !strings.HasPrefix(from, f.folded()) || last != "" && !strings.HasPrefix(last, group.IDPrefix) {
		return position{}, ErrCursor
	}
	return position{from, last}, nil
}

// foundFrom reports whether a search by name finds the group only at or after the entry from, so that no earlier
// stretch lists it. It is always true if from is "" or the record is unreadable.
func (f Filter) foundFrom(from string, g *group.Group) bool {
	if from == "" || g.Status == group.Unreadable {
		return true
	}
	folded := f.folded()
	entries := slices.DeleteFunc(nameEntries(g), func(entry string) bool { return !strings.HasPrefix(entry, folded) })
	return len(entries) > 0 && slices.Min(entries) >= from
}

// stretch reads the short ids after a position, in the filter's order, and where the next stretch begins: "" after the
// last one.
func (ix *Index) stretch(ctx context.Context, f Filter, at position) (ids []string, next string, err error) {
	if at.from == "" {
		return nil, "", nil
	}
	last := "[" + f.folded() + "\xff"
	var before, within *redis.StringSliceCmd
	if _, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		before = p.ZRangeArgs(ctx, redis.ZRangeArgs{Key: wordsKey, Start: "[" + at.from, Stop: "-", ByLex: true, Rev: true, Count: 1})
		within = p.ZRangeArgs(ctx, redis.ZRangeArgs{Key: wordsKey, Start: "(" + at.from, Stop: last, ByLex: true, Count: nameBlocks})
		return nil
	}); err != nil {
		return nil, "", fmt.Errorf("look up groups by name: %w", err)
	}
	blocks := append([]string{""}, within.Val()...)
	copy(blocks, before.Val())
	if len(blocks) > nameBlocks {
		next, blocks = blocks[nameBlocks], blocks[:nameBlocks]
		last = "(" + next
	}
	read, err := ix.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, first := range blocks {
			p.ZRangeArgs(ctx, redis.ZRangeArgs{Key: blockKey(first), Start: "[" + at.from, Stop: last, ByLex: true})
		}
		return nil
	})
	if err != nil {
		return nil, "", fmt.Errorf("look up groups by name: %w", err)
	}
	for _, block := range read {
		for _, entry := range block.(*redis.StringSliceCmd).Val() {
			_, id, _ := strings.Cut(entry, "\x00")
			ids = append(ids, id)
		}
	}
	from, to := f.behind(at.last)
	return f.window(ids, shortBound(from), shortBound(to), len(ids)), next, nil
}

// listNamed does what List does, for a filter by name.
func (ix *Index) listNamed(ctx context.Context, f Filter, cursor string, limit int) (groups []*group.Group, next string, err error) {
	at, err := f.position(cursor)
	if err != nil {
		return nil, "", err
	}
	for range maxStretches {
		ids, behind, err := ix.stretch(ctx, f, at)
		if err != nil {
			return nil, "", err
		}
		for len(ids) > 0 {
			var some []string
			if some, ids, err = ix.fitting(ctx, f, ids, limit+1); err != nil {
				return nil, "", err
			}
			page, err := ix.records.show(ctx, longIDs(some))
			if err != nil {
				return nil, "", err
			}
			for _, g := range page {
				if !f.match(g) || !f.foundFrom(at.from, g) {
					continue
				}
				if len(groups) == limit {
					return groups, position{at.from, groups[limit-1].ID}.String(), nil
				}
				groups = append(groups, g)
			}
		}
		if behind == "" {
			return groups, "", nil
		}
		at = position{from: behind}
		if len(groups) == limit {
			break
		}
	}
	return groups, at.String(), nil
}
