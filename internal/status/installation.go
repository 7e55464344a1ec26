package status

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
)

// UndecidedText is why a worker holds its calls while another one could still tell whether Redis
// lost anything.
const UndecidedText = "Redis was restarted; waiting for a worker that remembers what it held"

// InstallationState is how the installation stands.
type InstallationState string

// The states.
const (
	InstallationNone    InstallationState = "none"    // no worker has run on this Redis yet
	InstallationSound   InstallationState = "sound"   // nothing was lost
	InstallationLooking InstallationState = "looking" // each create is preceded by a look
	InstallationHeld    InstallationState = "held"    // nothing is created until Until
	InstallationLost    InstallationState = "lost"    // nothing is created until a person decides
)

// Installation is the installation as everybody outside sees it.
type Installation struct {
	ID     string            `json:"id"`
	Epoch  int64             `json:"epoch"` // grows with every break of Redis
	State  InstallationState `json:"state"`
	Cause  string            `json:"cause"`  // restarted, crashed, restored, startedOver, emptied, foreign; "" for sound
	Reason string            `json:"reason"` // the same in a sentence
	Until  *time.Time        `json:"until"`  // of held and looking
	// From and To are the time in which calls may have been made that Redis does not know of.
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
}

// Installation is the installation's document.
func (r *Reader) Installation(ctx context.Context) (Installation, error) {
	i, err := r.store.Installation(ctx)
	return installationDocument(i), err
}

func installationDocument(i store.Installation) Installation {
	d := Installation{ID: i.ID, Epoch: i.Epoch, State: InstallationSound}
	until, held := i.Held()
	switch {
	case i.Loss != "":
		d.State, d.Cause, d.Reason, d.To = InstallationLost, string(i.Loss), HeldText(i), moment(i.LostAt)
		return d
	case i.ID == "":
		d.State = InstallationNone
		return d
	case i.Doubt == nil:
		return d
	case held:
		d.State, d.Until = InstallationHeld, moment(until)
	default:
		d.State, d.Until = InstallationLooking, moment(i.Doubt.Until)
	}
	d.Cause, d.Reason = string(i.Doubt.Kind), DoubtText(i)
	d.From, d.To = moment(i.Doubt.From), moment(i.Doubt.To)
	return d
}

// HeldText is why the whole installation makes no paced call now; "" while it does.
func HeldText(i store.Installation) string {
	switch i.Loss {
	case store.Emptied:
		return "Redis no longer holds this installation: it was emptied or replaced. Restore a backup, or run: rollcall-producer recover --start-over"
	case store.Foreign:
		return "Redis holds another installation than the workers remember. Correct redis.url, restore the right backup, or run: rollcall-producer recover --start-over"
	}
	if _, held := i.Held(); held {
		return DoubtText(i)
	}
	return ""
}

// DoubtText is why Redis may not know of calls that were made; "" if it knows of all.
func DoubtText(i store.Installation) string {
	if i.Doubt == nil {
		return ""
	}
	switch i.Doubt.Kind {
	case store.Restored:
		return "Redis went back to an older state. Each group is looked for in the provider's lists before it is created"
	case store.Crashed:
		return "Redis and the workers stopped unexpectedly, or a backup was restored. Each group is looked for in the provider's lists before it is created"
	case store.StartedOver:
		return "The work began again on an empty Redis. Each group is looked for in the provider's lists before it is created"
	default:
		return "Redis was restarted while no worker ran. Each group is looked for in the provider's lists before it is created"
	}
}
