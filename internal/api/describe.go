package api

import (
	"fmt"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/tasks"
)

// describe adds to the domain's types what reflection cannot know: what the fields mean, which may be null, and
// which are always present.
func describe(doc *huma.OpenAPI) {
	schemas := doc.Components.Schemas.Map()
	for name, s := range schemas {
		plainLists(s)
		for field, text := range meanings[name] {
			p := s.Properties[field]
			if p == nil {
				panic(fmt.Sprintf("the document describes %s.%s, which does not exist", name, field))
			}
			p.Description = text
		}
	}
	schemas["Consent"].AdditionalProperties = false
	schemas["Group"].Properties["error"] = orNull("GroupError", "Why it failed, or what a person must decide on. Null otherwise.")
	schemas["Instance"].Properties["slowed"] = orNull("Slowed", "That a person has slowed it down; null while its pace is the configured one.")
	schemas["Evidence"].Properties["suppression"] = orNull("Suppression", "The person's entry on the suppression list, or null.")
	schemas["Membership"].Properties["consent"] = orNull("Consent", "The permission that came with the request, or null.")
	// Groups in events have no members.
	schemas["Group"].Required = slices.DeleteFunc(schemas["Group"].Required, func(f string) bool { return f == "members" })
	for name, fields := range closed {
		for field, words := range fields {
			p := schemas[name].Properties[field]
			if p == nil || p.Type != huma.TypeString {
				panic(fmt.Sprintf("the document has no text %s.%s", name, field))
			}
			set := words(doc.Components.Schemas)
			set.Description = p.Description
			schemas[name].Properties[field] = set
		}
	}
	extended := schemas[extendedGroup]
	maps.Copy(extended.Properties, schemas["Group"].Properties)
	extended.Required = slices.Concat(schemas["Group"].Required, extended.Required)
	extended.AdditionalProperties = schemas["Group"].AdditionalProperties
}

// closed has the enums of fields that are plain strings in Go, by schema and field.
var closed = map[string]map[string]func(huma.Registry) *huma.Schema{
	"AuditEntry": {
		"through": wordsOf("Through", audit.Doors...),
		"result":  wordsOf("AuditResult", audit.Done, audit.Refused, audit.NotFound, audit.Failed),
	},
	"Batch":    {"status": wordsOf("BatchStatus", "running", "done", string(group.Unreadable))},
	"Fault":    {"code": faultCode("").Schema},
	"Group":    {"priority": wordsOf("GroupPriority", tasks.High, tasks.Normal, tasks.Low, "")},
	"Receiver": {"state": wordsOf("ReceiverState", "enabled", "disabled")},
	"Refusal": {
		"through": wordsOf("RefusedAt", audit.API, audit.Page, audit.Hooks),
		"reason":  wordsOf("RefusalReason", audit.NoKey, audit.WrongKey, audit.SmallRole, audit.Elsewhere, audit.WrongHook, audit.TooManyOff),
	},
}

// wordsOf returns a function that makes the schema of an enum.
func wordsOf[S ~string](name string, words ...S) func(huma.Registry) *huma.Schema {
	return func(r huma.Registry) *huma.Schema { return enum(r, name, words...) }
}

// orNull returns the schema of a document that may be null.
func orNull(schema, about string) *huma.Schema {
	return &huma.Schema{Description: about, AnyOf: []*huma.Schema{{Ref: schemas + schema}, {Type: "null"}}}
}

// plainLists removes the null that huma adds to the type of every list: our lists are empty instead.
func plainLists(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	plainLists(s.Items)
	for _, p := range s.Properties {
		plainLists(p)
	}
	for _, p := range slices.Concat(s.OneOf, s.AnyOf) {
		plainLists(p)
	}
}

