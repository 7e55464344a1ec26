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
	TypeDeliver  Type = "webhook:deliver"
)

// Task is one asynq task of ours. It carries ids, never data: asynq rewrites every active payload
// at each heartbeat, and the store is the truth.
type Task struct {
	Type    Type
	ID      string // asynq's TaskID; derived, so that enqueuing twice is enqueuing once
	Queue   string
	Payload Payload
	At      time.Time // not before; zero means now
}

// Payload is the JSON of a task.
type Payload struct {
	Version int    `json:"v"`
	Group   string `json:"group,omitempty"` // of every task but a delivery
	// Person is the index of the member whom an invite or an add is for.
	Person int `json:"person,omitempty"`
	// Event and Receiver say what a delivery brings to whom. Run counts the times somebody asked
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
	if p.Group == "" && (p.Event == "" || p.Receiver == "") {
		return Payload{}, fmt.Errorf("decode task payload: neither a group nor an event and its receiver")
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
	return Task{Type: TypeCreate, ID: id, Queue: target.Queue(p), Payload: Payload{Version: version, Group: group}}
}

// Verify is the task that looks for a group whose create had an unknown outcome.
func Verify(group string, attempt int, instance string, at time.Time) Task {
	return Task{
		Type: TypeVerify, ID: group + ":verify:" + strconv.Itoa(attempt), Queue: ReadQueue(instance),
		Payload: Payload{Version: version, Group: group}, At: at,
	}
}

// RollCall is the task that reads who is in the group.
func RollCall(group, instance string, at time.Time) Task {
	return Task{
		Type: TypeRollCall, ID: group + ":rollcall", Queue: ReadQueue(instance),
		Payload: Payload{Version: version, Group: group}, At: at,
	}
}

// Invite is the task that invites one person.
func Invite(group string, person int, instance string) Task {
	return Task{
		Type: TypeInvite, ID: group + ":invite:" + strconv.Itoa(person), Queue: InviteQueue(instance),
		Payload: Payload{Version: version, Group: group, Person: person},
	}
}

// Add is the task that adds one person to a group that exists. It is paced like an invitation.
func Add(group string, person int, instance string) Task {
	return Task{
		Type: TypeAdd, ID: group + ":add:" + strconv.Itoa(person), Queue: InviteQueue(instance),
		Payload: Payload{Version: version, Group: group, Person: person},
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
		Type: TypeDeliver, ID: id, Queue: WebhookQueue(receiver),
		Payload: Payload{Version: version, Event: event, Receiver: receiver, Run: run},
	}
}

// Joins is the task that reads a group again after its roll call: who followed an invitation, who
// left. Each reading has an id of its own, because the next one is put while this one runs.
func Joins(group, instance string, at time.Time) Task {
	return Task{
		Type: TypeJoins, ID: group + ":joins:" + strconv.FormatInt(at.UnixMilli(), 10), Queue: ReadQueue(instance),
		Payload: Payload{Version: version, Group: group}, At: at,
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

// Queue is the create queue of this target. An instance cannot be called "pool" (the
// configuration refuses it), so the names of instances' and pools' queues never meet.
func (t Target) Queue(p Priority) string {
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

// CreateQueues are the queues an instance's create lane serves, most urgent first: all high ones
// before all normal ones before all low ones, the instance's own before its pools'.
func CreateQueues(instance string, pools []string) []string {
	queues := make([]string, 0, 3*(1+len(pools)))
	for _, p := range []Priority{High, Normal, Low} {
		queues = append(queues, Target{Instance: instance}.Queue(p))
		for _, pool := range pools {
			queues = append(queues, Target{Pool: pool}.Queue(p))
		}
	}
	return queues
}

// ReadQueue holds an instance's looks and roll calls: they read, so no pace holds them.
func ReadQueue(instance string) string { return "read:" + instance }

// InviteQueue holds an instance's invitations, and the people it adds to groups that exist.
func InviteQueue(instance string) string { return "invite:" + instance }

// WebhookQueue holds the deliveries to one receiver: one that hangs keeps nobody else waiting.
func WebhookQueue(receiver string) string { return "webhook:" + receiver }

// PersonOf is the member whom a task id names whose task invites or adds one, or -1.
func PersonOf(taskID string) int {
	for _, step := range []string{":invite:", ":add:"} {
		if _, person, ok := strings.Cut(taskID, step); ok {
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
	return group
}
