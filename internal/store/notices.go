package store

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

// The keys of outgoing webhooks, all in one slot. Without a configured webhook none of them is written.
// The facts reported about a group or a batch are remembered as long as it is kept, and notices live for
// noticesFor.
const (
	hooks        = prefix + "{hooks}:"
	noticesKey   = hooks + "log"      // ids of all notices, in lexical order, which is the order of time
	outboxKey    = hooks + "out"      // ids of notices whose deliveries are not all on the queue
	failuresKey  = hooks + "failed"   // "<notice>:<receiver>" of deliveries that used up their tries
	expectedKey  = hooks + "expected" // "<notice>:<receiver>" of deliveries that wait, by when their task counts as lost
	cursorKey    = hooks + "cursor"
	receiversKey = hooks + "receivers"
	disabledKey  = hooks + "disabled"
)

func noticeKey(id string) string { return hooks + "ev:" + id }

func toldKey(of string) string { return hooks + "told:" + of }

// NoticeIDPrefix begins the ids of notices.
const NoticeIDPrefix = "evt_"

var (
	//go:embed notice_claim.lua
	noticeClaimSource string

	noticeClaimScript = redis.NewScript(noticeClaimSource)
)

// Fact is something about a group, a batch or an instance that receivers are told once.
type Fact struct {
	Type string // as docs/webhooks.md names it
	Of   string // the group's or batch's id, or the instance's name
	// Once identifies the fact within its scope.
	Once   string
	Person int // the member's index, for facts about members
	At     time.Time
	// Data is the document at the time of the fact. It is kept only if it holds no person; other documents
	// are rendered from the record when they are sent.
	Data json.RawMessage
}

// Notice is a fact on its way to receivers: the event of a webhook.
type Notice struct {
	ID         string
	Type       string
	Of         string // the group's or batch's id, or the instance's name
	Person     int
	At         time.Time
	Data       json.RawMessage
	Deliveries map[string]Delivery // by receiver
}

// notice is the stored form of a Notice. Fields may be added; none may change its meaning.
type notice struct {
	Type   string          `json:"t"`
	Of     string          `json:"o"`
	Person int             `json:"p,omitempty"`
	At     int64           `json:"a"`
	Data   json.RawMessage `json:"d,omitempty"`
}

// ClaimNotices makes a notice of each fact that has none yet, in their order, and puts them into the outbox, all in one
// step. Other facts keep their notices, so a dispatcher that crashed and begins again makes no notice twice and leaves
// no fact out. The scope is the group, batch or instance whose facts are forgotten together. It returns how many
// notices are new.
func (ob *Outbox) ClaimNotices(ctx context.Context, scope string, facts []Fact) (int, error) {
	args := []any{hooks, ob.noticesFor().Milliseconds(), toldFor(scope).Milliseconds()}
	for _, f := range facts {
		data, err := json.Marshal(notice{Type: f.Type, Of: f.Of, Person: f.Person, At: millis(f.At), Data: f.Data})
		if err != nil {
			return 0, fmt.Errorf("claim the events of %s: %w", scope, err)
		}
		args = append(args, f.Once, NoticeIDPrefix+uuid.Must(uuid.NewV7()).String(), data)
	}
	n, err := ob.brokenCount(ctx, noticeClaimScript.Run(ctx, ob.rdb, []string{toldKey(scope)}, args...))
	if wrongType(err) {
		return 0, ob.unreadable(ctx, KindTold, scope, err)
	}
	if err != nil {
		return 0, fmt.Errorf("claim the events of %s: %w", scope, err)
	}
	return n, nil
}

// noticesFor returns how long a notice can be sent, viewed and sent again: the retention of ended groups, and at
// least a week.
func (ob *Outbox) noticesFor() time.Duration { return max(ob.retention, 7*24*time.Hour) }

// toldFor returns how long the store remembers which facts of a scope have notices; 0 means as long as the group or
// batch is kept. An instance's change of state is identified by its event. Each event is read from the stream once, so
// the fact can be forgotten.
func toldFor(scope string) time.Duration {
	if strings.HasPrefix(scope, group.IDPrefix) || strings.HasPrefix(scope, group.BatchIDPrefix) {
		return 0
	}
	return 30 * 24 * time.Hour
}

