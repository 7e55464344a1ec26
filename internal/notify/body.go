package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// documents returns the documents of groups, batches and instances.
type documents interface {
	Group(ctx context.Context, id string) (group.Document, error)
	Batch(ctx context.Context, idOrName string) (group.BatchDocument, error)
	Instance(ctx context.Context, name string) (view.Instance, error)
}

// Body is what a receiver gets.
type Body struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"` // when it happened, not when it was sent
	Data      any       `json:"data"`
}

// MemberData is the data of member events: the person, and the identity of the group. It does not have the whole group,
// which could have a thousand people.
type MemberData struct {
	Group  MemberGroup          `json:"group"`
	Member group.MemberDocument `json:"member"`
}

// MemberGroup identifies a member's group.
type MemberGroup struct {
	ID          string         `json:"id"`
	GroupName   string         `json:"groupName"`
	Instance    string         `json:"instance"`
	GroupID     string         `json:"groupId"`
	InviteLink  string         `json:"inviteLink"`
	BatchID     string         `json:"batchId"`
	Row         int            `json:"row"`
	ExternalRef string         `json:"externalRef"`
	Metadata    map[string]any `json:"metadata"`
}

// body returns the body of a notice: people from the current record, everything else as stored with the event. It
// returns store.ErrNotFound if the record's retention is over.
func body(ctx context.Context, docs documents, n *store.Notice) ([]byte, error) {
	b := Body{Type: n.Type, Timestamp: n.At.UTC(), Data: n.Data}
	if n.Data == nil {
		d, err := docs.Group(ctx, n.Of)
		if err != nil {
			return nil, fmt.Errorf("render event %s: %w", n.ID, err)
		}
		b.Data = d
		if strings.HasPrefix(n.Type, "member.") {
			if n.Person < 0 || n.Person >= len(d.Members) {
				return nil, fmt.Errorf("render event %s: member %d: %w", n.ID, n.Person, store.ErrNotFound)
			}
			b.Data = MemberData{
				Group: MemberGroup{
					ID: d.ID, GroupName: d.GroupName, Instance: d.Instance, GroupID: d.GroupID, InviteLink: d.InviteLink,
					BatchID: d.BatchID, Row: d.Row, ExternalRef: d.ExternalRef, Metadata: d.Metadata,
				},
				Member: d.Members[n.Person],
			}
		}
	}
	return encode(b)
}

// encode returns the JSON that is signed and sent. It does not escape the characters of links.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
