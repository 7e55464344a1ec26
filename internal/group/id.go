package group

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// The prefixes of ids.
const (
	IDPrefix      = "grp_"
	BatchIDPrefix = "bat_"
)

// NewID makes a group's id: UUIDv7, so ids sort by the time they were made.
func NewID() string { return IDPrefix + uuid.Must(uuid.NewV7()).String() }

// NewBatchID makes a batch's id.
func NewBatchID() string { return BatchIDPrefix + uuid.Must(uuid.NewV7()).String() }

// MadeAt returns when a group's id was made. ok is false if the text is not the id of a group.
func MadeAt(id string) (at time.Time, ok bool) {
	text, ok := strings.CutPrefix(id, IDPrefix)
	u, err := uuid.Parse(text)
	if !ok || err != nil || u.Version() != 7 {
		return time.Time{}, false
	}
	sec, nsec := u.Time().UnixTime()
	return time.Unix(sec, nsec).UTC(), true
}