// meanings has the OpenAPI description of each field, by schema and field.
var meanings = map[string]map[string]string{
	"Group": {
		"id": "The group's id here.", "status": "Where it stands.", "groupName": "Its name at WhatsApp.",
		"worst":      "Its worst part: partly if it is done and some of its people are neither in it nor invited, else the status.",
		"autoInvite": "Whether people who cannot be added are invited privately.",
		"instance":   "The instance that creates or created it; empty while a pool's group waits.", "pool": "The pool that the request named; empty if it named an instance.",
		"priority": "high, normal or low; empty if the record cannot be read.", "batchId": "The batch it belongs to, or empty.", "row": "The row of the batch, from 1; 0 without a batch.",
		"externalRef": "Your own id for it.", "idempotencyKey": "The request's idempotency key.",
		"groupId": "Its id at WhatsApp, as the provider writes it; empty until it exists.", "inviteLink": "Its invitation link, if the provider reported one.",
		"adopted": "Whether it was found in the provider's lists, because its create had no answer.", "ownNumber": "What the instance's own number was in the group at the latest reading: admin, member or out; absent until a reading shows it.", "members": "The requested people. Not in events.",
		"counts": "How many members are in which state.", "attempts": "The create calls.",
		"waitingFor": "What it waits for, in a sentence; empty when it waits for nothing.", "etaAt": "Until when it waits; null if that is not known.",
		"waitingSince": "When the reason for the wait began: the pause, the rest, the outage, its place in line; null if that is not known.",
		"notBefore":    "It is not created before this time.", "expiresAt": "It is not created after this time.", "createdAt": "When it was accepted.",
		"updatedAt": "When it last changed.", "finishedAt": "When it ended; null before.", "metadata": "What came with the request.",
	},
	"Member": {
		"phone": "The number as E.164; empty for a bad one and for a LID.", "input": "What was given.", "status": "Where this person stands.",
		"reason": "Why, where the state does not tell.", "messageId": "The provider's id of the invitation.", "updatedAt": "When it last changed.",
		"joinRequest": "A request to join that waits for an admin of the group; absent without one.",
	},
	"JoinRequest": {
		"at": "When the request to join was reported.", "method": "invite_link (the person followed the link) or non_admin_add (a member proposed the person); empty if the provider does not say.",
		"answer": "What a person decided, until it is carried out; absent before.", "reason": "Why the latest answer was not carried out.",
	},
	"Attempt": {
		"n": "From 1.", "instance": "The instance that called.", "startedAt": "When the call began.", "endedAt": "When its outcome was known; null while it is under way.",
		"outcome": "The outcome of the call; empty while it is under way.", "httpStatus": "The provider's HTTP status; 0 without an answer.", "error": "The provider's words, redacted.",
	},
	"GroupError": {
		"code": "Why, for programs.", "at": "Since when; absent if the record cannot be read.", "message": "Why, for people.", "remedy": "What to do.", "candidates": "The WhatsApp groups that may be the result of its create.",
	},
	"Batch": {
		"id": "The batch's id.", "name": "Its name.", "status": "running, or done once every group has ended.", "total": "The groups accepted.",
		"worst":  "Its worst part: failed or review if any group is, partly if rows were invalid, groups cancelled, or people are neither in nor invited; else the status.",
		"counts": "How many groups are in which state.", "memberCounts": "How many people are in which state.", "invalidRows": "Rows of the latest run that were not accepted, and of the latest run of each key that is bound to pools.",
		"etaAt": "The estimated completion; null if there is no estimate.", "createdAt": "When its first row came.", "finishedAt": "When it ended; null before.",
	},
	"Instance": {
		"name": "The instance's name.", "provider": all.Join(all.Names(), "or") + ".", "state": "Whether it can be used.", "reason": "Why not, in a sentence.", "until": "Until when, where that is known.",
		"since": "When the reason for the state began: the pause, the rest, the outage. Null if that is not known, and for an instance that works.", "worst": "Its worst part: failing if its provider fails, resting if it makes no calls for a time, partly if one kind of call rests or some of its queues are paused; else the state.", "rests": "The current rests.", "byPriority": "The creates among queued, by priority.", "alone": "The creates among queued that wait for this instance and not for a pool.", "pausedQueues": "The queues of asynq that asynq's own tools have paused; resume lifts these pauses.", "pace": "How quickly it may call now.",
		"pools": "The pools it works for.", "queued": "What it may take: its own and its pools'.", "nextCreateAt": "When it may create next; null when there is no estimate.",
		"nextInviteAt": "When it may invite next; null when there is no estimate.", "today": "How much it did today.", "underWay": "Calls that have begun and not ended; a pause does not stop them.", "perDay": "Its daily limits; 0 for no limit.", "zone": "Its pacing.zone. Its days begin at midnight in this zone.", "forgotten": "Whether a person paused it a day or longer ago without an end.",
		"lastError": "The latest error, redacted.", "lastErrorAt": "When that was.", "lastSeenAt": "When a worker last announced it.",
	},
	"Rest":   {"kind": "Of which calls: create or invite; empty for both.", "cause": "Why, for programs.", "said": "The provider's words, redacted.", "since": "When the first of the consecutive rests for this cause began.", "until": "When it ends."},
	"Slowed": {"configured": "The pace of rollcall.yaml.", "reason": "Why it was slowed down.", "at": "When.", "until": "When the configured pace holds again; null until a person resets it."},
	"Status": {
		"groups": "How many groups are in which state.", "members": "How many people are in which state.", "instances": "All instances.",
		"waiting": "How many people wait, by the state of their group: those who have not ended in a group that has not ended, and all people of groups that failed.", "needs": "What a person must see to, first what holds up the most people.",
		"batches": "The running batches and the latest few.", "workers": "The running workers.", "etaAt": "The estimated completion of everything, if it is known.",
	},
	"Need": {
		"kind": "What it is about: an instance that will not work again without a person, or that no worker has; a pool that no instance serves; the groups in review; or groups that failed with the same fault.",
		"name": "The instance's name, or the pool's.", "state": "The instance's worst part; absent while no worker has announced it.", "fault": "The fault, as a bulk action's filter takes it.",
		"groups": "The groups behind it: of an instance those that are queued or under way there, and those of its pools in which no instance works.", "people": "The people in them who wait.",
	},
	"History": {"instance": "The instance; empty for all instances together.", "items": "The days, today last.", "nextCursor": "Always empty."},
	"HistoryDay": {
		"date": "The day, by the clock of the instance's pacing.zone.", "created": "Groups that were created.", "failed": "Groups that failed.",
		"added": "People read back as members.", "invited": "People whose invitation the provider accepted.", "joined": "People who were invited and read back as members later.",
		"calls":   "Calls that were sent to the provider, whatever their outcome.",
		"allowed": "How many calls the pace in force allowed that day, as last announced; 0 for no limit, and where no worker ran.",
	},
	"Explanation": {
		"id": "The group's id, or the instance's name.", "name": "The group's name, or the instance's.", "status": "The group's status, or the instance's state.",
		"answer": "Why, in a sentence.", "since": "When the reason in the answer began; null if that is not known.", "until": "Until when; null if that is not known.", "facts": "What is known, one by one.", "do": "What a person can do, the likeliest first.",
	},
	"Fact":   {"about": "What it is about.", "text": "The fact."},
	"Advice": {"text": "What to do.", "command": "The command for it; empty if there is none.", "request": "The API request for it; empty if there is none."},
	"AuditEntry": {
		"id": "The entry's id.", "at": "When it was done, by Redis' clock.", "actor": "The name of the key, or the user of the machine where a command ran; local where the API has no keys.",
		"through": "api, page, cli or mcp.", "from": "The address that connected, or the host where a command or rollcall-producer mcp ran.", "forwardedFor": "The address for which a proxy says that it connected (the last of X-Forwarded-For). rollcall does not check it.",
		"action": "What was done or tried.", "subjects": "What it concerned: ids, or names of instances; at most a hundred.", "count": "How many it concerned.",
		"result": "The result.", "detail": "More, for people; numbers are masked.", "requestId": "The request's id, as in the server's log.",
	},
	"Refusal": {
		"at": "The minute, by the server's clock.", "source": "The address that it came from, or the /64 network of an IPv6 one; others beyond the first hundred of a minute.",
		"through": "api, page or hooks.", "reason": "Why: noKey, wrongKey, role, origin, hookSecret, or slowed for a request whose key was not looked at.",
		"actor": "The name of the key whose role does not suffice.", "route": "What it asked for, where the role does not suffice.", "count": "How many requests.",
	},
	"Evidence": {
		"phone": "The person as asked for, in clear.", "at": "When this was gathered.",
		"numberChecks": "The stored answers of the providers about the number.", "groups": "The groups that the person was asked for, newest first.",
		"unreadable": "Ids of further groups of the person, whose records cannot be read.",
	},
	"Check": {
		"provider": all.Join(all.Names(), "or") + ".", "exists": "Whether the number is on WhatsApp.", "whatsApp": "The number as WhatsApp writes it.", "lid": "The person's address that is not a number.", "askedAt": "When the network was asked.",
	},
	"Membership": {
		"id": "The group's id.", "groupName": "The group's name.", "groupId": "Its id at WhatsApp.", "status": "Where the group stands.", "instance": "The instance that created it, or will.",
		"batchId": "The batch it came with.", "row": "The batch's row.", "externalRef": "The client's own id for the group.", "metadata": "What came with the request.",
		"createdAt": "When it was accepted.", "finishedAt": "When it ended; null before.", "member": "The person's state in the group.",
	},
	"Person": {
		"input": "As the client wrote it.", "whatsApp": "The number as WhatsApp writes it.", "lid": "The address that is not a number.", "status": "Where the person stands.",
		"reason": "Why.", "messageId": "The provider's id of the invitation.", "invitedAt": "When the provider accepted the invitation; null if none was sent.", "joinRequest": "A request to join that waits for an admin of the group; absent without one.", "updatedAt": "When it last changed.",
	},
	"Suppression": {"phone": "The number, masked: it is not stored.", "reason": "Why.", "since": "Since when."},
	"Row": {
		"row": "The record, from 1.", "outcome": "The outcome of the row.", "id": "The group's id, for a created or existing group.", "error": "What is wrong, for an invalid row.",
	},
	"RowError":   {"code": "What is wrong, for programs.", "field": "In which field.", "message": "What is wrong, and how to mend it."},
	"Suppressed": {"given": "How many people were named.", "changed": "For how many of them something changed."},
	"PlanPeople": {"valid": "People who would be added.", "invalid": "Phones that are not numbers.", "suppressed": "People who are on the suppression list."},
	"Batched": {
		"batchId": "The batch's id.", "batch": "Its name.", "total": "The rows read.", "created": "New groups.", "existed": "Groups that were accepted before.", "invalid": "Rows that were not accepted.",
	},
}
