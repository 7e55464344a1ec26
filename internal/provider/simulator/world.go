package simulator

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// world is WhatsApp: people, groups, messages and the numbers connected to it. Everything in it
// is guarded by the simulator's lock; nothing in it blocks.
type world struct {
	sim    *Simulator
	dice   dice
	quirks Quirks
	scale  float64
	read   func() time.Time // the clock
	moment time.Time        // of the event under way, or zero
	start  time.Time
	links  *regexp.Regexp

	people        map[string]*person // by folded number
	byLID         map[string]*person
	instances     map[string]*instance
	ordered       []*instance
	groups        []*group
	byCore        map[string]*group
	byCode        map[string]*group // by the code of a valid invite link
	messages      []*message
	pushes        []*Push
	calls         []*Call
	callSeq       uint64
	dropped       int
	droppedPushes int
	scripts       []*Script

	events events
	seq    uint64
}

func newWorld(s *Simulator, cfg Config) *world {
	w := &world{
		sim: s, dice: dice{cfg.Seed}, quirks: DefaultQuirks(cfg.Personality), scale: cfg.TimeScale,
		read: cfg.Now, start: cfg.Now(),
		links:  regexp.MustCompile(`https://chat\.whatsapp\.com/([A-Za-z0-9]{10,40})`),
		people: map[string]*person{}, byLID: map[string]*person{}, instances: map[string]*instance{},
		byCore: map[string]*group{}, byCode: map[string]*group{},
	}
	if cfg.Adjust != nil {
		cfg.Adjust(&w.quirks)
	}
	for _, in := range cfg.Instances {
		w.connect(in)
	}
	return w
}

// instance is a connected number with what its provider keeps for it.
type instance struct {
	Instance
	w    *world // the world it was connected in
	self *person

	state        string
	stateSeq     int // counts changes, so that a planned return does not undo a later change
	until        time.Time
	phoneOffline bool
	tokenWrong   bool
	history      []stateEntry

	turns      map[callKind]int // how many calls of a kind reached the dice
	serials    map[string]int   // ids given out, by sort
	windows    map[string][]time.Time
	lastCreate time.Time
	groups     []*group // every group the number is or was in

	queue    []*message
	journal  []*message
	lastSent time.Time
	drainSeq int

	hooks         map[string]string // Z-API: webhook kind → URL
	notifySelf    bool
	settings      map[string]any // GREEN-API
	evolution     evolutionHook
	notifications []notification
	receipt       int64
	checksUsed    int
	checkQuota    int // 0: unlimited
}

// connect adds an instance, authorised.
func (w *world) connect(in Instance) *instance {
	if in.Phone == "" {
		in.Phone = "55119" + "8" + w.dice.text(7, decimals, "own number", in.ID)
	}
	self := w.personOf(in.Phone)
	self.form, self.hasWhatsApp, self.listedAsLID, self.lidUntold = in.Phone, true, false, false
	i := &instance{
		Instance: in, w: w, self: self, state: stateAuthorized,
		turns: map[callKind]int{}, serials: map[string]int{}, windows: map[string][]time.Time{},
		hooks: map[string]string{},
	}
	if in.WebhookURL != "" {
		for _, kind := range zapiHookKinds() {
			i.hooks[kind] = in.WebhookURL
		}
		i.evolution = evolutionHook{Enabled: true, URL: in.WebhookURL, Events: []string{"CONNECTION_UPDATE", "GROUP_PARTICIPANTS_UPDATE", "MESSAGES_UPDATE"}}
	}
	self.inst = i
	i.settings = defaultSettings(i)
	i.history = []stateEntry{{state: stateAuthorized, at: w.now()}}
	w.instances[in.ID] = i
	w.ordered = append(w.ordered, i)
	return i
}

// serial returns a new text for a thing of one sort of an instance: its id and a number. The numbers count by instance
// and sort, so that ids do not depend on what other instances do.
func (i *instance) serial(sort string) string {
	i.serials[sort]++
	return i.ID + "/" + strconv.Itoa(i.serials[sort])
}

// messageID returns the ids of a new message: WhatsApp's, which is 3EB0 and hex digits, and Z-API's.
func (w *world) messageID(i *instance) (id, zaap string) {
	n := i.serial("message")
	return "3EB0" + w.dice.text(16, hexes, "message", n), "0199" + w.dice.text(28, hexes, "zaap", n)
}

// groupID returns the group's id as the instance's provider writes it.
func (i *instance) groupID(g *group) string { return g.core + i.dialect().groupSuffix() }

// groupByID returns the group with an id in the form of the instance's provider, or nil.
func (w *world) groupByID(i *instance, id string) *group {
	core, ok := strings.CutSuffix(id, i.dialect().groupSuffix())
	if !ok {
		return nil
	}
	return w.byCore[core]
}

// groupByAnyID returns the group with an id in any form, or with a name that only one group has, or nil. It is for the
// control port.
func (w *world) groupByAnyID(id string) *group {
	core := strings.TrimSuffix(strings.TrimSuffix(id, "-group"), "@g.us")
	if g := w.byCore[core]; g != nil {
		return g
	}
	var found *group
	for _, g := range w.groups {
		if g.name != id {
			continue
		}
		if found != nil {
			return nil
		}
		found = g
	}
	return found
}
