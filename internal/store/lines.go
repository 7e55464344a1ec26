package store

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/tasks"
)

// Lines hold the tasks that wait for the pace of an instance. There is a line for each place and priority, and
// one for the invitations of each instance. Each is in the order of ids, which is the order of acceptance. Lines
// hold only ids; the tasks themselves are on asynq.
//
//	Put ──► line ── Take ──► let go ── Claim ──► the worker that has the task
//	          ▲                 │
//	          └──── Lapse ◄─────┘ not claimed in time
type Lines struct{ *core }

// lines begins every key of them. They share one slot, because one script reads several.
const lines = prefix + "{ln}:"

const (
	letGoKey  = lines + "go"     // the permits of the tasks that were let go
	lapsesKey = lines + "lapse"  // the same tasks by when their permits lapse
	dueKey    = lines + "due"    // the lines by when their first task is due, in ms; 1 is now
	silentKey = lines + "silent" // by task, since when no server works on it, in ms; field "" is the time of that check
)

// standing returns a task's id in a line: the group's id as its sixteen bytes (ids.go), and the rest unchanged.
func standing(id string) string {
	of := tasks.GroupOf(id)
	return shortID(of) + id[len(of):]
}

// taskOf reverses standing.
func taskOf(standing string) string {
	n := len(uuid.UUID{})
	if len(standing) < n || strings.HasPrefix(standing, group.IDPrefix) {
		return standing // not an id of ours
	}
	return longID(standing[:n]) + standing[n:]
}

func readyKey(line string) string { return lines + "ready:" + line }

func laterKey(line string) string { return lines + "later:" + line }

var (
	//go:embed lines_put.lua
	linesPutSource string
	//go:embed lines_take.lua
	linesTakeSource string
	//go:embed lines_lapse.lua
	linesLapseSource string

	linesPut   = redis.NewScript(linesPutSource)
	linesTake  = redis.NewScript(linesTakeSource)
	linesLapse = redis.NewScript(linesLapseSource)
)

// Permit lets one task make one call: by an instance, in the slot that was granted for it.
type Permit struct {
	Line     string
	Instance string
	Kind     pacing.Kind
	Grant    pacing.Grant
}

func (p Permit) encode() string {
	return strings.Join([]string{p.Instance, string(p.Kind), p.Grant.Number, p.Grant.Token}, "\n")
}

func decodePermit(text string) (Permit, error) {
	f := strings.Split(text, "\n")
	if len(f) != 5 {
		return Permit{}, fmt.Errorf("permit of %d parts: %w", len(f), errForm)
	}
	return Permit{Line: f[0], Instance: f[1], Kind: pacing.Kind(f[2]), Grant: pacing.Grant{Number: f[3], Token: f[4]}}, nil
}

// Put puts tasks into their lines, each due at its time. A task that is in its line already, or was let go, stays as it
// is. Put leaves out tasks without a line. It also leaves out, and returns, tasks of groups that no task moves on any
// longer.
//
// Put reads the index after it writes the line, and code that ends a group takes its task out of the line after
// it writes the index. Whichever comes last sees the other, so the line keeps no task of such a group.
func (l *Lines) Put(ctx context.Context, ts ...tasks.Task) (over []tasks.Task, err error) {
	args, order := map[string][]any{}, []string(nil)
	for _, t := range ts {
		if t.Line == "" {
			continue
		}
		if args[t.Line] == nil {
			args[t.Line] = []any{t.Line}
			order = append(order, t.Line)
		}
		due := int64(0)
		if !t.At.IsZero() {
			due = max(t.At.UnixMilli(), 1)
		}
		args[t.Line] = append(args[t.Line], standing(t.ID), due)
	}
	if len(order) == 0 {
		return nil, nil
	}
	put := func() error {
		_, err := l.pipeline(ctx, []*redis.Script{linesPut}, func(p redis.Pipeliner) error {
			for _, line := range order {
				linesPut.EvalSha(ctx, p, []string{readyKey(line), laterKey(line), letGoKey, dueKey}, args[line]...)
			}
			return nil
		})
		return err
	}
	keys := []string{letGoKey, dueKey}
	for _, line := range order {
		keys = append(keys, readyKey(line), laterKey(line))
	}
	if err := l.mending(ctx, keys, put); err != nil {
		return nil, fmt.Errorf("put %d tasks in line: %w", len(ts), err)
	}
	if over, err = l.over(ctx, ts); err != nil {
		return nil, fmt.Errorf("put %d tasks in line: %w", len(ts), err)
	}
	for _, t := range over {
		if err := l.Remove(ctx, t); err != nil {
			return nil, err
		}
	}
	return over, nil
}

