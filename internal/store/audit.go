package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// The audit log. It shares one slot with the marks, because one script writes both.
const (
	audits   = prefix + "{audit}:"
	auditKey = audits + "log"
)

// keepAudit is roughly how many entries the log keeps. It drops the oldest first.
const keepAudit = 100_000

// AuditIDPrefix begins every entry's id; the entry's id in the stream follows.
const AuditIDPrefix = "aud_"

// AuditUnreadable is the result of an entry that cannot be read.
const AuditUnreadable = "unreadable"

// AuditEntry is one thing that a person or a program did, or tried. It holds no telephone number and no
// secret: internal/audit, which writes it, sees to that.
type AuditEntry struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Actor is the name of a key, or the user of the machine where a command ran.
	Actor   string `json:"actor"`
	Through string `json:"through"` // api, page, cli or mcp
	From    string `json:"from"`    // the address that connected, or the host where a command ran
	// ForwardedFor is the client that a proxy claims to connect for. It is not verified.
	ForwardedFor string     `json:"forwardedFor"`
	Action       string     `json:"action"`
	Subjects     []string   `json:"subjects"` // ids, or names of instances
	Count        int        `json:"count"`    // how many it concerned; can be more than Subjects has
	Result       string     `json:"result"`
	Detail       say.Phrase `json:"detail"`
	RequestID    string     `json:"requestId"`
}

// keptAudit is an entry as it is stored.
type keptAudit struct {
	AuditEntry

	Detail say.Kept `json:"detail"`
}

// Audit appends an entry; Redis sets its id and time. It skips an entry that equals one written less than
// once ago; 0 skips none. It reports whether it wrote.
func (tr *Trail) Audit(ctx context.Context, e AuditEntry, once time.Duration) (written bool, err error) {
	data, err := json.Marshal(keptAudit{e, say.Kept(e.Detail)}) // without id and time: decodeAudit sets them
	if err != nil {
		return false, err
	}
	mark := audits + "seen:" + digest(e.Actor, e.Through, e.From, e.Action, strings.Join(e.Subjects, " "), e.Result, e.Detail.String())
	entry := &redis.XAddArgs{Stream: auditKey, MaxLen: keepAudit, Approx: true, Values: []any{"e", data}}
	if once == 0 {
		written, err = true, tr.rdb.XAdd(ctx, entry).Err()
	} else {
		err = tr.transact(ctx, mark, func(tx *redis.Tx) error {
			ends, err := tx.PTTL(ctx, mark).Result()
			if written = ends <= 0; err != nil || !written { // a mark that does not expire was not written here
				return err
			}
			_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
				p.XAdd(ctx, entry)
				p.Set(ctx, mark, "1", once)
				return nil
			})
			return err
		})
	}
	if wrongType(err) {
		return false, tr.unreadable(ctx, KindAudit, strings.TrimPrefix(auditKey, prefix), err)
	}
	if err != nil {
		return false, fmt.Errorf("write the audit log: %w", err)
	}
	return written, nil
}

// AuditFilter says which entries a page holds. Empty fields do not filter; all that are set must
// match.
type AuditFilter struct {
	Actor, Through, Result, Subject string
	// Action is an action, or a pattern such as group.*.
	Action string
	Since  time.Time // at or after
	Until  time.Time // before
}

func (f AuditFilter) match(e AuditEntry) bool {
	fits := func(want, have string) bool { return want == "" || want == have }
	if !fits(f.Actor, e.Actor) || !fits(f.Through, e.Through) || !fits(f.Result, e.Result) {
		return false
	}
	if f.Subject != "" && !slices.Contains(e.Subjects, f.Subject) {
		return false
	}
	if f.Action == "" {
		return true
	}
	ok, err := path.Match(f.Action, e.Action)
	return ok && err == nil
}

// AuditPage reads one page of the log, newest first. The cursor is the next of the previous page, or "" for the first
// page.
func (tr *Trail) AuditPage(ctx context.Context, f AuditFilter, cursor string, limit int) (entries []AuditEntry, next string, err error) {
	newest, oldest := "+", "-"
	if !f.Since.IsZero() {
		oldest = strconv.FormatInt(max(f.Since.UnixMilli(), 0), 10)
	}
	if !f.Until.IsZero() {
		if f.Until.UnixMilli() <= 0 { // no id of a stream is earlier
			return nil, "", nil
		}
		newest = "(" + EventID(f.Until)
	}
	if cursor != "" {
		last, err := base64.RawURLEncoding.DecodeString(cursor)
		ms, _, ok := parseEventID(string(last))
		if err != nil || !ok || ms == 0 {
			return nil, "", ErrCursor
		}
		newest = "(" + string(last)
	}
	const slice = 500
	for {
		read, err := tr.rdb.XRevRangeN(ctx, auditKey, newest, oldest, slice).Result()
		if err = tr.tolerate(ctx, auditKey, err); err != nil {
			return nil, "", fmt.Errorf("read the audit log: %w", err)
		}
		for _, m := range read {
			e, err := decodeAudit(m)
			if err != nil { // it is shown as unreadable
				e = AuditEntry{
					ID: AuditIDPrefix + m.ID, At: EventTime(m.ID), Subjects: []string{}, Result: AuditUnreadable,
					Detail: say.OfError(tr.unreadable(ctx, KindAudit, m.ID, err)),
				}
			}
			if !f.match(e) {
				continue
			}
			if len(entries) == limit {
				last := strings.TrimPrefix(entries[limit-1].ID, AuditIDPrefix)
				return entries, base64.RawURLEncoding.EncodeToString([]byte(last)), nil
			}
			entries = append(entries, e)
		}
		if len(read) < slice {
			return entries, "", nil
		}
		newest = "(" + read[len(read)-1].ID
	}
}

func decodeAudit(m redis.XMessage) (AuditEntry, error) {
	var e keptAudit
	text, _ := m.Values["e"].(string)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e.AuditEntry, fmt.Errorf("read the audit log at %s: %w", m.ID, err)
	}
	e.ID, e.At, e.AuditEntry.Detail = AuditIDPrefix+m.ID, EventTime(m.ID), say.Phrase(e.Detail)
	return e.AuditEntry, nil
}

// TrimAudit forgets entries and refusals that are older than keep.
func (tr *Trail) TrimAudit(ctx context.Context, keep time.Duration) error {
	now, err := tr.Now(ctx)
	if err != nil {
		return err
	}
	if err := tr.tolerate(ctx, auditKey, tr.rdb.XTrimMinID(ctx, auditKey, EventID(now.Add(-keep))).Err()); err != nil {
		return fmt.Errorf("trim the audit log: %w", err)
	}
	return tr.trimRefusals(ctx, now.Add(-keep))
}

// PersonID identifies a person without the number: it is the keyed hash that the suppression list holds.
func (pp *People) PersonID(who phone.Identity) string {
	id, _ := pp.suppressionField(who)
	return id
}
