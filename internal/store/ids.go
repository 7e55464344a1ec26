package store

import (
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Outside, ids are texts of forty bytes; in Redis' lists they are sixteen bytes, because each id stands in several
// lists. The sixteen bytes sort as the text does.

// shorten writes an id of ours as its sixteen bytes; any other text stays as it is.
func shorten(prefix, id string) []byte {
	if len(id) == len(prefix)+36 && id[:len(prefix)] == prefix {
		if u, err := uuid.Parse(id[len(prefix):]); err == nil && u.String() == id[len(prefix):] {
			return u[:]
		}
	}
	if id == "" {
		return nil
	}
	return []byte(id)
}

// lengthen reverses shorten.
func lengthen(prefix string, short []byte) string {
	if len(short) != len(uuid.UUID{}) {
		return string(short)
	}
	return prefix + uuid.UUID(short).String()
}

// shortID returns a group's id as lists have it.
func shortID(id string) string { return string(shorten(group.IDPrefix, id)) }

// longID reverses shortID.
func longID(short string) string { return lengthen(group.IDPrefix, []byte(short)) }

func longIDs(short []string) []string {
	for i := range short {
		short[i] = longID(short[i])
	}
	return short
}

// shortIDs returns groups' ids as lists have them.
func shortIDs(long []string) []string {
	short := make([]string, len(long))
	for i, id := range long {
		short[i] = shortID(id)
	}
	return short
}

// claimOf returns what an idempotency key leads to: the group, and a digest of what it asks for.
func claimOf(id, content string) string { return shortID(id) + content }

// claimed reads a claim.
func claimed(value string) (id, content string) {
	n := min(len(value), len(uuid.UUID{}))
	return longID(value[:n]), value[n:]
}

// heldBatch returns a batch's id as the index holds it for a group: in base64, because bars separate the parts.
func heldBatch(id string) string {
	return base64.RawURLEncoding.EncodeToString(shorten(group.BatchIDPrefix, id))
}

func batchHeld(held string) string {
	short, err := base64.RawURLEncoding.DecodeString(held)
	if err != nil {
		return ""
	}
	return lengthen(group.BatchIDPrefix, short)
}

// madeAt returns when an id was made, in ms, or 0 for a text that is not an id of ours.
func madeAt(id string) int64 { return madeWhen(group.IDPrefix, id) }

func madeWhen(prefix, id string) int64 {
	short := shorten(prefix, id)
	if len(short) != len(uuid.UUID{}) {
		return 0
	}
	ms := int64(0)
	for _, b := range short[:6] {
		ms = ms<<8 | int64(b)
	}
	return ms
}
