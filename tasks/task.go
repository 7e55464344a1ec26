package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Type is the name of an asynq task type.
type Type string

// The task types.
const (
	TypeCreate   Type = "group:create"
	TypeVerify   Type = "group:verify"
	TypeRollCall Type = "group:rollcall"
	TypeAdd      Type = "group:add"
	TypeInvite   Type = "group:invite"
	TypeJoins    Type = "group:joins"
	TypeSetup    Type = "group:setup"
	TypeWelcome  Type = "group:welcome"
	TypeDeliver  Type = "webhook:deliver"
)

// Task is one asynq task. It carries ids and no data: asynq writes every active payload again at each
// heartbeat, and only the store's records are authoritative.
type Task struct {
	Type    Type
	ID      string // asynq's TaskID; the same work has the same id, so asynq rejects a second enqueue
	Line    string // the line in which it waits for an instance's pace; empty for an unpaced task
	Payload Payload
	At      time.Time // not before; zero means now
}

// The queues. asynq serves CallQueue strictly before ReadQueue.
const (
	// CallQueue holds paced tasks: creates, invitations, people to add and welcome messages. They are scheduled for
	// FarDay, until a worker dispatches them one by one.
	CallQueue = "call"
	// ReadQueue holds unpaced tasks: looks, roll calls, later readings, setup steps, and deliveries of webhooks.
	ReadQueue = "read"
)

// Queues returns all queues, most urgent first.
func Queues() []string { return []string{CallQueue, ReadQueue} }

// FarDay is the time for which tasks that wait in a line are scheduled: so late that asynq runs none before a worker
// dispatches it.
var FarDay = time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)

// Queue returns the queue of this task.
func (t Task) Queue() string {
	if t.Line != "" {
		return CallQueue
	}
	return ReadQueue
}

// Again returns the task under its next id. Use it if it is unknown whether asynq still holds the task:
// asynq rejects a task whose id it holds.
func (t Task) Again() Task {
	id, n := t.ID, 1
	if first, count, ok := strings.Cut(t.ID, again); ok {
		if was, err := strconv.Atoi(count); err == nil {
			id, n = first, was+1
		}
	}
	t.ID = id + again + strconv.Itoa(n)
	return t
}

// again separates a task's id from the number of its repetition.
const again = "~"

// SameWork reports whether two ids belong to the same task, apart from its repetitions.
func SameWork(a, b string) bool {
	a, _, _ = strings.Cut(a, again)
	b, _, _ = strings.Cut(b, again)
	return a == b
}

// Payload is the JSON of a task. The group is in the task's id: see GroupOf.
type Payload struct {
	Version int `json:"v"`
	// Person is the index of the member to invite or add.
	Person int `json:"person,omitempty"`
	// Event and Receiver are the ids of a delivery's event and receiver. Run counts how often a person asked
	// for the delivery again: a task of an earlier run does nothing.
	Event    string `json:"event,omitempty"`
	Receiver string `json:"receiver,omitempty"`
	Run      int    `json:"run,omitempty"`
}

// Encode returns the payload's JSON.
func (p Payload) Encode() []byte {
	data, err := json.Marshal(p)
	if err != nil { // numbers and strings always marshal
		panic(err)
	}
	return data
}

// ErrNewer says that a newer version of rollcall enqueued the task. The task is intact: a worker of that
// version can run it.
var ErrNewer = errors.New("a newer version of rollcall enqueued it")

// DecodePayload reads a payload of this version or an earlier one. It fails with ErrNewer for a later version,
// and with another error for a payload that is damaged.
func DecodePayload(data []byte) (Payload, error) {
	var v struct {
		Version int `json:"v"`
	}
	if json.Unmarshal(data, &v) == nil && v.Version > version {
		return Payload{}, fmt.Errorf("decode task payload: %w (payload version %d, known up to %d)", ErrNewer, v.Version, version)
	}
	var p Payload
	if err := json.Unmarshal(data, &p); err != nil {
		return Payload{}, fmt.Errorf("decode task payload: %w", err)
	}
	if p.Version < 1 || (p.Event == "") != (p.Receiver == "") {
		return Payload{}, fmt.Errorf("decode task payload: no version, or an event without its receiver")
	}
	return p, nil
}

// version is the version of payloads that Encode writes.
const version = 1

// Create returns the task that creates a group. round counts how often the group went back to the queue for
// another create, after looks that found nothing or because a person decided so: each round has its own id.
func Create(group string, round int, target Target, p Priority) Task {
	id := group
	if round > 0 {
		id += ":" + strconv.Itoa(round)
	}
	return Task{Type: TypeCreate, ID: id, Line: target.Line(p), Payload: Payload{Version: version}}
}

