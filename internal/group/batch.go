package group

import (
	"slices"
	"strings"
	"time"
)

// Batch is one file, one bulk call or one named series.
type Batch struct {
	ID      string
	Name    string
	Total   int // groups accepted
	Counts  map[Status]int
	Members map[MemberStatus]int
	// Invalid counts the invalid rows of the latest run of each audience.
	Invalid    map[Audience]int
	Comma      byte // the separator of its file; 0 for any other input
	CreatedAt  time.Time
	FinishedAt time.Time // set once, after the last group has ended
	Unreadable bool      // it cannot be read: only its id is known
	// Pools counts its groups by the requested pool, without those requested of an instance.
	Pools map[string]BatchPart
}

// Audience is who may see the invalid rows of a run: readers of all of its pools. The zero Audience is that of a run that
// was not limited to pools: readers of every group of the batch.
type Audience string

// AudienceOf returns the audience of a run that is limited to pools; without pools, of one that is not.
func AudienceOf(pools []string) Audience {
	return Audience(strings.Join(slices.Compact(slices.Sorted(slices.Values(pools))), ","))
}

// includes reports whether a reader limited to pools belongs to the audience. whole is whether the reader sees every
// group of the batch.
func (a Audience) includes(pools []string, whole bool) bool {
	if a == "" {
		return whole
	}
	for pool := range strings.SplitSeq(string(a), ",") {
		if !slices.Contains(pools, pool) {
			return false
		}
	}
	return true
}

// InvalidRows returns the number of the invalid rows.
func (b *Batch) InvalidRows() int {
	sum := 0
	for _, n := range b.Invalid {
		sum += n
	}
	return sum
}

// BatchPart counts the groups and people of a batch that were requested of one pool.
type BatchPart struct {
	Total   int
	Counts  map[Status]int
	Members map[MemberStatus]int
}

// Within returns a batch for a reader limited to some pools, and whether the reader may see it at all. It
// counts only the pools' groups and people, and the invalid rows that have the reader in their audience.
func (b *Batch) Within(pools []string) (*Batch, bool) {
	part := *b
	part.Total, part.Counts, part.Members = 0, map[Status]int{}, map[MemberStatus]int{}
	for _, pool := range pools {
		of := b.Pools[pool]
		part.Total += of.Total
		for s, n := range of.Counts {
			part.Counts[s] += n
		}
		for s, n := range of.Members {
			part.Members[s] += n
		}
	}
	whole := part.Total == b.Total
	if whole {
		part = *b
	}
	part.Invalid = map[Audience]int{}
	for who, n := range b.Invalid {
		if who.includes(pools, whole) {
			part.Invalid[who] = n
		}
	}
	return &part, part.Total > 0
}

// BatchDocument is a batch as the API and the events show it.
type BatchDocument struct {
	ID           string               `json:"id"`
	Name         string               `json:"name"`
	Status       string               `json:"status"`
	Worst        Worst                `json:"worst"`
	Total        int                  `json:"total"`
	Counts       map[Status]int       `json:"counts"`
	MemberCounts map[MemberStatus]int `json:"memberCounts"`
	Funnel       Funnel               `json:"funnel"`
	InvalidRows  int                  `json:"invalidRows"`
	EtaAt        *time.Time           `json:"etaAt"`
	CreatedAt    time.Time            `json:"createdAt"`
	FinishedAt   *time.Time           `json:"finishedAt"`
}

// Funnel counts the people of a batch by progress. A requested person is added or, if that was not possible,
// invited. Invited includes those who joined. A person who left again counts as asked only.
type Funnel struct {
	Asked   int `json:"asked"`
	Added   int `json:"added"`
	Invited int `json:"invited"`
	Joined  int `json:"joined"`
}

func funnelOf(members map[MemberStatus]int) Funnel {
	f := Funnel{Added: members[Added], Invited: members[Invited] + members[Joined], Joined: members[Joined]}
	for _, n := range members {
		f.Asked += n
	}
	return f
}

// Document renders the batch. eta is the caller's estimate of when it will be over; the zero time means that
// there is no estimate.
func (b *Batch) Document(eta time.Time) BatchDocument {
	d := BatchDocument{
		ID: b.ID, Name: b.Name, Status: batchRunning, Total: b.Total, Counts: b.Counts, MemberCounts: b.Members,
		Funnel: funnelOf(b.Members), InvalidRows: b.InvalidRows(), EtaAt: moment(eta), CreatedAt: b.CreatedAt.UTC(), FinishedAt: moment(b.FinishedAt),
	}
	if !b.FinishedAt.IsZero() {
		d.Status, d.EtaAt = batchDone, nil
	}
	if b.Unreadable {
		d.Status = string(Unreadable)
	}
	d.Worst = worstOfBatch(d.Status, b)
	return d
}

// Ended returns how many of the batch's groups have ended.
func (b *Batch) Ended() int {
	n := 0
	for s, count := range b.Counts {
		if s.Ended() {
			n += count
		}
	}
	return n
}
