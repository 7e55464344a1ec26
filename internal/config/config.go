package config

import (
	"fmt"
	"time"
)

// Config is everything that rollcall.yaml says. A *Config that Load returned is complete and
// consistent; its users need no further checks.
type Config struct {
	// Path is the file that it was read from, or "" if there was none.
	Path string

	Redis     Redis
	Instances []Instance
	// Pools are the rules for the groups of a pool, by its name.
	Pools    map[string]Pool
	Photo    Photo
	Verify   Verify
	RollCall RollCall
	Joins    Joins
	Retry    Retry
	Rest     Rest
	Invite   Invite
	// RequireConsent refuses rows without a consent.
	RequireConsent bool
	OnLeave        OnLeave
	// Retention is how long finished groups are kept.
	Retention time.Duration
	// AuditRetention is how long the audit log keeps its entries.
	AuditRetention  time.Duration
	API             API
	Webhooks        []Webhook
	WebhookDelivery WebhookDelivery

	// Warnings name settings that are valid but probably not intended. They are shown once at start.
	Warnings []Fault
}

// Redis says where the queue is.
type Redis struct {
	// URL can hold a password. redisconn.Display shows it without.
	URL Secret
	// Password is the password of the URL's user, if the URL does not hold it.
	Password       Secret
	TLS            RedisTLS
	RequireDurable bool
	// Installation is the id of the installation that this Redis must hold.
	Installation string
	// WaitReplicas is how many replicas must have an intent before its call is made.
	WaitReplicas int
	// EncryptionKey holds the master keys for what is sealed in Redis, as sealed.Parse reads them.
	EncryptionKey Secret
}

// RedisTLS names the certificates for a Redis that speaks TLS; "" means not given. The paths are absolute, except that
// paths that come from no configuration file are relative to the working directory.
type RedisTLS struct {
	CAFile, CertFile, KeyFile, ServerName string
}

// Verify is how rollcall finds out what became of a create whose outcome is unknown.
type Verify struct {
	// Looks are counted from the end of the call, early to late. There is at least one.
	Looks    []time.Duration
	OnAbsent OnAbsent
}

// OnAbsent says what happens when no look found the group.
type OnAbsent string

// The choices.
const (
	Recreate OnAbsent = "recreate"
	Review   OnAbsent = "review"
)

// RollCall says when a group's members are read back.
type RollCall struct {
	// Looks are counted from the end of the create; 0 means in the same step.
	Looks []time.Duration
}

// Joins says when a group is read again after its invitations.
type Joins struct {
	// Looks are counted from each invitation. There is at least one.
	Looks []time.Duration
}

// OnLeave says what follows when a person leaves a group.
type OnLeave string

// The choices.
const (
	LeaveGroup OnLeave = "group"
	LeaveAll   OnLeave = "all"
)

// Retry is the pause before the next try of a call that surely did nothing: Initial, then Multiplier times
// as long each time, up to Max. Each pause is lengthened by a random part of itself, between 0 and Jitter. Tries end
// when GiveUpAfter has passed since the first.
type Retry struct {
	Initial     time.Duration
	Multiplier  float64
	Jitter      float64
	Max         time.Duration
	GiveUpAfter time.Duration
}

// Rest is how long an instance rests after "rate overlimit" or a restriction without an end.
type Rest struct {
	Initial    time.Duration
	Multiplier float64
	Max        time.Duration
}

// WebhookDelivery is how events are delivered to the webhooks.
type WebhookDelivery struct {
	Timeout time.Duration
	// Retries are the pauses before each further try.
	Retries []time.Duration
}