// Verify returns the task that looks for a group whose create had an unknown outcome.
func Verify(group string, attempt int, at time.Time) Task {
	return Task{
		Type: TypeVerify, ID: group + ":verify:" + strconv.Itoa(attempt),
		Payload: Payload{Version: version}, At: at,
	}
}

// RollCall returns the task that reads who is in a new group.
func RollCall(group string, at time.Time) Task {
	return Task{
		Type: TypeRollCall, ID: group + ":rollcall",
		Payload: Payload{Version: version}, At: at,
	}
}

// Invite returns the task that invites one person, given as an index of the group's members.
func Invite(group string, person int, instance string) Task {
	return Task{
		Type: TypeInvite, ID: group + ":invite:" + strconv.Itoa(person), Line: InviteLine(instance),
		Payload: Payload{Version: version, Person: person},
	}
}

// Add returns the task that adds one person, given as an index of the group's members, to a group that exists. It is
// paced like an invitation.
func Add(group string, person int, instance string) Task {
	return Task{
		Type: TypeAdd, ID: group + ":add:" + strconv.Itoa(person), Line: InviteLine(instance),
		Payload: Payload{Version: version, Person: person},
	}
}

// Deliver returns the task that delivers one event to one receiver. It holds their ids; the receiver's address
// and secret stay in the worker's configuration.
func Deliver(event, receiver string, run int) Task {
	id := event + ":" + receiver
	if run > 0 {
		id += ":" + strconv.Itoa(run)
	}
	return Task{
		Type: TypeDeliver, ID: id,
		Payload: Payload{Version: version, Event: event, Receiver: receiver, Run: run},
	}
}

// Joins returns the task that reads a group again after its roll call, to find who joined by invitation and
// who left. Its id contains the time, because the task enqueues the next one while it runs.
func Joins(group string, at time.Time) Task {
	return Task{
		Type: TypeJoins, ID: group + ":joins:" + strconv.FormatInt(at.UnixMilli(), 10),
		Payload: Payload{Version: version}, At: at,
	}
}

// Setting returns the task that continues the setup of a group. Its id contains the time, like the id of Joins.
func Setting(group string, at time.Time) Task {
	return Task{
		Type: TypeSetup, ID: group + ":setup:" + strconv.FormatInt(at.UnixMilli(), 10),
		Payload: Payload{Version: version}, At: at,
	}
}

// Welcome returns the task that sends the welcome message to a group. It is paced like an invitation. Its id sorts
// before the ids of the group's invitations, so it comes before them in the line.
func Welcome(group, instance string) Task {
	return Task{
		Type: TypeWelcome, ID: group + ":greet", Line: InviteLine(instance),
		Payload: Payload{Version: version},
	}
}

// Target is where a group is to be created: by one instance, or by the first free instance of a pool.
// Exactly one of the two is set.
type Target struct {
	Instance string
	Pool     string
}

// DefaultPool is the pool of requests and instances that name none.
const DefaultPool = "default"

// Line returns the line in which the groups of this target wait. The configuration refuses an instance named
// "pool", so the lines of instances and pools never have the same name.
func (t Target) Line(p Priority) string {
	q := "create:" + t.Instance
	if t.Pool != "" {
		q = "create:pool:" + t.Pool
	}
	if p == High || p == Low {
		q += ":" + string(p)
	}
	return q
}

// String returns the target in one word: "alpha" or "pool:default".
func (t Target) String() string {
	if t.Pool != "" {
		return "pool:" + t.Pool
	}
	return t.Instance
}

// CreateLines returns the lines from which an instance creates, most urgent first: high, then normal, then
// low, and for each priority the instance's own line before those of its pools.
func CreateLines(instance string, pools []string) []string {
	lines := make([]string, 0, 3*(1+len(pools)))
	for _, p := range []Priority{High, Normal, Low} {
		lines = append(lines, Target{Instance: instance}.Line(p))
		for _, pool := range pools {
			lines = append(lines, Target{Pool: pool}.Line(p))
		}
	}
	return lines
}

// InviteLine returns the line of an instance's invitations, welcome messages and people to add.
func InviteLine(instance string) string { return "invite:" + instance }

// PersonOf returns the index of the member that an invite or add task is for, from its id; -1 for other tasks.
func PersonOf(taskID string) int {
	for _, step := range []string{":invite:", ":add:"} {
		if _, person, ok := strings.Cut(taskID, step); ok {
			person, _, _ = strings.Cut(person, again)
			if n, err := strconv.Atoi(person); err == nil {
				return n
			}
		}
	}
	return -1
}

// GroupOf returns the id of the group that a task id names; for a delivery, the id of the event.
func GroupOf(taskID string) string {
	group, _, _ := strings.Cut(taskID, ":")
	group, _, _ = strings.Cut(group, again)
	return group
}
