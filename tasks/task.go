package tasks

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Type is the name of an asynq task type: one step of a group's way.
type Type string

// The steps.
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

// Task is one asynq task of ours. It carries ids, never data: asynq rewrites every active payload
// at each heartbeat, and the store is the truth.
type Task struct {
	Type    Type
	ID      string // asynq's TaskID; derived, so that enqueuing twice is enqueuing once
	Line    string // where it waits for the pace of an instance; empty for a task that no pace holds
	Payload Payload
	At      time.Time // not before; zero means now
}

// The queues. asynq serves CallQueue strictly before ReadQueue.
const (
	// CallQueue holds the tasks of a line: creates, invitations and people to add. They wait as scheduled
	// for FarDay, until they are let go one by one.
	CallQueue = "call"
	// ReadQueue holds the tasks that no pace holds: looks, roll calls, readings, deliveries.
	ReadQueue = "read"
)

// Queues are all of them, most urgent first.
func Queues() []string { return []string{CallQueue, ReadQueue} }

// FarDay is the day for which the tasks of a line are scheduled: none comes so far by waiting.
var FarDay = time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)

// Queue is the queue of this task.
func (t Task) Queue() string {
	if t.Line != "" {
		return CallQueue
	}
	return ReadQueue
}

// Again is the task under an id of its own, for when what became of the first one is not known: asynq
// takes it although it holds the first one too.
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

// again stands between the id of a task and how often it was put again.
const again = "~"

// SameWork reports whether two ids are of one task, however often it was put.
func SameWork(a, b string) bool {
	a, _, _ = strings.Cut(a, again)
	b, _, _ = strings.Cut(b, again)
	return a == b
}

// Payload is the JSON of a task. The group it is about its id tells: GroupOf.
type Payload struct {
	Version int `json:"v"`
	// Person is the index of the member whom an invite or an add is for.
	Person int `json:"person,omitempty"`
	// Event and Receiver say what a delivery brings to whom. Run counts the times a person asked
	// for it again: a task of an earlier run does nothing.
	Event    string `json:"event,omitempty"`
	Receiver string `json:"receiver,omitempty"`
	Run      int    `json:"run,omitempty"`
}

// Encode gives the payload's JSON.
func (p Payload) Encode() []byte {
	data, err := json.Marshal(p)
	if err != nil { // numbers and strings always marshal
		panic(err)
	}
	return data
}

// ErrNewer says that a task was put by a newer version of rollcall than this one. It is whole, and a
// newer worker can do it.
var ErrNewer = errors.New("it was put by a newer version of rollcall")

// DecodePayload reads the payload of any version up to this one's; of a later one it fails with
// ErrNewer.
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

const version = 1

// Create is the task that creates the group. Round counts the times the group came back to the
// queue for a new create (after looks that found nothing, or by a person), so that a round's task
// never collides with the finished one of an earlier round.
func Create(group string, round int, target Target, p Priority) Task {
	id := group
	if round > 0 {
		id += ":" + strconv.Itoa(round)
	}
	return Task{Type: TypeCreate, ID: id, Line: target.Line(p), Payload: Payload{Version: version}}
}

// Verify is the task that looks for a group whose create had an unknown outcome.
func Verify(group string, attempt int, at time.Time) Task {
	return Task{
		Type: TypeVerify, ID: group + ":verify:" + strconv.Itoa(attempt),
		Payload: Payload{Version: version}, At: at,
	}
}

// RollCall is the task that reads who is in the group.
func RollCall(group string, at time.Time) Task {
	return Task{
		Type: TypeRollCall, ID: group + ":rollcall",
		Payload: Payload{Version: version}, At: at,
	}
}

// Invite is the task that invites one person.
func Invite(group string, person int, instance string) Task {
	return Task{
		Type: TypeInvite, ID: group + ":invite:" + strconv.Itoa(person), Line: InviteLine(instance),
		Payload: Payload{Version: version, Person: person},
	}
}

// Add is the task that adds one person to a group that exists. It is paced like an invitation.
func Add(group string, person int, instance string) Task {
	return Task{
		Type: TypeAdd, ID: group + ":add:" + strconv.Itoa(person), Line: InviteLine(instance),
		Payload: Payload{Version: version, Person: person},
	}
}

// Deliver is the task that brings one event to one receiver. It names both and holds neither an
// address nor a secret: those are the worker's configuration.
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

// Joins is the task that reads a group again after its roll call: who followed an invitation, who
// left. Each reading has an id of its own, because the next one is put while this one runs.
func Joins(group string, at time.Time) Task {
	return Task{
		Type: TypeJoins, ID: group + ":joins:" + strconv.FormatInt(at.UnixMilli(), 10),
		Payload: Payload{Version: version}, At: at,
	}
}

// Setting is the task that goes on with what is set up of a group. Each time has an id of its own, as
// those of Joins.
func Setting(group string, at time.Time) Task {
	return Task{
		Type: TypeSetup, ID: group + ":setup:" + strconv.FormatInt(at.UnixMilli(), 10),
		Payload: Payload{Version: version}, At: at,
	}
}

// Welcome is the task that sends a group its welcome. It is paced like an invitation, and its id comes
// before those of the group's invitations, which decides where it stands in their line.
func Welcome(group, instance string) Task {
	return Task{
		Type: TypeWelcome, ID: group + ":greet", Line: InviteLine(instance),
		Payload: Payload{Version: version},
	}
}

// Target is where a group wants to be created: by one instance, or by the first of a pool that may.
// Exactly one of the two is set.
type Target struct {
	Instance string
	Pool     string
}

// DefaultPool is the pool of requests and instances that name none.
const DefaultPool = "default"

// Line is where the groups of this target wait. An instance cannot be called "pool" (the
// configuration refuses it), so the names of instances' and pools' lines never meet.
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

// String is the target in one word: "alpha" or "pool:default".
func (t Target) String() string {
	if t.Pool != "" {
		return "pool:" + t.Pool
	}
	return t.Instance
}

// CreateLines are the lines from which an instance creates, most urgent first: all high ones
// before all normal ones before all low ones, the instance's own before its pools'.
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

// InviteLine holds an instance's invitations, and the people it adds to groups that exist.
func InviteLine(instance string) string { return "invite:" + instance }

// PersonOf is the member whom a task id names whose task invites or adds one, or -1.
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

// GroupOf is the group a task id belongs to; of a delivery's, the event.
func GroupOf(taskID string) string {
	group, _, _ := strings.Cut(taskID, ":")
	group, _, _ = strings.Cut(group, again)
	return group
}
