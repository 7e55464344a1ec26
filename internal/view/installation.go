package view

import (
	"context"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// InstallationState is the state of the installation.
type InstallationState string

// The states.
const (
	InstallationNone    InstallationState = "none"    // no worker has run on this Redis yet
	InstallationSound   InstallationState = "sound"   // nothing was lost
	InstallationLooking InstallationState = "looking" // each create is preceded by a look
	InstallationHeld    InstallationState = "held"    // nothing is created until Until
	InstallationLost    InstallationState = "lost"    // nothing is created until a person decides
)

// CauseBlocked is the cause when a key in Redis holds a value of another type.
const CauseBlocked = "blocked"

// Installation is the installation as the API shows it.
type Installation struct {
	ID     string            `json:"id"`
	Epoch  int64             `json:"epoch"` // grows each time Redis may have lost data
	State  InstallationState `json:"state"`
	Cause  string            `json:"cause"`  // restarted, crashed, restored, startedOver, emptied, foreign, blocked; "" for sound
	Reason say.Phrase        `json:"reason"` // the same in a sentence
	Until  *time.Time        `json:"until"`  // of held and looking
	// From and To are the time in which calls may have been made that Redis does not know of.
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
}

// Installation returns the installation's document.
func (r *Reader) Installation(ctx context.Context) (Installation, error) {
	i, err := r.store.Installation(ctx)
	return installationDocument(i), err
}

func installationDocument(i store.Installation) Installation {
	d := Installation{ID: i.ID, Epoch: i.Epoch, State: InstallationSound}
	until, held := i.Held()
	switch {
	case i.Blocked != "":
		d.State, d.Cause, d.Reason = InstallationLost, CauseBlocked, Held(i)
		return d
	case i.Loss != "":
		d.State, d.Cause, d.Reason, d.To = InstallationLost, string(i.Loss), Held(i), moment(i.LostAt)
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
	d.Cause, d.Reason = string(i.Doubt.Kind), Doubt(i)
	d.From, d.To = moment(i.Doubt.From), moment(i.Doubt.To)
	return d
}

// Held returns why the whole installation makes no paced call now; zero while it does.
func Held(i store.Installation) say.Phrase {
	switch {
	case i.Blocked != "":
		return say.Phrase{Code: say.KeyBlocked, Place: i.Blocked}
	case i.Loss == store.Emptied:
		return say.Phrase{Code: say.LossEmptied}
	case i.Loss == store.Foreign:
		return say.Phrase{Code: say.LossForeign}
	}
	if _, held := i.Held(); held {
		return Doubt(i)
	}
	return say.Phrase{}
}

// Held reports whether the instance makes no paced call because the whole installation makes none.
func (i Instance) Held() bool {
	switch i.Reason.Code {
	case say.KeyBlocked, say.LossEmptied, say.LossForeign, say.DoubtRestored, say.DoubtCrashed, say.DoubtStartedOver, say.DoubtRestarted:
		return i.State == provider.Paused
	default:
		return false
	}
}

// Doubt returns why Redis may not know of calls that were made; zero if it knows of all.
func Doubt(i store.Installation) say.Phrase {
	if i.Doubt == nil {
		return say.Phrase{}
	}
	switch i.Doubt.Kind {
	case store.Restored:
		return say.Phrase{Code: say.DoubtRestored}
	case store.Crashed:
		return say.Phrase{Code: say.DoubtCrashed}
	case store.StartedOver:
		return say.Phrase{Code: say.DoubtStartedOver}
	default:
		return say.Phrase{Code: say.DoubtRestarted}
	}
}
