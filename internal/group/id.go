package group

import "github.com/google/uuid"

// The prefixes of ids.
const (
	IDPrefix      = "grp_"
	BatchIDPrefix = "bat_"
)

// NewID makes a group's id: UUIDv7, so ids sort by the time they were made.
func NewID() string { return IDPrefix + uuid.Must(uuid.NewV7()).String() }

// NewBatchID makes a batch's id.
func NewBatchID() string { return BatchIDPrefix + uuid.Must(uuid.NewV7()).String() }
