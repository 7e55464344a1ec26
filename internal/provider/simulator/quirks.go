package simulator

import "time"

// Quirks are the settings behind a personality. Every duration here is the documented one, which is multiplied by the
// time scale when it is used. Every share is a probability from 0 to 1.
type Quirks struct {
	// RateLimits enforces GREEN-API's requests per second. On in every personality.
	RateLimits bool `json:"rateLimits"`
	// CreateSpacing is the shortest time between two groups of one GREEN-API instance: below it WhatsApp says "rate
	// overlimit" (the trigger is inferred, I). 0 is off, as in kind and realistic, because dev creates at a short pace;
	// 5 minutes in hostile.
	CreateSpacing Duration `json:"createSpacing"`

	// Misbehaviour multiplies the personality's own odds of a fault. Defaults to 1; 0 leaves
	// scripted faults only.
	Misbehaviour float64 `json:"misbehaviour"`
	// Latency bounds the time a create takes; everything else takes a tenth of it. Creates
	// beyond 15 s were seen (T).
	LatencyMin Duration `json:"latencyMin"`
	LatencyMax Duration `json:"latencyMax"`
	// Hold is how long a hanging call keeps the connection before it is cut. Defaults to two
	// minutes, beyond the 90 s a client waits by default.
	Hold Duration `json:"hold"`

	// Blocked is the share of people who cannot be added (privacy, or a stranger).
	Blocked float64 `json:"blocked"`
	// NoAccount is the share of numbers without WhatsApp.
	NoAccount float64 `json:"noAccount"`
	// ListedAsLID is the share of people whose number no list shows, only the LID.
	ListedAsLID float64 `json:"listedAsLid"`
	// LIDUntold is the share of people whose LID a number check does not show.
	LIDUntold float64 `json:"lidUntold"`
	// OldForm is the share of Brazilian mobiles (area code 31 and above, the usual reading) that
	// WhatsApp knows without the ninth digit, and of Mexican numbers that it knows with the 1.
	OldForm float64 `json:"oldForm"`
	// Joins is the share of people who follow an invite, JoinMin to JoinMax after it reached them.
	Joins   float64  `json:"joins"`
	JoinMin Duration `json:"joinMin"`
	JoinMax Duration `json:"joinMax"`

	// ChatsLag and ContactsLag are GREEN-API's list delays, 1 and 5 minutes.
	ChatsLag    Duration `json:"chatsLag"`
	ContactsLag Duration `json:"contactsLag"`
	// GroupsLag is the delay of Z-API's /groups and /chats; undocumented, so invented.
	GroupsLag Duration `json:"groupsLag"`
	// EmptyNames is the share of groups that GREEN-API lists without a name (GI#710).
	EmptyNames float64 `json:"emptyNames"`
	// EmptyLists is the share of GREEN-API list calls that answer [] ("ask again").
	EmptyLists float64 `json:"emptyLists"`
	// LateMembers is the share of members that the group's list shows only MemberLag after they
	// came in (GI#561; size already counts them).
	LateMembers float64  `json:"lateMembers"`
	MemberLag   Duration `json:"memberLag"`

	// LateChanges is the share of changes of a group's photo, description and settings that readings show
	// only after ChangeLag (documented of GREEN-API's settings: within five minutes).
	LateChanges float64  `json:"lateChanges"`
	ChangeLag   Duration `json:"changeLag"`

	// Names is how the provider keeps a group's name: "" as it was asked for, "nfc" or "nfd" with
	// composed or parted letters, "plain" without emoji selectors and doubled spaces (U; invented).
	Names string `json:"names"`
	// NotAdded says whom Z-API's phonesNotAdded names: "listed" names everyone who was left out, "autoInviteOnly" names
	// people who were left out for privacy only under autoInvite (the other case is undocumented), "absent" is an older
	// server without the field, "mixed" draws one of these for each group.
	NotAdded string `json:"notAdded"`
	// NotAddedEcho is the form of the numbers in phonesNotAdded: "input" as asked, "output" as WhatsApp writes it (U).
	NotAddedEcho string `json:"notAddedEcho"`
	// PhoneExists is the shape of Z-API's phone-exists: "array" (documented), "object" (T) or
	// "mixed" by number, with "true" as a string now and then.
	PhoneExists string `json:"phoneExists"`
	// JoinWebhooks makes Z-API send GROUP_PARTICIPANT_INVITE when a person follows a link (T).
	// GREEN-API never sends such a webhook (GI#131).
	JoinWebhooks bool `json:"joinWebhooks"`
	// SendFailures is the share of queued messages that fail when their turn comes.
	SendFailures float64 `json:"sendFailures"`
	// Restart is how long GREEN-API is "starting" after reboot or setSettings.
	Restart Duration `json:"restart"`
}

const (
	second = Duration(time.Second)
	minute = Duration(time.Minute)
)

