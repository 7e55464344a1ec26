package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// installationKey is a hash that identifies the installation. Workers remember it and compare, because
// the records alone do not show that Redis was emptied or restored from a backup.
const installationKey = prefix + "installation"

const installationPrefix = "ins_"

// LookFor is how long, after a loss of data in Redis, a look in the provider's lists precedes each create. For that
// time a file whose rows were lost may still be sent again.
const LookFor = 30 * 24 * time.Hour

var (
	//go:embed attend.lua
	attendSource string
	//go:embed intent.lua
	intentSource string

	attendScript = redis.NewScript(attendSource)
	intentScript = redis.NewScript(intentSource)
)

// DoubtKind is why Redis may not know of calls that were made.
type DoubtKind string

// The kinds, the weakest first.
const (
	// Restarted: Redis was restarted while no worker ran. All workers had stopped in order.
	Restarted DoubtKind = "restarted"
	// Crashed: Redis was restarted while no worker ran, and workers had not stopped in order.
	Crashed DoubtKind = "crashed"
	// Restored: Redis holds an older state than a worker has seen, or a person says so.
	Restored DoubtKind = "restored"
	// StartedOver: a person started the work again on a Redis that had lost everything.
	StartedOver DoubtKind = "startedOver"
)

// Doubt says that workers may have made calls between From and To that Redis does not know of.
type Doubt struct {
	Kind     DoubtKind
	From, To time.Time
	Hold     time.Time // until then no paced call is made
	Until    time.Time // until then a look precedes each create
}

// Strict reports whether a call may be made only after the provider's lists were read: calls were certainly lost, or
// they may have been lost for a group that was accepted at this time.
func (d Doubt) Strict(accepted time.Time) bool {
	switch d.Kind {
	case Restored, StartedOver:
		return true
	case Crashed:
		return !accepted.After(d.To)
	default:
		return false
	}
}

// Loss is why a Redis does not hold the installation that workers remember.
type Loss string

// The losses.
const (
	Emptied Loss = "emptied" // it holds no installation at all
	Foreign Loss = "foreign" // it holds another one
)

// Installation is what Redis knows of the installation.
type Installation struct {
	ID    string // "" before the first worker
	Born  time.Time
	Epoch int64
	Beat  time.Time // the latest of any worker
	Doubt *Doubt    // nil when nothing was lost, or so long ago that it does not matter any more
	Loss  Loss      // "" for none; otherwise a person must decide
	LostAt,
	Now time.Time
	Blocked string // a key that each paced call needs and that holds another type of value; "" for none

	intents int64
	lostID  string
}

// Held reports whether workers make no paced calls now, and until when: zero means until a person decides.
func (i Installation) Held() (until time.Time, held bool) {
	switch {
	case i.Loss != "", i.Blocked != "":
		return time.Time{}, true
	case i.Doubt != nil && i.Doubt.Hold.After(i.Now):
		return i.Doubt.Hold, true
	default:
		return time.Time{}, false
	}
}

// Lost returns the ids of the installations that workers remember and Redis does not hold.
func (i Installation) Lost() []string { return split(i.lostID) }

func split(ids string) []string {
	if ids == "" {
		return nil
	}
	return strings.Split(ids, ",")
}

// installationOf reads the fields of the hash, and now.
func installationOf(fields map[string]string) Installation {
	ms := func(name string) time.Time {
		n, _ := strconv.ParseInt(fields[name], 10, 64)
		return moment(n)
	}
	i := Installation{
		ID: fields["id"], Born: ms("born"), Beat: ms("at"), Loss: Loss(fields["lost"]), LostAt: ms("lostAt"),
		Now: ms("now"), lostID: fields["lostID"],
	}
	i.Epoch, _ = strconv.ParseInt(fields["epoch"], 10, 64)
	i.intents, _ = strconv.ParseInt(fields["seq"], 10, 64)
	if until := ms("doubtUntil"); until.After(i.Now) {
		i.Doubt = &Doubt{Kind: DoubtKind(fields["doubt"]), From: ms("doubtFrom"), To: ms("doubtTo"), Hold: ms("doubtHold"), Until: until}
	}
	return i
}

func pairs(flat []any) map[string]string {
	fields := make(map[string]string, len(flat)/2)
	for n := 0; n+1 < len(flat); n += 2 {
		fields[fmt.Sprint(flat[n])] = fmt.Sprint(flat[n+1])
	}
	return fields
}

// Installation reads what Redis knows of the installation.
func (s *Store) Installation(ctx context.Context) (Installation, error) {
	return ReadInstallation(ctx, s.rdb)
}