// fields returns the table of the whole file. Reading by the table fills c.
func (c *Config) fields() []field {
	return []field{
		{name: "redis", doc: "Where the queue and all records are.", fields: c.Redis.fields(), check: c.Redis.check},
		{
			name: "instances", list: true, part: calls, open: instances(c),
			doc: "The connected WhatsApp numbers. All workers of an installation have the same ones. A producer needs none: it asks Redis which ones the workers have announced.",
		},
		{
			name: "photo", doc: "Photos of groups, which are fetched from the addresses that rows and pools give.",
			fields: []field{{
				name: "allow_private", dflt: "false", read: boolean(&c.Photo.AllowPrivate),
				doc: "Allow `http://` and addresses that are not public: for a server in your own network.",
			}},
		},
		{
			name: "pools", named: c.poolRules(),
			doc: "The rules for the groups of each pool, below the pool's name. The worker uses them when it begins to create a group.",
		},
		{
			name: "verify", doc: "After a create whose outcome is unknown: the lists of the provider are read before anything is sent again.",
			fields: []field{
				{
					name: "looks", dflt: "[10s, 60s, 2m, 6m]", read: durations(&c.Verify.Looks, true),
					doc: "When to look, counted from the end of the call. The last look decides, so it should come after the provider's lists have caught up (" + listLags() + ").",
				},
				{
					name: "on_absent", dflt: "recreate", read: word(&c.Verify.OnAbsent, Recreate, Review),
					doc: "What to do when no look found the group: `recreate` it, or put it to `review` for a person.",
				},
			},
		},
		{
			name: "rollcall", doc: "Reading back who is in a new group.",
			fields: []field{{
				name: "looks", dflt: "[10s, 60s]", read: durations(&c.RollCall.Looks, true),
				doc: "When to read the members, counted from the end of the create. `0s` means in the same step. A person who is missing from every look was not added.",
			}},
		},
		{
			name: "retry", doc: "The pauses between tries of calls that surely did nothing: those that were not sent, 429, a starting instance, reads that fail. A provider's Retry-After wins.",
			fields: c.Retry.fields(), check: func(m mapping) { checkMax(m, c.Retry.Initial, c.Retry.Max) },
		},
		{
			name: "rest", doc: "How long an instance rests after \"rate overlimit\", or after a restriction without an end.",
			fields: c.Rest.fields(), check: func(m mapping) { checkMax(m, c.Rest.Initial, c.Rest.Max) },
		},
		{name: "invite", doc: "The private invitation for people who could not be added.", fields: c.Invite.fields()},
		{
			name: "joins", doc: "Reading a group again to find who followed an invitation, and who left.",
			fields: []field{{
				name: "looks", dflt: "[1h, 6h, 24h, 72h]", read: durations(&c.Joins.Looks, true),
				doc: "When to read, counted from each invitation; invitations shortly after each other share a reading. The providers' webhooks (docs/hooks.md) bring readings forward.",
			}},
		},
		{
			name: "on_leave", dflt: "group", read: word(&c.OnLeave, LeaveGroup, LeaveAll),
			doc: "What leaving means. `group`: that person is never added or invited to that group again. `all`: nor to any other, because they are put on the suppression list; every group is then read at `joins.looks`, even if no person was invited.",
		},
		{
			name: "require_consent", dflt: "false", read: boolean(&c.RequireConsent),
			doc: "Refuse rows without `consent` (docs/consent.md), with the code `badField`. A producer reads it in its own configuration.",
		},
		{
			name: "retention", dflt: "2160h", env: "ROLLCALL_RETENTION", read: duration(&c.Retention, time.Minute),
			doc: "How long finished groups are kept. Days have no unit here: 2160h is 90 days.",
		},
		{
			name: "audit_retention", dflt: "8760h", env: "ROLLCALL_AUDIT_RETENTION", read: duration(&c.AuditRetention, time.Minute),
			doc: "How long the audit log keeps who did what (`rollcall-producer audit`): 8760h is a year. Beyond 100,000 entries the oldest are dropped. The workers' value counts.",
		},
		{name: "api", doc: "The HTTP API and the admin page (`rollcall-producer serve`).", fields: c.API.fields(&c.Instances), check: func(m mapping) { checkAPI(m, c.API) }},
		{name: "webhooks", list: true, part: deliveries, open: webhooks(c), doc: "The receivers of events, signed as Standard Webhooks 1.0.0 says."},
		{
			name: "webhook_delivery", doc: "How events are delivered to them.",
			fields: []field{
				{name: "timeout", dflt: "15s", read: durationWithin(&c.WebhookDelivery.Timeout, time.Millisecond, LongestStep), doc: "How long one delivery may take."},
				{
					name: "retries", dflt: "[5s, 5m, 30m, 2h, 5h, 10h, 14h, 20h, 24h]", read: durations(&c.WebhookDelivery.Retries, false),
					doc: "The pauses before each further try of a delivery that failed.",
				},
			},
		},
	}
}

func (r *Retry) fields() []field {
	return []field{
		{name: "initial", dflt: "2s", read: duration(&r.Initial, time.Millisecond), doc: "The first pause."},
		{name: "multiplier", dflt: "2", read: number(&r.Multiplier, 1, 100), doc: "How many times as long each next pause is; at least 1."},
		{name: "jitter", dflt: "0.2", read: number(&r.Jitter, 0, 1), doc: "Each pause is lengthened by 0 to this part of it, at random."},
		{name: "max", dflt: "10m", read: duration(&r.Max, time.Millisecond), doc: "The longest pause."},
		{
			name: "give_up_after", dflt: "24h", read: duration(&r.GiveUpAfter, time.Second),
			doc: "When trying ends, counted from the first try. A group that surely does not exist fails with `gaveUp`; one whose outcome is unknown goes to review with `unverifiable`.",
		},
	}
}

func (r *Rest) fields() []field {
	return []field{
		{name: "initial", dflt: "1h", read: duration(&r.Initial, time.Second), doc: "The first rest."},
		{name: "multiplier", dflt: "2", read: number(&r.Multiplier, 1, 100), doc: "How many times as long each next rest is; at least 1."},
		{name: "max", dflt: "24h", read: duration(&r.Max, time.Second), doc: "The longest rest."},
	}
}

// checkMax refuses a longest pause that is shorter than the first one.
func checkMax(m mapping, initial, longest time.Duration) {
	if initial > 0 && longest > 0 && longest < initial {
		m.at("max").fault("the longest ("+longest.String()+") is shorter than the first ("+initial.String()+")", "raise max, or lower initial")
	}
}

// check checks what concerns several sections.
func (c *Config) check(m mapping) {
	looks, slow := c.Verify.Looks, c.slowestLists()
	if n := len(looks); n > 0 && slow != nil && looks[n-1] < slow.Traits.ListLag && c.Verify.OnAbsent == Recreate {
		m.at("verify").warn(fmt.Sprintf("the last look comes before %s's lists must show a new group (%s), so a group that exists can be created again", slow.Title, minutes(slow.Traits.ListLag)),
			fmt.Sprintf("let the last of verify.looks be %gm or later, or set on_absent: review", slow.Traits.ListLag.Minutes()+1))
	}
	if len(c.RollCall.Looks) == 1 {
		m.at("rollcall").warn("a single look may read a list that has not caught up, so people who were added can be invited as well",
			"give rollcall.looks two, for example [10s, 60s]")
	}
}