// over returns the tasks in lines whose groups, by the index, no task moves on any longer.
func (l *Lines) over(ctx context.Context, ts []tasks.Task) ([]tasks.Task, error) {
	ids := make([]string, len(ts))
	for i, t := range ts {
		ids[i] = shortID(tasks.GroupOf(t.ID))
	}
	held, err := l.rdb.HMGet(ctx, heldKey, ids...).Result()
	if err = l.tolerate(ctx, heldKey, err); err != nil {
		return nil, err
	}
	var over []tasks.Task
	for i, value := range held {
		text, _ := value.(string)
		_, text, _ = strings.Cut(text, "|")
		status, _, _ := strings.Cut(text, "|") // readHeld checks the form
		if group.Status(status).Still() && ts[i].Line != "" {
			over = append(over, ts[i])
		}
	}
	return over, nil
}

// Take lets one task go: the first task of the first line in from that has a due task. id is "" if no line has one. The
// permit is valid for holds. due says of each line that was read, in their order, how long it is until the line's first
// task is due; negative for an empty line.
func (l *Lines) Take(ctx context.Context, from []string, permit Permit, holds time.Duration) (id string, due []time.Duration, err error) {
	keys, args := []string{letGoKey, lapsesKey, dueKey}, []any{holds.Milliseconds(), permit.encode()}
	for _, line := range from {
		keys, args = append(keys, readyKey(line), laterKey(line)), append(args, line)
	}
	var answer []string
	err = l.mending(ctx, keys, func() (err error) {
		answer, err = linesTake.Run(ctx, l.rdb, keys, args...).StringSlice()
		return err
	})
	if err == nil && (len(answer) == 0 || len(answer) > len(from)+1) {
		err = fmt.Errorf("%d values: %w", len(answer), errForm)
	}
	if err != nil {
		return "", nil, fmt.Errorf("let a task go: %w", err)
	}
	due = make([]time.Duration, len(answer)-1)
	for i, text := range answer[1:] {
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("let a task go: %w", err)
		}
		due[i] = time.Duration(ms) * time.Millisecond
	}
	return taskOf(answer[0]), due, nil
}

// Claim takes the permit of a task; each can be claimed once. It fails with ErrNotFound if the task was
// not let go, or the permit has lapsed or was claimed.
func (l *Lines) Claim(ctx context.Context, id string) (Permit, error) {
	var permit *redis.StringCmd
	id = standing(id)
	err := l.mending(ctx, []string{letGoKey, lapsesKey}, func() error {
		_, err := l.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
			permit = p.HGet(ctx, letGoKey, id)
			p.HDel(ctx, letGoKey, id)
			p.ZRem(ctx, lapsesKey, id)
			return nil
		})
		return err
	})
	if errors.Is(err, redis.Nil) {
		return Permit{}, ErrNotFound
	}
	if err != nil {
		return Permit{}, fmt.Errorf("claim a permit: %w", err)
	}
	return decodePermit(permit.Val())
}

