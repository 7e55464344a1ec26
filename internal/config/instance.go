package config

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// InviteVia is how an instance invites.
type InviteVia string

// The ways of inviting.
const (
	ViaText   InviteVia = "text"
	ViaNative InviteVia = "native"
)

// RateLimits says whether the provider's own limits of requests per second are kept.
type RateLimits string

// The choices.
const (
	LimitsDocumented RateLimits = "documented"
	LimitsOff        RateLimits = "off"
)

// Instance is one connected WhatsApp number at a provider.
type Instance struct {
	Name       string
	Provider   Provider
	BaseURL    string // without a slash at its end
	InstanceID string
	// Credentials are the secrets that open the instance at its provider, by their keys. Those that are not
	// given are left out.
	Credentials map[string]Secret
	// Pools can be empty: then groups must name the instance.
	Pools      []string
	InviteVia  InviteVia
	Pacing     Pacing
	Timeouts   Timeouts
	RateLimits RateLimits
	// HookSecret opens POST /hooks/<name>/<secret>. Without it that address does not exist.
	HookSecret Secret
	// Forward are other receivers of these webhooks.
	Forward []Forward
}

// Pacing is how fast an instance may work.
type Pacing struct {
	// Zone is where days turn, and whose clock shows the quiet hours of creates.
	Zone *time.Location
	// ZoneGiven is false if Zone is this machine's.
	ZoneGiven      bool
	Create, Invite Pace
	// CreateQuiet are the hours without creates; nil means none.
	CreateQuiet *QuietHours
}

// Pace is the floor between two calls of a kind, which is lengthened by 0 to Jitter of itself, and the maximum a day.
type Pace struct {
	Every  time.Duration // 0 means unpaced
	Jitter float64
	PerDay int // 0 means no cap
}

// Timeouts bound one call each.
type Timeouts struct{ Create, Read, Invite time.Duration }

// LongestStep is the maximum time of the calls of one step together. After 30 minutes asynq gives the task to another
// worker, and no call must be under way then.
const LongestStep = 29 * time.Minute

// Step returns the maximum time of the calls of one step together.
func (t Timeouts) Step() time.Duration { return max(t.Create, t.Invite, 3*t.Read) + 3*t.Read }

// check refuses timeouts with which a step could outlast its task.
func (t Timeouts) check(m mapping) {
	if step := t.Step(); step > LongestStep {
		m.fault(fmt.Sprintf("one step could take %v, at most %v is possible", step, LongestStep),
			"shorten them: a step is a create or an invitation with three reads, or six reads")
	}
}

