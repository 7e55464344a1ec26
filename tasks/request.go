package tasks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// GroupRequest asks for one WhatsApp group. docs/spreadsheets.md describes the keys of its JSON form.
type GroupRequest struct {
	GroupName string  `json:"groupName"`
	Phones    []Phone `json:"phones,omitempty"`
	// ChatIDs are people in WhatsApp's own spelling: "79001234568@c.us" or "123…@lid".
	ChatIDs []string `json:"chatIds,omitempty"`
	// Names are people's names, by the phone or chat id as written in the request. They are not sent to a provider.
	Names map[string]string `json:"names,omitempty"`
	// AutoInvite privately invites people who could not be added. Nil means true.
	AutoInvite     *bool          `json:"autoInvite,omitempty"`
	Instance       string         `json:"instance,omitempty"`
	Pool           string         `json:"pool,omitempty"`
	Priority       Priority       `json:"priority,omitempty"`
	IdempotencyKey string         `json:"idempotencyKey,omitempty"`
	ExternalRef    string         `json:"externalRef,omitempty"`
	NotBefore      *time.Time     `json:"notBefore,omitempty"`
	ExpiresAt      *time.Time     `json:"expiresAt,omitempty"`
	InviteMessage  string         `json:"inviteMessage,omitempty"`
	Metadata       map[string]any `json:"metadata,omitempty"`
	Consent        *Consent       `json:"consent,omitempty"`
	Setup                         // flat in JSON
}

// Consent is the people's permission as the requester states it: where it was given, and when.
type Consent struct {
	Source string     `json:"source,omitempty"`
	At     *time.Time `json:"at,omitempty"`
}

// Limits of one request (docs/spreadsheets.md).
const (
	MaxName      = 100           // code points
	MaxPeople    = 1023          // without the owner
	MaxEntries   = 2 * MaxPeople // phones and chat ids, the unusable ones included
	MaxRowBytes  = 1 << 20       // one row of any format
	MaxBatchRows = 1_000_000     // of one file or one call
	MaxMessage   = 4096          // code points of an invitation's text
	MaxReference = 255           // code points of an external reference, an idempotency key or a typed phone

	MaxDescription = 2048    // code points of a group's description
	MaxPhotoBytes  = 5 << 20 // bytes of a group's photo as fetched

	MaxMetadataBytes = 16 << 10 // bytes of metadata as compact JSON
	MaxMetadataDepth = 8        // nested objects and lists; the metadata itself is the first level
	MaxMetadataKeys  = 64       // of one object
)

// Phone is a telephone number as a person typed it. JSON strings and integers are both accepted.
type Phone string

// UnmarshalJSON accepts "5544999999999" and 5544999999999. It keeps a fraction or an exponent as it was written, so
// that the row's error can show it.
func (p *Phone) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(p))
	}
	if _, err := strconv.ParseFloat(string(data), 64); err != nil {
		return fmt.Errorf("a phone is a string or an integer")
	}
	*p = Phone(data)
	return nil
}

// Priority orders the groups of one target strictly: high before normal before low.
type Priority string

// The priorities. The empty one means Normal.
const (
	High   Priority = "high"
	Normal Priority = "normal"
	Low    Priority = "low"
)

// Code names what is wrong with a row. It is a stable code in documents.
type Code string

// The codes of a row's error.
const (
	NoName          Code = "noName"
	NameTooLong     Code = "nameTooLong"
	NoPhones        Code = "noPhones"
	BadPhone        Code = "badPhone"
	TooManyPhones   Code = "tooManyPhones"
	UnknownInstance Code = "unknownInstance"
	UnknownPool     Code = "unknownPool"
	BadTime         Code = "badTime"
	BadField        Code = "badField"
	Conflict        Code = "conflict"
	Changed         Code = "changed"
	Removed         Code = "removed"     // the same request was accepted before, and a person removed its unreadable record
	Unsupported     Code = "unsupported" // the provider of the row's instance does not support it
	TooLarge        Code = "tooLarge"
	Unreadable      Code = "unreadable"
)

// RowError says what is wrong with a request, in which field, and how to fix it.
type RowError struct {
	Code    Code   `json:"code"`
	Field   string `json:"field"`
	Message string `json:"message"`
	// Why is the Message as a code with parameters, which rollcall's programs translate. Nil for none.
	Why fmt.Stringer `json:"-"`
	// Others are the further faults of the same request, in the order of the checks. Usually none.
	Others []*RowError `json:"-"`
}

// All returns e and the others.
func (e *RowError) All() []*RowError { return append([]*RowError{e}, e.Others...) }

// NewRowError returns an error whose Message is the text of why.
func NewRowError(code Code, field string, why fmt.Stringer) *RowError {
	return &RowError{Code: code, Field: field, Message: why.String(), Why: why}
}

func (e *RowError) Error() string { return e.Message }