// Untold returns, for each scope, the facts that have no notice yet. Call it before ClaimNotices: a group that changes
// without a new fact then costs one read.
func (ob *Outbox) Untold(ctx context.Context, scopes []string, facts [][]Fact) ([][]Fact, error) {
	left := make([][]Fact, len(scopes))
	asked := make([]*redis.SliceCmd, len(scopes))
	_, err := ob.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, fs := range facts {
			if len(fs) == 0 {
				continue
			}
			fields := make([]string, len(fs))
			for j, f := range fs {
				fields[j] = f.Once
			}
			asked[i] = p.HMGet(ctx, toldKey(scopes[i]), fields...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up the notices of %d groups: %w", len(scopes), err)
	}
	for i, cmd := range asked {
		if cmd == nil {
			continue
		}
		if err := cmd.Err(); wrongType(err) { // telling it twice would be worse
			_ = ob.unreadable(ctx, KindTold, scopes[i], err)
			continue
		}
		for j, id := range cmd.Val() {
			if id == nil {
				left[i] = append(left[i], facts[i][j])
			}
		}
	}
	return left, nil
}

// Outbox lists notices whose deliveries are not all on the queue, oldest first.
func (ob *Outbox) Outbox(ctx context.Context, n int) ([]*Notice, error) {
	ids, err := ob.rdb.ZRange(ctx, outboxKey, 0, int64(n)-1).Result()
	if err = ob.tolerate(ctx, outboxKey, err); err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	notices, err := ob.Notices(ctx, ids)
	if err != nil {
		return nil, err
	}
	found := make(map[string]bool, len(notices))
	for _, one := range notices {
		found[one.ID] = true
	}
	for _, id := range ids {
		if !found[id] { // it lapsed before it was sent, or cannot be read
			if err := ob.ClearOutbox(ctx, id); err != nil {
				return nil, err
			}
		}
	}
	return notices, nil
}

// ClearOutbox takes notices out of the outbox, because all their deliveries are on the queue.
func (ob *Outbox) ClearOutbox(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	members := make([]any, len(ids))
	for i, id := range ids {
		members[i] = id
	}
	if err := ob.rdb.ZRem(ctx, outboxKey, members...).Err(); err != nil {
		return fmt.Errorf("clear the outbox: %w", err)
	}
	return nil
}

// Notice reads one notice. It fails with ErrNotFound when there is none, or its retention is over, and
// with ErrUnreadable.
func (ob *Outbox) Notice(ctx context.Context, id string) (*Notice, error) {
	found, unreadable, err := ob.notices(ctx, []string{id})
	if err == nil {
		err = unreadable[id]
	}
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("event %s: %w", id, ErrNotFound)
	}
	return found[0], nil
}

// Notices reads many notices in one round trip. It leaves out those that do not exist, and those that cannot be read,
// which it notes.
func (ob *Outbox) Notices(ctx context.Context, ids []string) ([]*Notice, error) {
	found, _, err := ob.notices(ctx, ids)
	return found, err
}

func (ob *Outbox) notices(ctx context.Context, ids []string) (notices []*Notice, unreadable map[string]error, err error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	cmds := make([]*redis.MapStringStringCmd, len(ids))
	if _, err := ob.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, id := range ids {
			cmds[i] = p.HGetAll(ctx, noticeKey(id))
		}
		return nil
	}); err != nil {
		return nil, nil, fmt.Errorf("read %d events: %w", len(ids), err)
	}
	unreadable = map[string]error{}
	for i, cmd := range cmds {
		if err := cmd.Err(); wrongType(err) {
			unreadable[ids[i]] = ob.unreadable(ctx, KindNotice, ids[i], err)
			continue
		}
		if cmd.Val()["e"] == "" {
			continue
		}
		one, err := ob.decodeNotice(ctx, ids[i], cmd.Val())
		if err != nil {
			unreadable[ids[i]] = err
			continue
		}
		notices = append(notices, one)
	}
	return notices, unreadable, nil
}