// ReadInstallation reads what Redis knows of the installation, without a store. It writes nothing.
func ReadInstallation(ctx context.Context, rdb redis.UniversalClient) (Installation, error) {
	now, err := rdb.Time(ctx).Result()
	if err != nil {
		return Installation{}, fmt.Errorf("ask Redis for the time: %w", err)
	}
	var known *redis.MapStringStringCmd
	var numbers *redis.IntCmd
	_, err = rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
		known, numbers = p.HGetAll(ctx, installationKey), p.HLen(ctx, numbersKey)
		return nil
	})
	if err != nil && !wrongType(err) {
		return Installation{}, fmt.Errorf("read the installation: %w", err)
	}
	fields := maps.Clone(known.Val())
	if fields == nil {
		fields = map[string]string{}
	}
	fields["now"] = strconv.FormatInt(now.UnixMilli(), 10)
	i := installationOf(fields)
	switch {
	case wrongType(known.Err()):
		i.Blocked = installationKey
	case wrongType(numbers.Err()):
		i.Blocked = numbersKey
	}
	return i, nil
}

// Verdict is the result of comparing what workers remember with Redis.
type Verdict string

// The verdicts.
const (
	Sound     Verdict = "sound"     // Redis holds all that is remembered
	New       Verdict = "new"       // there was no installation, and no worker remembers one
	Renewed   Verdict = "renewed"   // a person started over: this is the new installation
	Back      Verdict = "restored"  // Redis has jumped back
	Unvouched Verdict = "unvouched" // Redis was restarted, and no worker remembers what it held
	Undecided Verdict = "undecided" // as Unvouched, but a worker that remembers may still vouch
	Lost      Verdict = "lost"      // Redis does not hold the installation: workers make no calls
)

// vouchFor is how long workers that remember nothing wait for one that does. A worker vouches within a second of
// reaching Redis again; if it comes later, a look precedes each create.
const vouchFor = 5 * time.Second

// Attend compares what this worker remembers with what Redis holds, and then remembers what Redis holds. decide says
// that no other worker can vouch for a Redis that was restarted. hold is for how long workers make no calls after a
// jump back. news reports that this call is the first to reach the verdict.
func (s *Store) Attend(ctx context.Context, decide bool, hold time.Duration) (i Installation, v Verdict, news bool, err error) {
	m := s.memory.sure()
	flags := map[bool]string{true: "1", false: "0"}
	answer, err := attendScript.Run(ctx, s.rdb, []string{installationKey}, m.id, flags[m.whole], m.epoch, m.intents, m.beat,
		installationPrefix+uuid.Must(uuid.NewV7()).String(), flags[decide], hold.Milliseconds(), LookFor.Milliseconds(), vouchFor.Milliseconds()).Slice()
	if err != nil {
		return i, "", false, fmt.Errorf("compare the installation: %w", err)
	}
	i, v, news = installationOf(pairs(answer[2:])), Verdict(fmt.Sprint(answer[0])), fmt.Sprint(answer[1]) == "1"
	if v == Lost || v == Renewed { // the installation may have other secrets now
		if err := s.learnSecrets(ctx); err != nil {
			return i, v, news, err
		}
	}
	if v != Lost && v != Undecided {
		s.memory.keep(i)
	}
	return i, v, news, nil
}

// ErrUnsure says that Redis does not hold what this worker remembers, so it may make no calls
// before Attend has found out why.
var ErrUnsure = errors.New("what this worker remembers is not in Redis")

// Intent is a call that is about to be made.
type Intent struct {
	Doubt *Doubt // nil, or what a look must clear up before the call
	n     int64
}

// Intend counts a call that is about to be made, and fails with ErrUnsure where Redis does not hold
// what this worker remembers.
func (s *Store) Intend(ctx context.Context) (Intent, error) {
	answer, err := intentScript.Run(ctx, s.rdb, []string{installationKey}).Slice()
	if err != nil {
		return Intent{}, fmt.Errorf("count the call: %w", err)
	}
	return s.intended(answer)
}

func (c *core) intended(answer []any) (Intent, error) {
	m := c.memory.sure()
	if m.id == "" { // no worker compares here
		return Intent{}, nil
	}
	n, _ := answer[0].(int64)
	i := installationOf(pairs(answer[1:]))
	if i.Loss != "" || i.ID != m.id || m.whole && (i.Epoch < m.epoch || n <= m.intents) {
		return Intent{}, ErrUnsure
	}
	if _, held := i.Held(); held {
		return Intent{}, ErrUnsure
	}
	return Intent{Doubt: i.Doubt, n: n}, nil
}

// Calling remembers that the call of an intent is being made, so that a Redis which has forgotten it
// is noticed.
func (s *Store) Calling(i Intent) { s.memory.called(i.n) }

