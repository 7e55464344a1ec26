package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Personality is how much of the documented trouble a simulator makes without a script. Scripted
// faults work with every personality.
type Personality string

// The personalities.
const (
	Kind      Personality = "kind"      // everything works and everybody is added
	Realistic Personality = "realistic" // a working day: some people refuse, few calls fail
	Hostile   Personality = "hostile"   // a bad day: one call in six misbehaves
)

// The words of Instance.Provider.
const (
	ZAPI      = "zapi"
	GreenAPI  = "greenapi"
	Evolution = "evolution"
	GOWA      = "gowa"
)

// Config says what is simulated. The zero value of every field is usable.
type Config struct {
	// Seed decides every draw. The same seed gives every person the same character, and every instance the same
	// sequence of misbehaviour. Draws are counted per instance and kind of call, so that the timing of goroutines does
	// not matter.
	Seed uint64
	// Personality defaults to Realistic.
	Personality Personality
	// Instances may be empty; more can come through the control port.
	Instances []Instance
	// TimeScale multiplies every documented lag, spacing, limit window, latency and hold. 0.01
	// makes a minute 600 ms. Defaults to 1. Durations given in scripts are taken literally.
	TimeScale float64
	// Adjust changes the personality's quirks before anything happens, for example to turn
	// GREEN-API's rate limits off. It is applied again at every reset. Defaults to no change.
	Adjust func(*Quirks)
	// Now is the clock, which may jump. Events that are due run at every call and every reading of the ledger, and soon
	// after the clock has passed them. Defaults to time.Now.
	Now func() time.Time
	// Client delivers webhooks. Defaults to a client with a 15 s timeout.
	Client *http.Client
	// Watch is called at each Moment of every call that no rule refuses at once, while the client waits. A call for
	// which it returns true at Arrived is lost: it meets "hang-not-created". Defaults to no watch.
	Watch func(Moment, Call) (lost bool)
	// KeepCalls is the minimum number of calls, and of webhooks, that are kept. Older ones are forgotten, and counted
	// as dropped. Defaults to 200000.
	KeepCalls int
}

// Moment is a moment of a call at which Config.Watch is called.
type Moment string

// The moments.
const (
	Arrived  Moment = "arrived"  // nothing has happened yet
	Done     Moment = "done"     // the call is carried out, and its client still waits for the answer
	Answered Moment = "answered" // the whole answer has left
)

// Instance is one connected number at one provider.
type Instance struct {
	Provider string `json:"provider"` // One of Providers(). Required.
	ID       string `json:"id"`       // Required, unique per simulator.
	Token    string `json:"token"`    // Required.
	// ClientToken is Z-API's account token. "" means that the token was never activated, and the header is ignored.
	ClientToken string `json:"clientToken,omitempty"`
	// Phone is the connected number. Defaults to a number made from the seed and the id.
	Phone string `json:"phone,omitempty"`
	// Old makes the provider answer as before its latest fields: Z-API's creates without phonesNotAdded,
	// GREEN-API's checks by phoneNumber alone.
	Old bool `json:"old,omitempty"`
	// WebhookURL receives every kind of webhook from the start, as if it had been set through
	// the provider's own calls. Defaults to none.
	WebhookURL string `json:"webhookUrl,omitempty"`
	// WebhookToken is GREEN-API's webhookUrlToken: pushes carry "Authorization: Bearer <it>".
	WebhookToken string `json:"webhookToken,omitempty"`
}

// withDefaults returns the configuration with its defaults, and an error that names everything that is wrong.
func (c Config) withDefaults() (Config, error) {
	var faults []error
	c.Personality = cmp.Or(c.Personality, Realistic)
	if !slices.Contains([]Personality{Kind, Realistic, Hostile}, c.Personality) {
		faults = append(faults, fmt.Errorf("personality %q: want kind, realistic or hostile", c.Personality))
	}
	if c.TimeScale == 0 {
		c.TimeScale = 1
	}
	if c.TimeScale < 0 {
		faults = append(faults, fmt.Errorf("time scale %g: want more than 0", c.TimeScale))
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 15 * time.Second}
	}
	c.KeepCalls = cmp.Or(c.KeepCalls, 200_000)
	seen := map[string]bool{}
	for _, in := range c.Instances {
		if err := in.validate(); err != nil {
			faults = append(faults, err)
		}
		if seen[in.ID] {
			faults = append(faults, fmt.Errorf("instance_id %q is used twice; one address serves all simulators, so give each instance an instance_id of its own", in.ID))
		}
		seen[in.ID] = true
	}
	return c, errors.Join(faults...)
}

func (in Instance) validate() error {
	switch {
	case !slices.Contains(Providers(), in.Provider):
		return fmt.Errorf("instance %q: provider %q: want one of %q", in.ID, in.Provider, Providers())
	case in.ID == "" || in.Token == "":
		return fmt.Errorf("instance %q: id and token are required", in.ID)
	case in.Phone != "" && !isNumber(in.Phone):
		return fmt.Errorf("instance %q: phone: want 8 to 15 digits and nothing else", in.ID)
	}
	return nil
}