// Lapse puts tasks whose permits were not claimed in time back into their lines, and returns the lines.
func (l *Lines) Lapse(ctx context.Context) ([]string, error) {
	var back []string
	keys := []string{letGoKey, lapsesKey, dueKey}
	err := l.mending(ctx, keys, func() (err error) {
		back, err = linesLapse.Run(ctx, l.rdb, keys, readyKey("")).StringSlice()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for lapsed permits: %w", err)
	}
	return back, nil
}

// Remove takes a task out of its line, if it is there.
func (l *Lines) Remove(ctx context.Context, t tasks.Task) error {
	id := standing(t.ID)
	_, err := l.each(ctx, nil, func(p redis.Pipeliner) error {
		p.ZRem(ctx, readyKey(t.Line), id)
		p.ZRem(ctx, laterKey(t.Line), id)
		p.HDel(ctx, letGoKey, id)
		p.ZRem(ctx, lapsesKey, id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("take a task out of its line: %w", err)
	}
	return nil
}

// Standing returns those of some tasks that stand in their lines or were let go.
func (l *Lines) Standing(ctx context.Context, ts ...tasks.Task) ([]tasks.Task, error) {
	if len(ts) == 0 {
		return nil, nil
	}
	cmds, err := l.each(ctx, nil, func(p redis.Pipeliner) error {
		for _, t := range ts {
			id := standing(t.ID)
			p.ZScore(ctx, readyKey(t.Line), id)
			p.ZScore(ctx, laterKey(t.Line), id)
			p.HGet(ctx, letGoKey, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look which of %d tasks are in line: %w", len(ts), err)
	}
	var in []tasks.Task
	for i, t := range ts {
		if slices.ContainsFunc(cmds[3*i:3*i+3], func(cmd redis.Cmder) bool { return cmd.Err() == nil }) {
			in = append(in, t)
		}
	}
	return in, nil
}

// Due returns when the first task of each line that holds tasks is due; the zero time is now. The cursor begins
// and ends at 0.
func (l *Lines) Due(ctx context.Context, cursor uint64) (due map[string]time.Time, next uint64, err error) {
	found, next, err := l.rdb.ZScan(ctx, dueKey, cursor, "", 1000).Result()
	if err = l.tolerate(ctx, dueKey, err); err != nil {
		return nil, 0, fmt.Errorf("look which lines hold tasks: %w", err)
	}
	due = make(map[string]time.Time, len(found)/2)
	for i := 0; i+1 < len(found); i += 2 {
		ms, err := strconv.ParseFloat(found[i+1], 64)
		if err != nil || ms <= 1 {
			due[found[i]] = time.Time{}
			continue
		}
		due[found[i]] = readable(int64(ms))
	}
	return due, next, nil
}

// Line is what one line holds.
type Line struct {
	Ready, Later int
	// Oldest is when the group of the next task was accepted; zero if none is ready.
	Oldest time.Time
	// NextDue is when the first of Later is due; zero if there is none.
	NextDue time.Time
}

// Waiting returns how many tasks stand in the line.
func (l Line) Waiting() int { return l.Ready + l.Later }

// Lengths returns what some lines hold, in two round trips.
func (l *Lines) Lengths(ctx context.Context, names []string) (map[string]Line, error) {
	out := make(map[string]Line, len(names))
	if len(names) == 0 {
		return out, nil
	}
	due, err := l.rdb.ZMScore(ctx, dueKey, names...).Result()
	if err = l.tolerate(ctx, dueKey, err); err != nil {
		return nil, fmt.Errorf("read the lengths of lines: %w", err)
	}
	used := make([]string, 0, len(names)) // with thousands of lines, most are empty
	for i, name := range names {
		if due == nil || due[i] != 0 {
			used = append(used, name)
		}
		out[name] = Line{}
	}
	names = used
	type reading struct {
		ready, later *redis.IntCmd
		head         *redis.StringSliceCmd
		next         *redis.ZSliceCmd
	}
	read := make([]reading, len(names))
	_, err = l.each(ctx, nil, func(p redis.Pipeliner) error {
		for i, name := range names {
			read[i] = reading{
				p.ZCard(ctx, readyKey(name)), p.ZCard(ctx, laterKey(name)),
				p.ZRange(ctx, readyKey(name), 0, 0), p.ZRangeWithScores(ctx, laterKey(name), 0, 0),
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the lengths of lines: %w", err)
	}
	for i, name := range names {
		r := read[i]
		line := Line{Ready: int(r.ready.Val()), Later: int(r.later.Val())}
		if head := r.head.Val(); len(head) > 0 {
			line.Oldest, _ = group.MadeAt(tasks.GroupOf(taskOf(head[0])))
		}
		if next := r.next.Val(); len(next) > 0 {
			line.NextDue = readable(int64(next[0].Score))
		}
		out[name] = line
	}
	return out, nil
}

// Silent returns the tasks that a server took and on which no server works, and since when. looked is the time of the
// check.
func (l *Lines) Silent(ctx context.Context) (since map[string]time.Time, looked time.Time, err error) {
	found, err := l.rdb.HGetAll(ctx, silentKey).Result()
	if err = l.tolerate(ctx, silentKey, err); err != nil {
		return nil, looked, fmt.Errorf("read which tasks are silent: %w", err)
	}
	since = make(map[string]time.Time, len(found))
	for id, text := range found {
		ms, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil: // damaged: the silence of this task counts from now
		case id == "":
			looked = time.UnixMilli(ms)
		default:
			since[id] = time.UnixMilli(ms)
		}
	}
	return since, looked, nil
}

// NoteSilent stores what Silent returns.
func (l *Lines) NoteSilent(ctx context.Context, since map[string]time.Time, looked time.Time) error {
	values := []any{"", looked.UnixMilli()}
	for id, at := range since {
		values = append(values, id, at.UnixMilli())
	}
	_, err := l.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Del(ctx, silentKey)
		p.HSet(ctx, silentKey, values...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep which tasks are silent: %w", err)
	}
	return nil
}