var namePattern = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// The patterns do not check the length: a pattern with 500 repetitions takes milliseconds to compile at the start of
// each command.
var (
	// pathSafe matches texts that go into a provider's URL as they are.
	pathSafe = regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$`)
	// headerSafe matches texts that go into a header.
	headerSafe = regexp.MustCompile(`^[!-~]+$`)
)

// vetSafe checks a text of the provider's console: its characters, and its length.
func vetSafe(v value, text string, chars *regexp.Regexp, maxLength int, what, remedy string) bool {
	switch {
	case len(text) > maxLength:
		v.fault(fmt.Sprintf("it is longer than %d characters", maxLength), remedy)
	case !chars.MatchString(text):
		v.fault(what, remedy)
	default:
		return true
	}
	return false
}

func (in *Instance) fields(secrets map[string]*Secret) []field {
	pace := func(p *Pace, every, jitter, perDay string) []field {
		return []field{
			{name: "every", dflt: every, read: duration(&p.Every, 0), doc: "The floor between two of them, never undercut, whatever the number of workers. `0s` is unpaced."},
			{name: "jitter", dflt: jitter, read: number(&p.Jitter, 0, 1), doc: "Lengthens the floor by 0 to this part of it, at random."},
			{name: "per_day", dflt: perDay, read: whole(&p.PerDay), doc: "The most in any one day of `pacing.zone`. `0` means no cap."},
		}
	}
	quiet := field{
		name: "quiet_hours", doc: "When no group is created, by the clock of `pacing.zone`. Without the key: at any time. Invitations have `invite.quiet_hours`.",
		open: func() ([]field, func(mapping)) {
			q := &QuietHours{From: -1, To: -1}
			in.Pacing.CreateQuiet = q
			return q.hours(), q.check
		},
	}
	identity := []field{
		{name: "name", required: true, anyway: true, read: str(&in.Name, vetInstanceName), doc: "Its name: `[a-z0-9-]{1,40}`, each once. `pool` is taken."},
		{name: "provider", required: true, read: word(&in.Provider, providerNames()...), doc: codes(providerNames(), "or") + "."},
		in.baseURLField(),
		{name: "instance_id", required: true, read: str(&in.InstanceID, in.vetInstanceID), doc: "The instance's id at the provider."},
	}
	return slices.Concat(identity, in.credentialFields(secrets), []field{
		{
			name: "pools", anyway: true, dflt: "[default]", read: pools(&in.Pools),
			doc: "The pools it works for; names as for instances. `[]`: none, groups must name the instance.",
		},
		{
			name: "invite_via", dflt: "text", read: word(&in.InviteVia, ViaText, ViaNative),
			doc: "`text`: a private message with the link. `native` (" + all.Titles("and", func(p *spec.Provider) bool { return p.Traits.NativeInvite }) +
				" only): the provider adds or invites the person itself.",
		},
		{
			name: "pacing", doc: "How fast it may work.",
			fields: []field{
				{
					name: "zone", shown: "the zone of the worker's machine", read: zone(&in.Pacing.Zone),
					doc: "The time zone in which the days of `per_day` begin, such as `America/Sao_Paulo`. The machine's is that of `$TZ`, else of `/etc/localtime`, else UTC; `rollcall-worker check` shows it.",
				},
				{name: "create", doc: fmt.Sprintf("New groups. %s asks for at most one in %s.", slowestCreate().Title, minutes(slowestCreate().Traits.CreateEvery)), fields: append(pace(&in.Pacing.Create, "5m", "0.2", "20"), quiet)},
				{name: "invite", doc: "Private invitations.", fields: pace(&in.Pacing.Invite, "45s", "0.5", "20")},
			},
		},
		{
			name: "timeouts", doc: fmt.Sprintf("How long one call may take. A step is a create or an invitation with three reads, or six reads: together at most %s.", minutes(LongestStep)),
			check: func(m mapping) { in.Timeouts.check(m) },
			fields: []field{
				{name: "create", dflt: "90s", read: durationWithin(&in.Timeouts.Create, time.Millisecond, LongestStep), doc: "Creating a group."},
				{name: "read", dflt: "30s", read: durationWithin(&in.Timeouts.Read, time.Millisecond, LongestStep), doc: "Anything that reads."},
				{name: "invite", dflt: "30s", read: durationWithin(&in.Timeouts.Invite, time.Millisecond, LongestStep), doc: "Sending one invitation."},
			},
		},
		{
			name: "rate_limits", dflt: "documented", read: word(&in.RateLimits, LimitsDocumented, LimitsOff),
			doc: "`documented`: keep the provider's own requests per second (" + readRates() + "). `off`: for simulators.",
		},
		{
			name: "hook_secret", part: doors, secret: &in.HookSecret, vet: vetHookSecret,
			doc: "Opens `POST /hooks/<name>/<secret>` for the provider's webhooks. Without it that address does not exist.",
		},
		{
			name: "forward", list: true, part: doors, open: forwards(in),
			doc: "Other receivers of these webhooks, such as a bot or a CRM: the provider has one address for them, and forwards none itself (docs/hooks.md).",
		},
	})
}

// instances reads the list of instances. It refuses two with the same name, and two with the same number at a provider.
func instances(c *Config) func() ([]field, func(mapping)) {
	names := map[string]int{}
	numbers := map[string]string{}
	return func() ([]field, func(mapping)) {
		in, secrets := &Instance{}, map[string]*Secret{}
		return in.fields(secrets), func(m mapping) {
			in.check(m, secrets)
			if line, twice := names[in.Name]; twice && in.Name != "" {
				m.at("name").fault(fmt.Sprintf("there is another instance %q, on line %d", in.Name, line), "give each its own name")
			}
			names[in.Name] = m.at("name").line
			number := string(in.Provider) + " " + in.BaseURL + " " + in.InstanceID
			if other, twice := numbers[number]; twice && in.InstanceID != "" {
				m.at("instance_id").fault(fmt.Sprintf("the instance %q has the same one: one WhatsApp number would be paced as if it were two", other),
					"list each number once")
			}
			numbers[number] = in.Name
			c.Instances = append(c.Instances, *in)
		}
	}
}

// check checks what depends on several keys, and warns of what a real provider does not tolerate.
func (in *Instance) check(m mapping, secrets map[string]*Secret) {
	in.BaseURL = strings.TrimRight(in.BaseURL, "/")
	if in.Pacing.ZoneGiven = in.Pacing.Zone != nil; !in.Pacing.ZoneGiven {
		in.Pacing.Zone = LocalZone()
	}
	if m.r.lenient && in.HookSecret.Given() && in.InstanceID == "" {
		m.at("instance_id").fault("it holds a variable that is not set, and the instance has a hook_secret: its webhooks are recognised by the id", "set the variable, or write the id here")
	}
	if len(in.Forward) > 0 && !m.has("hook_secret") && !m.has("hook_secret"+fileTwin) {
		m.at("forward").fault("without a hook_secret no webhooks come in that could be forwarded", "add hook_secret")
	}
	in.checkProvider(m, secrets)
	if in.BaseURL == "" || loopbackURL(in.BaseURL) {
		return // a simulator
	}
	if strings.HasPrefix(in.BaseURL, "http:") {
		m.at("base_url").warn("over http:// the token travels in clear", "write https://")
	}
	if every, slow := in.Pacing.Create.Every, slowestCreate(); every < slow.Traits.CreateEvery {
		m.at("pacing").warn(fmt.Sprintf("a group every %v is faster than one in %s, the most %s allows; WhatsApp restricts numbers that hurry", every, minutes(slow.Traits.CreateEvery), slow.Title),
			"raise pacing.create.every, unless you know that this number tolerates it")
	}
	if in.RateLimits == LimitsOff {
		m.at("rate_limits").warn("without the documented limits a real provider answers 429", "write rate_limits: documented")
	}
}

func vetName(v value, text string) bool {
	if !namePattern.MatchString(text) {
		v.fault(v.raw()+" is not a name", "use 1 to 40 of a-z, 0-9 and -")
		return false
	}
	return true
}

// vetInstanceName keeps the queues of instances and pools apart: create:<instance>[:high|:low]
// and create:pool:<pool>[:high|:low].
func vetInstanceName(v value, text string) bool {
	if text == "pool" {
		v.fault("no instance can be called pool: its urgent groups would wait in create:pool:high, the queue of a pool called high", "choose another name")
		return false
	}
	return vetName(v, text)
}

func pools(to *[]string) func(value) {
	return func(v value) {
		items, ok := v.items()
		if !ok {
			return
		}
		all := []string{}
		for _, item := range items {
			text, ok := item.text()
			switch {
			case !ok || !vetName(item, text):
			case slices.Contains(all, text):
				item.fault(item.raw()+" stands here twice", "remove one of the two")
			default:
				all = append(all, text)
			}
		}
		*to = all
	}
}

// vetInstanceID accepts an id as the provider gives it. A name that users choose may be any line except . and .., which
// have a meaning in a path.
func (in *Instance) vetInstanceID(v value, text string) bool {
	switch p := in.Spec(); {
	case p != nil && p.NamedByUsers:
		if text == "." || text == ".." {
			v.fault("no address can hold this name", "rename the instance at its server")
			return false
		}
		if len(text) > 200 || strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl) {
			v.fault("it is longer than 200 bytes, or has a line break or a space at an end", "write the name as the server shows it")
			return false
		}
	default:
		return vetSafe(v, text, pathSafe, 200, "it has characters that no instance id has", "copy the id alone from the provider's console, not a whole address")
	}
	return true
}

func vetToken(v value, text string) bool {
	return vetSafe(v, text, pathSafe, 200, "it has characters that no token has (a space, a slash, a quote?)", "copy the token alone from the provider's console, not a whole address")
}

func vetHeaderToken(v value, text string) bool {
	return vetSafe(v, text, headerSafe, 500, "it has characters that no token has (a space, a line break?)", "copy the token alone from the provider's console")
}

func vetHookSecret(v value, text string) {
	if !pathSafe.MatchString(text) || len(text) < 16 || len(text) > 200 {
		v.fault("it must be 16 to 200 of A-Z, a-z, 0-9 and . _ ~ -, because it is a part of an address", "make one with: openssl rand -hex 24")
	}
}

func (in *Instance) vetBaseURL(v value, text string) bool {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		v.fault("it is not an http:// or https:// address", "begin it with https:// or http://, for example "+in.exampleURL())
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		v.fault("it has a user, a query or a fragment", "give scheme, host and port alone")
	case holdsInstance(u.Path):
		v.fault("it holds the instance already", "end it after the host; instance_id and token have their own keys")
	default:
		return true
	}
	return false
}

// exampleURL returns an example of an address at the instance's provider.
func (in *Instance) exampleURL() string {
	if p := in.Spec(); p != nil && p.Address.Default != "" {
		return p.Address.Default
	}
	return "https://provider.example"
}

// holdsInstance reports whether a path names an instance in the form of any provider.
func holdsInstance(path string) bool {
	return slices.ContainsFunc(all.Providers(), func(p *spec.Provider) bool {
		return slices.ContainsFunc(p.Address.Within, func(within string) bool { return strings.Contains(path, within) })
	})
}

func loopbackURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	host := u.Hostname()
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
