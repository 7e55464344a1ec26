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
	// idleKey holds the entries of what changed nothing, so that they push no other entry out of the log.
	idleKey = audits + "idle"
)

// keepAudit is roughly how many entries the log keeps, and keepIdle how many of them may have changed nothing. The oldest
// are dropped first.
const (
	keepAudit = 100_000
	keepIdle  = 10_000
)

// AuditIDPrefix begins every entry's id; the entry's id in the stream follows, and idleMark if it is in the second one.
const (
	AuditIDPrefix = "aud_"
	idleMark      = "i"
)

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
	Idle         bool       `json:"-"` // it changed nothing
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
	if e.Idle {
		entry.Stream, entry.MaxLen = idleKey, keepIdle
	}
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
		return false, tr.unreadable(ctx, familyOf(entry.Stream).kind, strings.TrimPrefix(entry.Stream, prefix), err)
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
	var last auditMessage
	if cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		last.ID, last.idle = strings.CutSuffix(string(text), idleMark)
		ms, _, ok := parseEventID(last.ID)
		if err != nil || !ok || ms == 0 {
			return nil, "", ErrCursor
		}
		newest = last.ID
	}
	for {
		read, more, err := tr.auditSlice(ctx, newest, oldest)
		if err != nil {
			return nil, "", fmt.Errorf("read the audit log: %w", err)
		}
		for _, m := range read {
			if m.ID == last.ID && (!last.idle || m.idle) { // the previous page has it
				continue
			}
			e, err := decodeAudit(m.XMessage)
			if err != nil { // it is shown as unreadable
				e = AuditEntry{
					At: EventTime(m.ID), Subjects: []string{}, Result: AuditUnreadable,
					Detail: say.OfError(tr.unreadable(ctx, KindAudit, m.ID, err)),
				}
			}
			if e.ID = AuditIDPrefix + m.ID; m.idle {
				e.ID, e.Idle = e.ID+idleMark, true
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
		if more == "" {
			return entries, "", nil
		}
		newest = more
	}
}

// auditMessage is a message of one of the two streams.
type auditMessage struct {
	redis.XMessage

	idle bool
}

// auditSlice reads the newest messages of both streams between two ids, newest first; of two with one id, the one
// that changed nothing comes first, as a repeated request does. more is where the next slice begins; "" after the last.
func (tr *Trail) auditSlice(ctx context.Context, newest, oldest string) (read []auditMessage, more string, err error) {
	const slice = 500
	whole := "" // what is older may have newer messages of the other stream before it
	for _, key := range []string{idleKey, auditKey} {
		some, err := tr.rdb.XRevRangeN(ctx, key, newest, oldest, slice).Result()
		if err = tr.tolerate(ctx, key, err); err != nil {
			return nil, "", err
		}
		for _, m := range some {
			read = append(read, auditMessage{m, key == idleKey})
		}
		if len(some) == slice && (whole == "" || EventBefore(whole, some[slice-1].ID)) {
			whole = some[slice-1].ID
		}
	}
	slices.SortStableFunc(read, func(a, b auditMessage) int {
		switch {
		case EventBefore(b.ID, a.ID):
			return -1
		case EventBefore(a.ID, b.ID):
			return 1
		}
		return 0
	})
	if whole == "" {
		return read, "", nil
	}
	return slices.DeleteFunc(read, func(m auditMessage) bool { return EventBefore(m.ID, whole) }), "(" + whole, nil
}

func decodeAudit(m redis.XMessage) (AuditEntry, error) {
	var e keptAudit
	text, _ := m.Values["e"].(string)
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return e.AuditEntry, fmt.Errorf("read the audit log at %s: %w", m.ID, err)
	}
	e.At, e.AuditEntry.Detail = EventTime(m.ID), say.Phrase(e.Detail)
	return e.AuditEntry, nil
}

// TrimAudit forgets entries and refusals that are older than keep.
func (tr *Trail) TrimAudit(ctx context.Context, keep time.Duration) error {
	now, err := tr.Now(ctx)
	if err != nil {
		return err
	}
	for _, key := range []string{auditKey, idleKey} {
		if err := tr.tolerate(ctx, key, tr.rdb.XTrimMinID(ctx, key, EventID(now.Add(-keep))).Err()); err != nil {
			return fmt.Errorf("trim the audit log: %w", err)
		}
	}
	return tr.trimRefusals(ctx, now.Add(-keep))
}

// PersonID identifies a person without the number: it is the keyed hash that the suppression list holds.
func (pp *People) PersonID(who phone.Identity) string {
	id, _ := pp.suppressionField(who)
	return id
}
