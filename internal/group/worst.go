package group

// Worst is the worst part of a group or a batch: its status, unless a part of it is worse.
type Worst string

// WorstPartly is a group or a batch that is done, or goes on, although a part of what was asked for failed.
const WorstPartly Worst = "partly"

// Worsts returns all values of Worst.
func Worsts() []Worst {
	all := []Worst{WorstPartly, batchRunning, Worst(Unreadable)}
	for _, s := range Statuses {
		all = append(all, Worst(s))
	}
	return all
}

// The states of a batch.
const (
	batchRunning = "running"
	batchDone    = "done"
)

// MissedOut reports whether the worker is finished with a person who is neither in the group nor invited to it.
func (s MemberStatus) MissedOut() bool {
	return s.Ended() && s != Added && s != Joined && s != Invited
}

// MissedOut counts the people who missed out.
func MissedOut(people map[MemberStatus]int) int {
	all := 0
	for s, n := range people {
		if s.MissedOut() {
			all += n
		}
	}
	return all
}

// worstOfGroup returns the group's status, or WorstPartly if the group is done without some of its people.
func worstOfGroup(s Status, people map[MemberStatus]int) Worst {
	if s == Done && MissedOut(people) > 0 {
		return WorstPartly
	}
	return Worst(s)
}

// worstOfBatch returns the worst status of the batch's groups, then WorstPartly for its rows and people, and otherwise
// status, which is that of the batch as a whole.
func worstOfBatch(status string, b *Batch) Worst {
	switch {
	case b.Unreadable:
		return Worst(Unreadable)
	case b.Counts[Failed] > 0:
		return Worst(Failed)
	case b.Counts[Review] > 0:
		return Worst(Review)
	case b.InvalidRows() > 0, b.Counts[Cancelled] > 0, MissedOut(b.Members) > 0:
		return WorstPartly
	}
	return Worst(status)
}