// Uncertain counts an invitation that an instance may or may not have sent during a doubt. It reports whether their
// number is at most most.
func (s *Store) Uncertain(ctx context.Context, d Doubt, instance string, most int64) (bool, error) {
	key := installationKey + ":uncertain"
	var n *redis.IntCmd
	_, err := s.pipeline(ctx, nil, func(p redis.Pipeliner) error {
		n = p.HIncrBy(ctx, key, instance+"|"+strconv.FormatInt(millis(d.To), 10), 1)
		p.Expire(ctx, key, LookFor)
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("count the uncertain invitations of %s: %w", instance, err)
	}
	return n.Val() <= most, nil
}

// Prove notes that a worker found something that Redis did not know of: a doubt that was only a possibility becomes
// Restored.
func (s *Store) Prove(ctx context.Context) error {
	return s.transact(ctx, installationKey, func(tx *redis.Tx) error {
		kind, err := tx.HGet(ctx, installationKey, "doubt").Result()
		if errors.Is(err, redis.Nil) {
			return nil
		}
		if err != nil || kind != string(Restarted) && kind != string(Crashed) {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error {
			return p.HSet(ctx, installationKey, "doubt", string(Restored)).Err()
		})
		return err
	})
}

// ErrSound says that there is nothing to decide about the installation.
var ErrSound = errors.New("nothing to decide")

// DeclareCurrent ends a doubt: a person says that nothing was lost. It fails with ErrSound where
// nothing is doubted.
func (s *Store) DeclareCurrent(ctx context.Context) error {
	return s.declare(ctx, func(i Installation, p redis.Pipeliner) error {
		if err := i.decidable(); err != nil {
			return err
		}
		if i.Doubt == nil {
			return ErrSound
		}
		return p.HDel(ctx, installationKey, "doubt", "doubtFrom", "doubtTo", "doubtHold", "doubtUntil").Err()
	})
}

// DeclareRestored begins a doubt: a person says that a backup was restored. hold is as for Attend. It fails with
// ErrSound if there is no installation, and with ErrUnsure while the installation is lost.
func (s *Store) DeclareRestored(ctx context.Context, hold time.Duration) error {
	return s.declare(ctx, func(i Installation, p redis.Pipeliner) error {
		if err := i.decidable(); err != nil {
			return err
		}
		from := i.Beat
		if i.Doubt != nil && i.Doubt.From.Before(from) {
			from = i.Doubt.From
		}
		return p.HSet(ctx, installationKey, "epoch", i.Epoch+1, "doubt", string(Restored), "doubtFrom", millis(from),
			"doubtTo", millis(i.Now), "doubtHold", millis(i.Now.Add(hold)), "doubtUntil", millis(i.Now.Add(LookFor))).Err()
	})
}

// StartOver makes a new installation in place of one that was lost. since is when the oldest group that may be
// requested again was made; zero means the beginning of the lost installation. It fails with ErrSound if nothing is
// lost.
func (s *Store) StartOver(ctx context.Context, since time.Time) error {
	return s.declare(ctx, func(i Installation, p redis.Pipeliner) error {
		if i.Loss == "" {
			return ErrSound
		}
		from, to, was := since, i.LostAt, i.Lost()
		if from.IsZero() {
			from = bornOf(i)
		}
		if to.IsZero() {
			to = i.Now
		}
		if i.ID != "" {
			was = append(was, i.ID)
		}
		p.Del(ctx, installationKey)
		return p.HSet(ctx, installationKey, "id", installationPrefix+uuid.Must(uuid.NewV7()).String(), "was", strings.Join(was, ","),
			"born", millis(i.Now), "epoch", i.Epoch+1, "doubt", string(StartedOver), "doubtFrom", millis(from), "doubtTo", millis(to),
			"doubtHold", 0, "doubtUntil", millis(i.Now.Add(LookFor))).Err()
	})
}

// decidable returns why no doubt can be declared; nil if one can.
func (i Installation) decidable() error {
	switch {
	case i.Loss != "":
		return ErrUnsure
	case i.ID == "":
		return ErrSound
	default:
		return nil
	}
}

// declare writes what a person decided about the installation.
func (s *Store) declare(ctx context.Context, write func(i Installation, p redis.Pipeliner) error) error {
	err := s.transact(ctx, installationKey, func(tx *redis.Tx) error {
		i, err := s.Installation(ctx)
		if err != nil {
			return err
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return write(i, p) })
		return err
	})
	if err != nil && !errors.Is(err, ErrSound) && !errors.Is(err, ErrUnsure) {
		return fmt.Errorf("decide about the installation: %w", err)
	}
	return err
}

// bornOf returns when the oldest lost installation began, by its id, or LookFor ago if no id is known.
func bornOf(i Installation) time.Time {
	born := i.Now.Add(-LookFor)
	for n, id := range i.Lost() {
		u, err := uuid.Parse(strings.TrimPrefix(id, installationPrefix))
		if err != nil {
			continue
		}
		seconds, nanos := u.Time().UnixTime()
		if at := time.Unix(seconds, nanos).UTC(); n == 0 || at.Before(born) {
			born = at
		}
	}
	return born
}