// DefaultQuirks returns the quirks of a personality.
func DefaultQuirks(p Personality) Quirks {
	kind := Quirks{
		RateLimits: true, Misbehaviour: 1, Hold: 2 * minute,
		Joins: 1, JoinMin: minute, JoinMax: 2 * minute,
		NotAdded: "listed", NotAddedEcho: "input", PhoneExists: "array", JoinWebhooks: true,
	}
	switch p {
	case Realistic:
		q := kind
		q.LatencyMin, q.LatencyMax = second, 4*second
		q.Blocked, q.NoAccount, q.ListedAsLID, q.OldForm = 0.15, 0.03, 0.06, 0.35
		q.Joins, q.JoinMin, q.JoinMax = 0.6, 30*second, 20*minute
		q.ChatsLag, q.ContactsLag, q.GroupsLag = minute, 5*minute, 5*second
		q.EmptyNames, q.EmptyLists, q.LateMembers, q.MemberLag = 0.03, 0.01, 0.02, 5*second
		q.PhoneExists, q.SendFailures, q.Restart = "mixed", 0.005, 20*second
		q.LateChanges, q.ChangeLag = 0.05, 20*second
		return q
	case Hostile:
		q := kind
		q.CreateSpacing = 5 * minute
		q.LatencyMin, q.LatencyMax = second, 20*second
		q.Blocked, q.NoAccount, q.ListedAsLID, q.LIDUntold, q.OldForm = 0.4, 0.08, 0.2, 0.02, 0.6
		q.Joins, q.JoinMin, q.JoinMax = 0.4, 30*second, 60*minute
		q.ChatsLag, q.ContactsLag, q.GroupsLag = minute, 5*minute, 30*second
		q.EmptyNames, q.EmptyLists, q.LateMembers, q.MemberLag = 0.15, 0.05, 0.1, 20*second
		q.NotAdded, q.NotAddedEcho, q.PhoneExists = "mixed", "output", "mixed"
		q.SendFailures, q.Restart = 0.05, 5*minute
		q.LateChanges, q.ChangeLag = 0.2, 5*minute
		return q
	default:
		return kind
	}
}

// odd is the probability of one fault.
type odd struct {
	fault string
	p     float64
}

// odds returns the faults that calls of a kind meet without a script, by personality and provider. Faults that would
// stop an instance for good (466, 401, a refused client token) come by script only. A fault that only some providers
// have comes only there.
func odds(p Personality, provider string, k callKind) []odd {
	green := provider == GreenAPI
	switch {
	case p == Realistic && k == kindCreate:
		return []odd{
			{"500-but-created", 0.015},
			{"500-not-created", 0.008},
			{"hang-but-created", 0.008},
			{"hang-not-created", 0.004},
			{"reset-after", 0.005},
			{"reset-before", 0.004},
			{"torn-body", 0.003},
			{"empty-200", 0.002},
			{"502-but-created", 0.003},
			{"502-not-created", 0.003},
			{"429", 0.005},
			{"slow", 0.02},
		}
	case p == Realistic && (k.sends() || k == kindAdd || k == kindSet):
		return []odd{{"500-but-created", 0.003}, {"reset-after", 0.002}, {"hang-but-created", 0.002}, {"429", 0.004}, {"slow", 0.01}}
	case p == Realistic && k.reads():
		return []odd{{"500-not-created", 0.004}, {"429-retry-after", 0.004}, {"reset-before", 0.002}, {"slow", 0.01}}
	case p == Hostile && k == kindCreate:
		out := []odd{
			{"500-but-created", 0.03},
			{"500-not-created", 0.02},
			{"502-but-created", 0.01},
			{"502-not-created", 0.01},
			{"hang-but-created", 0.02},
			{"hang-not-created", 0.01},
			{"reset-after", 0.015},
			{"reset-before", 0.01},
			{"torn-body", 0.01},
			{"empty-200", 0.01},
			{"429", 0.01},
			{"429-retry-after", 0.01},
			{"slow", 0.02},
		}
		if green {
			return append(out, odd{"499-but-created", 0.01}, odd{"499", 0.005}, odd{"starting", 0.01}, odd{"created-false", 0.005})
		}
		return append(out, odd{"200-error-body", 0.01})
	case p == Hostile && (k.sends() || k == kindAdd || k == kindSet):
		return []odd{
			{"500-but-created", 0.02},
			{"500-not-created", 0.02},
			{"502-but-created", 0.01},
			{"hang-but-created", 0.01},
			{"reset-after", 0.02},
			{"reset-before", 0.01},
			{"torn-body", 0.01},
			{"429-retry-after", 0.03},
			{"slow", 0.02},
		}
	case p == Hostile && k.reads():
		out := []odd{{"500-not-created", 0.03}, {"502-not-created", 0.02}, {"429", 0.02}, {"reset-before", 0.02}, {"torn-body", 0.01}, {"slow", 0.02}}
		if green {
			return append(out, odd{"starting", 0.01})
		}
		return append(out, odd{"200-error-body", 0.01})
	default:
		return nil
	}
}
