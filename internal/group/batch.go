package group

import "time"

// Batch is one file, one bulk call or one named series.
type Batch struct {
	ID          string
	Name        string
	Total       int // groups accepted
	Counts      map[Status]int
	Members     map[MemberStatus]int
	InvalidRows int // of the latest run
	CreatedAt   time.Time
	FinishedAt  time.Time // set once, after the last group has ended
}

// BatchDocument is a batch as everybody outside sees it: contract.md section 5.
type BatchDocument struct {
	ID           string               `json:"id"`
	Name         string               `json:"name"`
	Status       string               `json:"status"`
	Total        int                  `json:"total"`
	Counts       map[Status]int       `json:"counts"`
	MemberCounts map[MemberStatus]int `json:"memberCounts"`
	InvalidRows  int                  `json:"invalidRows"`
	EtaAt        *time.Time           `json:"etaAt"`
	CreatedAt    time.Time            `json:"createdAt"`
	FinishedAt   *time.Time           `json:"finishedAt"`
}

// Document renders the batch. When it will be over is known only to who sees the queues and the
// pace; the zero time means that nobody can say.
func (b *Batch) Document(eta time.Time) BatchDocument {
	d := BatchDocument{
		ID: b.ID, Name: b.Name, Status: "running", Total: b.Total, Counts: b.Counts, MemberCounts: b.Members,
		InvalidRows: b.InvalidRows, EtaAt: moment(eta), CreatedAt: b.CreatedAt.UTC(), FinishedAt: moment(b.FinishedAt),
	}
	if !b.FinishedAt.IsZero() {
		d.Status, d.EtaAt = "done", nil
	}
	return d
}

// Ended is how many of the batch's groups have ended.
func (b *Batch) Ended() int {
	n := 0
	for s, count := range b.Counts {
		if s.Ended() {
			n += count
		}
	}
	return n
}
