package group

// Worst is the worst part of a group or a batch: its status, unless a part of it is worse.
type Worst string

// WorstPartly is what is done, or goes on, while a part of what was asked for did not come about.
const WorstPartly Worst = "partly"

// Worsts are all that a group or a batch can be.
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

// MissedOut says that this person was asked for, and is neither in the group nor invited to it.
func (s MemberStatus) MissedOut() bool {
	return s.Ended() && s != Added && s != Joined && s != Invited
}

// MissedOut is how many of some people missed out.
func MissedOut(people map[MemberStatus]int) int {
	all := 0
	for s, n := range people {
		if s.MissedOut() {
			all += n
		}
	}
	return all
}

// worstOfGroup is WorstPartly for a group that is done without some of its people.
func worstOfGroup(s Status, people map[MemberStatus]int) Worst {
	if s == Done && MissedOut(people) > 0 {
		return WorstPartly
	}
	return Worst(s)
}

// worstOfBatch goes by the groups, the rows and the people. status is that of the batch as a whole.
func worstOfBatch(status string, b *Batch) Worst {
	switch {
	case b.Unreadable:
		return Worst(Unreadable)
	case b.Counts[Failed] > 0:
		return Worst(Failed)
	case b.Counts[Review] > 0:
		return Worst(Review)
	case b.InvalidRows > 0, b.Counts[Cancelled] > 0, MissedOut(b.Members) > 0:
		return WorstPartly
	}
	return Worst(status)
}
