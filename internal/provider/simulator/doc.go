// Package simulator simulates Z-API, GREEN-API, Evolution API with whatsmiau, GOWA and the WhatsApp behind
// them, over HTTP and in memory. It is as strict as the providers document themselves, fails as they are
// known to fail, and keeps a ledger of what really happened, so that a test can compare what a client
// believes with the truth. It shares no type with this project's clients.
//
//	client ── Handler ── strictness ── fault? ── latency ── world: people, groups, messages
//	test   ── Control ─────────────────── script ┘                 └── Ledger ── webhooks
//
// Comments carry the tags of docs/providers.md: D documented, M maintainers, T seen in the field,
// I inferred, U undocumented. A body with the tag U is invented here. It stays the same, but a
// client must not depend on it.
//
// # People
//
// A person's character comes from the seed and the number: can be added or not, has WhatsApp or
// not, WhatsApp's own form of the number (with or without Brazil's ninth digit), a stable LID,
// listed by number or by LID only, follows an invite or not. POST /people overrides any of it.
//
// # Personalities
//
//	kind       everything works, everybody is added, lists are current
//	realistic  15 % cannot be added, 3 % have no WhatsApp, 6 % are listed as LID only; about 6 % of
//	           creates fail in some way, most of those although the group was made; lists lag
//	hostile    40 % cannot be added; 10 to 20 % of all calls misbehave; lists lose names
//
// Faults that stop an instance for good (466, 401-as-200, client-token-400) come by script only.
// GREEN-API's rate limits are enforced in every personality, in windows shrunk by the time scale;
// turn Quirks.RateLimits off for a client that does not pace its reads. "rate overlimit" for
// creates closer than five minutes (Quirks.CreateSpacing) is off in kind and realistic, because
// development creates at a short pace.
//
// # Faults
//
// A call is carried out and answered, unless a script or the dice say otherwise:
//
//	500-but-created     any status from 200 to 599 can stand here; the call is carried out
//	500-not-created     the same, not carried out; so are bare statuses: 429, 499, 503
//	hang-but-created    silence until the client leaves or the hold is over, then carried out, cut
//	hang-not-created    the same, not carried out
//	reset-before        the connection is reset, nothing is processed
//	reset-after         carried out, then reset
//	torn-body           carried out; half of the answer, then a cut
//	empty-200           carried out; an empty body (empty-200-not-created: not)
//	200-error-body      not carried out; HTTP 200 with {"error": …}
//	429-retry-after     429 with Retry-After (429 alone has none)
//	466                 the quota body
//	401-as-200          HTTP 200 with {"code": 401, "description": "Unauthorized"}
//	rate-overlimit      500 "rate overlimit" without a group (rate-overlimit-but-created: with one)
//	starting            400 "instance in starting process try later"
//	client-token-400    Z-API's answer to a wrong header
//	created-false       200 {"created": false} (created-false-but-created: although it was made)
//	no                  not done; a call that sets something answers no (no-but-done: although it was done)
//	slow                the true answer, late
//	delivery-failed     the message is queued, and fails when its turn comes
//
// For calls that create nothing, read "done" for "created". A script with a share gives its fault to a part of the
// calls.
//
// # The ledger
//
// The ledger holds what exists and every call. Complaints are the calls that the documents forbid. With package
// arrival, the server records when each call reached this machine. Config.Watch is called for each call while its
// client waits, and can make the call get lost.
//
// # The control port
//
// JSON over HTTP, without authentication: bind it to loopback.
//
//	GET  /healthz                {"ok", "seed", "personality", "timeScale", counts}
//	GET  /ledger                 the whole truth (type Ledger)
//	GET  /calls                  ?instance= &method= &after=<seq> &limit= (1000)
//	GET  /complaints             the calls that the documents forbid
//	GET  /groups                 ?name= &instance=
//	POST /groups/{id or name}    type GroupChange: {"admin": false, "nameless": true, "name": "…", "linkUntold": true, "approveJoins": true, "approve": "55…", "withdraw": "55…"}
//	GET  /messages               ?phone= &instance=
//	GET  /faults                 the names
//	GET  /script                 what is still to come
//	POST /script                 type Script, one or an array: {"instance": "I1", "method": "create-group",
//	                             "group": "Turma 12", "phone": "55…", "fault": "500-but-created", "times": 2,
//	                             "skip": 1, "share": 0.1, "text": "…", "body": {…}, "retryAfter": 5,
//	                             "hold": "1s", "delay": "1s", "after": "3s"}; times -1 is for ever; method may be a kind:
//	                             create members list add set send post check state queue
//	DELETE /script               forgets the rest
//	POST /people                 type Person, one or an array: {"phone": "55…", "addable": false,
//	                             "hasWhatsApp": false, "form": "55…", "lid": "…", "listedAsLid": true,
//	                             "lidUntold": true, "joins": true, "joinAfter": "5s",
//	                             "join": "<group>", "leave": "<group>" or "*"}
//	GET  /instances              states, without secrets
//	POST /instances              type Instance: one more number
//	POST /instances/{id}/state   type State: {"state": "suspended", "until": "…" or "for": "30s",
//	                             "tokenWrong": true, "phoneOffline": true, "clientToken": "…",
//	                             "checkQuota": 100}; states: connected disconnected authorized notAuthorized
//	                             blocked starting sleepMode yellowCard suspended restore expired deleted
//	                             quota ipBlocked
//	GET  /quirks, POST /quirks   type Quirks; POST changes the fields that it names
//	POST /reset                  {} or {"seed": 7, "personality": "hostile"}: an empty world
//
// Unknown fields are refused. Every instruction is a method of Simulator, too. Durations in instructions are taken
// literally. Those of personalities are multiplied by the time scale.
package simulator
