package simulator

import (
	"fmt"
	"time"
)

// The states of an instance. The words are GREEN-API's if it has one. The last five are other providers' states, or do
// not concern the number.
const (
	stateAuthorized    = "authorized"
	stateNotAuthorized = "notAuthorized"
	stateBlocked       = "blocked"
	stateStarting      = "starting"
	stateSleepMode     = "sleepMode"
	stateYellowCard    = "yellowCard"
	stateSuspended     = "suspended"
	stateRestore       = "restore"   // Z-API: "You need to restore the session."
	stateExpired       = "expired"   // unpaid
	stateDeleted       = "deleted"   // gone
	stateQuota         = "quota"     // GREEN-API: 466 to everything that costs
	stateIPBlocked     = "ipBlocked" // Z-API: the caller's address is not on the allow-list
)

type stateEntry struct {
	state string
	at    time.Time
}

// State is the body of POST /instances/{id}/state. Fields left out stay as they are.
type State struct {
	// State is a word of GREEN-API's getStateInstance, "connected" or "disconnected" for any
	// provider, or one of restore, expired, deleted, quota, ipBlocked.
	State string `json:"state,omitempty"`
	// Until is when the state ends and the instance is authorised again: GREEN-API's suspendedUntil. For is the same,
	// counted from now and taken literally.
	Until time.Time `json:"until,omitzero"`
	For   Duration  `json:"for,omitempty"`
	// TokenWrong makes the provider refuse the instance's own token.
	TokenWrong *bool `json:"tokenWrong,omitempty"`
	// PhoneOffline is Z-API's smartphoneConnected:false.
	PhoneOffline *bool `json:"phoneOffline,omitempty"`
	// ClientToken changes what Z-API wants in the header; "" deactivates it.
	ClientToken *string `json:"clientToken,omitempty"`
	// Phone connects the instance with another phone, which has its own groups and an empty queue.
	Phone string `json:"phone,omitempty"`
	// CheckQuota is how many more checkWhatsapp calls the month has; 0: unlimited.
	CheckQuota *int `json:"checkQuota,omitempty"`
}

// SetState changes an instance as its owner, its phone or WhatsApp would.
func (s *Simulator) SetState(id string, in State) error {
	s.lock()
	defer s.unlock()
	i := s.world.instances[id]
	if i == nil {
		return fmt.Errorf("no instance %q", id)
	}
	if in.TokenWrong != nil {
		i.tokenWrong = *in.TokenWrong
	}
	if in.PhoneOffline != nil {
		i.phoneOffline = *in.PhoneOffline
	}
	if in.ClientToken != nil {
		i.ClientToken = *in.ClientToken
	}
	if in.CheckQuota != nil {
		i.checksUsed, i.checkQuota = 0, *in.CheckQuota
	}
	if in.Phone != "" {
		if !isNumber(in.Phone) {
			return fmt.Errorf("phone: want a number with its country code")
		}
		s.world.scan(i, in.Phone)
	}
	if in.State == "" {
		return nil
	}
	state, ok := stateWord(in.State)
	if !ok {
		return fmt.Errorf("no state %q", in.State)
	}
	until := in.Until
	if in.For > 0 {
		until = s.world.now().Add(time.Duration(in.For))
	}
	s.world.change(i, state, until)
	return nil
}

func stateWord(word string) (string, bool) {
	switch word {
	case "connected":
		return stateAuthorized, true
	case "disconnected":
		return stateNotAuthorized, true
	case stateAuthorized, stateNotAuthorized, stateBlocked, stateStarting, stateSleepMode, stateYellowCard,
		stateSuspended, stateRestore, stateExpired, stateDeleted, stateQuota, stateIPBlocked:
		return word, true
	}
	return "", false
}

// change moves an instance to a state, sends its webhook, and plans the end of the state.
func (w *world) change(i *instance, state string, until time.Time) {
	before := i.state
	i.state, i.until = state, until
	i.stateSeq++
	if before != state {
		i.history = append(i.history, stateEntry{state: state, at: w.now()})
		w.announceState(i, before)
	}
	if i.sends() {
		w.expireQueue(i)
		w.planDrain(i)
	}
	if until.IsZero() {
		return
	}
	seq := i.stateSeq
	w.plan(until, func(time.Time) {
		if i.stateSeq == seq {
			w.change(i, stateAuthorized, time.Time{})
		}
	})
}

// scan connects an instance with another phone.
func (w *world) scan(i *instance, phone string) {
	w.unqueue(i, func(*message) bool { return true })
	i.self.inst = nil
	i.Phone, i.self, i.journal, i.groups = phone, w.personOf(phone), nil, nil
	i.self.form, i.self.hasWhatsApp, i.self.listedAsLID, i.self.lidUntold, i.self.inst = phone, true, false, false, i
	for _, g := range w.groups {
		if g.byKey[i.self.key] != nil {
			i.groups = append(i.groups, g)
		}
	}
}

// sends reports whether the queue moves. It waits while the number is not authorised or has a yellowCard. A suspended
// number sends, to no effect.
func (i *instance) sends() bool {
	switch i.state {
	case stateAuthorized, stateSuspended, stateQuota, stateExpired, stateIPBlocked:
		return !i.phoneOffline
	}
	return false
}

// linked reports whether WhatsApp and the provider are connected.
func (i *instance) linked() bool {
	switch i.state {
	case stateNotAuthorized, stateBlocked, stateStarting, stateSleepMode, stateRestore, stateDeleted:
		return false
	}
	return true
}

// greenWord returns the state in the words of getStateInstance.
func (i *instance) greenWord() string {
	switch i.state {
	case stateRestore:
		return stateNotAuthorized
	case stateExpired, stateDeleted, stateQuota, stateIPBlocked:
		return stateAuthorized // the account's trouble, not the number's
	}
	return i.state
}

// zapiStatus returns what GET /status says. An unpaid instance says connected.
func (i *instance) zapiStatus() (connected bool, text string) {
	switch {
	case i.state == stateRestore || i.state == stateStarting:
		return false, "You need to restore the session."
	case !i.linked():
		return false, "You are not connected."
	}
	return true, "You are already connected."
}