// decodeNotice reads a notice. A delivery that cannot be read counts as failed: it is not known what was
// sent, so nothing more is sent.
func (ob *Outbox) decodeNotice(ctx context.Context, id string, fields map[string]string) (*Notice, error) {
	var e notice
	if err := json.Unmarshal([]byte(fields["e"]), &e); err != nil {
		return nil, ob.unreadable(ctx, KindNotice, id+"/e", err)
	}
	one := &Notice{
		ID: id, Type: e.Type, Of: e.Of, Person: e.Person, At: moment(e.At), Data: e.Data,
		Deliveries: map[string]Delivery{},
	}
	for field, value := range fields {
		receiver, ok := strings.CutPrefix(field, "r:")
		if !ok {
			continue
		}
		d, err := decodeDelivery(value)
		if err != nil {
			d = Delivery{State: DeliveryFailed, Reason: say.OfError(ob.unreadable(ctx, KindNotice, id+"/"+field, err))}
		}
		one.Deliveries[receiver] = d
	}
	return one, nil
}

// NoticesBetween lists ids of notices by the time they were made, oldest first, after one of them.
// A zero until has no end.
func (ob *Outbox) NoticesBetween(ctx context.Context, since, until time.Time, after string, n int) ([]string, error) {
	from, to := "["+firstNoticeID(since), "+"
	if after != "" {
		from = "(" + after
	}
	if !until.IsZero() {
		to = "(" + firstNoticeID(until)
	}
	ids, err := ob.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{Key: noticesKey, Start: from, Stop: to, ByLex: true, Count: int64(n)}).Result()
	if err = ob.tolerate(ctx, noticesKey, err); err != nil {
		return nil, fmt.Errorf("list the events: %w", err)
	}
	return ids, nil
}

// firstNoticeID returns a text that sorts before every id made at or after t, and after all made before.
func firstNoticeID(t time.Time) string {
	ms := max(t.UnixMilli(), 0)
	return fmt.Sprintf("%s%08x-%04x", NoticeIDPrefix, ms>>16, ms&0xffff)
}

// TrimNotices takes notices past their retention out of the lists; their keys expire.
func (ob *Outbox) TrimNotices(ctx context.Context) error {
	now, err := ob.Now(ctx)
	if err != nil {
		return err
	}
	before := "(" + firstNoticeID(now.Add(-ob.noticesFor()))
	for _, key := range []string{noticesKey, failuresKey} {
		if err := ob.tolerate(ctx, key, ob.rdb.ZRemRangeByLex(ctx, key, "-", before).Err()); err != nil {
			return fmt.Errorf("trim the events: %w", err)
		}
	}
	return nil
}

// Cursor returns the event up to which dispatchers have made notices; begun is false before the first one. If that
// cannot be read, Cursor returns an earlier event.
func (ob *Outbox) Cursor(ctx context.Context) (id string, begun bool, err error) {
	id, err = ob.rdb.Get(ctx, cursorKey).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	if err == nil {
		err = readCursor(ctx, ob.core, "", "", id)
	}
	if wrongType(err) || errors.Is(err, errForm) {
		_ = ob.unreadable(ctx, KindCursor, strings.TrimPrefix(cursorKey, prefix), err)
		id, err = ob.lastTold(ctx)
	}
	return id, err == nil, err
}

// lastTold returns where to resume reading the stream when the cursor cannot be read: noticeBehind before the
// latest notice. Facts that have a notice do not get another.
func (ob *Outbox) lastTold(ctx context.Context) (string, error) {
	ids, err := ob.rdb.ZRevRange(ctx, noticesKey, 0, 0).Result()
	if err = ob.tolerate(ctx, noticesKey, err); err != nil {
		return "", fmt.Errorf("look for the latest event that is told: %w", err)
	}
	if len(ids) > 0 {
		if u, err := uuid.Parse(strings.TrimPrefix(ids[0], NoticeIDPrefix)); err == nil {
			seconds, nanos := u.Time().UnixTime()
			return EventID(time.Unix(seconds, nanos).Add(-noticeBehind)), nil
		}
	}
	return ob.LatestEvent(ctx)
}

// noticeBehind is the longest assumed time from an event to its notice.
const noticeBehind = time.Hour

// SetCursor notes the event up to which notices are made. Setting it back, as a dispatcher that was
// stalled may do, only makes the next one check events again.
func (ob *Outbox) SetCursor(ctx context.Context, id string) error {
	if err := ob.rdb.Set(ctx, cursorKey, id, 0).Err(); err != nil {
		return fmt.Errorf("remember up to where events are told: %w", err)
	}
	return nil
}
