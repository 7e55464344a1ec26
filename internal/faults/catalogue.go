package faults

import (
	"net/http"

	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// common are the causes that any provider can have, in words that several use, that the network uses or
// that we use ourselves. What one provider alone says is in its folder.
var common = []spec.Cause{
	// The number and its account.
	{
		Key: "unpaid", Scope: spec.OfInstance, Says: []string{"is unpaid", "payment required"},
		Title:  "The instance is not paid",
		Why:    "The provider has stopped serving this instance because its subscription is over.",
		Remedy: "Renew the subscription at the provider; what waits goes on by itself.",
	},
	{
		Key: "deleted", Scope: spec.OfInstance, Says: []string{"instance not found"},
		Title:  "The instance does not exist",
		Why:    "The provider knows no such instance: it was deleted, or its id or token is wrong.",
		Remedy: "Check instance_id and token; move the waiting groups to another instance if it is gone.",
	},
	{
		Key: "logged-out", Scope: spec.OfInstance,
		Says:   []string{"not authorized", "not connected", "logged out", "session is lost", "has been disconnected", "instance has no number"},
		Title:  "The number is logged out",
		Why:    "WhatsApp on the phone has ended the provider's session, or it was never begun.",
		Remedy: "Open the provider's panel and scan the QR code with this number's phone; what waits goes on by itself.",
	},
	{
		Key: "phone-off", Scope: spec.OfInstance, Says: []string{"phone is off", "phone is offline"},
		Title:  "The phone is off",
		Why:    "The provider reaches the phone no more.",
		Remedy: "Switch the phone on and give it a network.",
	},
	{
		Key: "starting", Scope: spec.OfInstance, Says: []string{"is starting"},
		Title:  "The instance is starting",
		Why:    "The provider restarts it; that takes up to five minutes.",
		Remedy: "Wait; if it does not end, reboot the instance in the provider's panel.",
	},
	{
		Key: "banned", Scope: spec.OfInstance, Says: []string{"banned the number", "\"blocked\"", "is blocked"},
		Title:  "WhatsApp has banned the number",
		Why:    "The account was closed by WhatsApp, as it does with numbers that write to many strangers.",
		Remedy: "Look at the number on its phone and ask for a review there; move its waiting groups to another instance.",
	},
	{
		Key: "overlimit", Scope: spec.OfInstance, Says: []string{"rate overlimit", "rate-overlimit", "overlimit"},
		Title:  "WhatsApp says: too many groups",
		Why:    "WhatsApp itself limits how many groups this number may make. The number rests, longer each time.",
		Remedy: "Let it rest; create more slowly or with more numbers. Ending the rest early risks the number.",
	},
	{
		Key: "restricted", Scope: spec.OfInstance, Says: []string{"restricts the number"},
		Title:  "WhatsApp restricts the number",
		Why:    "For a time the number may not begin new chats, because of how much or what it sent.",
		Remedy: "Let it rest until the time that is shown; then go on more slowly.",
	},
	{
		Key: "quota", Scope: spec.OfInstance,
		Title:  "The plan's quota is used up",
		Why:    "The provider's plan allows a number of calls a month, and they are made.",
		Remedy: "Take a larger plan or wait for the next month; move the waiting groups to an instance with quota left.",
	},
	{
		Key: "token", Scope: spec.OfInstance, Status: http.StatusUnauthorized, Says: []string{"unauthorized"},
		Title:  "The token is wrong",
		Why:    "The provider does not accept the instance's token.",
		Remedy: "Copy the token from the provider's panel into this instance's configuration and reload the worker.",
	},
	{
		Key: "address", Scope: spec.OfInstance, Status: http.StatusForbidden, Says: []string{"forbidden"},
		Title:  "The instance id or address is wrong",
		Why:    "The provider answers that this address is not ours to use.",
		Remedy: "Check base_url and instance_id; some providers give each instance a host of its own.",
	},
	// One person.
	{
		Key: "left", Scope: spec.OfPerson, Says: []string{"recently left", "left this group", "left the group"},
		Title:  "The person left this group",
		Why:    "WhatsApp lets nobody add again who left lately.",
		Remedy: "Respect it. They can come back by the group's link.",
	},
	{
		Key: "no-account", Scope: spec.OfPerson, Says: []string{"is not on whatsapp", "has no whatsapp"},
		Title:  "The number has no WhatsApp",
		Why:    "There is no WhatsApp account behind the number.",
		Remedy: "Correct the number, or leave the person out.",
	},
	{
		Key: "invalid-phone", Scope: spec.OfPerson, Says: []string{"invalid phone", "phone number is not correct"},
		Title:  "A number is not one",
		Why:    "The provider cannot read a number as a telephone's.",
		Remedy: "Correct the number: country code first, digits only.",
	},
	{
		Key: "no-permission", Scope: spec.OfPerson, Says: []string{"permission to send", "permission to message", "can't message this group"},
		Title:  "Not allowed to write there",
		Why:    "The person or the group does not let this number write.",
		Remedy: "Ask the person another way; nothing here can change it.",
	},
	// This request.
	{
		Key: "own-number", Scope: spec.OfRequest, Says: []string{"own number", "connected number"},
		Title:  "The instance's own number is among the people",
		Why:    "The number that creates the group is in it anyway and must not be named.",
		Remedy: "Take the number out of the row.",
	},
	{
		Key: "bad-request", Scope: spec.OfRequest, Says: []string{"validation failed", "bad request data", "unexpected token", "is required"},
		Title:  "The provider cannot read the request",
		Why:    "A field of the request is not as the provider wants it; its words name which.",
		Remedy: "Correct the name or the numbers of the row. If every row meets this, it is a fault of rollcall: report it.",
	},
	{
		Key: "wrong-path", Scope: spec.OfInstance, Status: http.StatusNotFound, Says: []string{"unable to find matching target resource", "not_found"},
		Title:  "The provider knows no such address",
		Why:    "The address of the call is wrong, mostly because of base_url.",
		Remedy: "Check base_url, instance_id and token of this instance (rollcall-worker check).",
	},
	{
		Key: "method", Scope: spec.OfNetwork, Status: http.StatusMethodNotAllowed, Says: []string{"method not allowed"},
		Title: "The provider refuses the way of asking", Why: "The address takes another HTTP method: something between us and the provider changes requests.",
		Remedy: "Check base_url and any proxy in between.",
	},
	{
		Key: "media-type", Scope: spec.OfNetwork, Status: http.StatusUnsupportedMediaType,
		Title: "The provider refuses the form of the body", Why: "The header that says the body is JSON did not arrive: something in between changes requests.",
		Remedy: "Check base_url and any proxy in between.",
	},
	// The way there.
	{
		Key: "worker-died", Scope: spec.OfNetwork, Says: []string{"the worker ended during the call", "slot was lost"},
		Title:  "A worker stopped during the call",
		Why:    "The process or its machine ended while the call was under way.",
		Remedy: "Nothing by itself; if it happens often, look at the workers' memory and logs.",
	},
	{
		Key: "too-many-requests", Scope: spec.OfNetwork, Status: http.StatusTooManyRequests, Says: []string{"too many requests"},
		Title:  "Too many requests a second",
		Why:    "The provider's limit of requests a second was met. Nothing happened to the group.",
		Remedy: "Nothing: it is tried again. If it happens often, another program uses the same instance.",
	},
	{
		Key: "closed", Scope: spec.OfNetwork, Status: 499, Says: []string{"client closed request"},
		Title: "The call was cut on the way", Why: "The provider saw its caller leave before it had answered.",
		Remedy: "Nothing by itself: it is looked for. If it happens often, look at the network in between.",
	},
	{
		Key: "unreachable", Scope: spec.OfNetwork,
		Says:   []string{"connection refused", "no such host", "no route to host", "network is unreachable", "could not be reached", "tls:", "x509", "certificate", "dial tcp", "no connection"},
		Title:  "The provider cannot be reached",
		Why:    "No connection came about: the name, the network, a firewall or a certificate. Nothing happened to the group.",
		Remedy: "Check base_url and the network of the workers (rollcall-worker check); it is tried again by itself.",
	},
	{
		Key: "timeout", Scope: spec.OfNetwork, Status: http.StatusGatewayTimeout,
		Says:   []string{"no answer within", "timed out", "timeout", "deadline exceeded", "error on send"},
		Title:  "No answer in time",
		Why:    "The provider took longer than it may. Whether it did what was asked, only its lists tell.",
		Remedy: "Nothing by itself: it is looked for. If it happens often, raise timeouts.create or ask the provider.",
	},
	{
		Key: "gateway", Scope: spec.OfNetwork, Status: http.StatusBadGateway, Says: []string{"bad gateway", "service unavailable", "connection reset", "unexpected eof", "eof"},
		Title:  "The provider's gateway failed",
		Why:    "The call broke off between the provider's machines.",
		Remedy: "Nothing by itself: it is looked for. If it lasts, look at the provider's status page.",
	},
	{
		Key: "internal", Scope: spec.OfNetwork, Status: http.StatusInternalServerError, Says: []string{"internal server error", "internal error"},
		Title:  "The provider made a mistake",
		Why:    "It answered with an error of its own. At some providers one number without WhatsApp in the list does that.",
		Remedy: "Check the row's numbers; if they are right, retry later.",
	},
	{
		Key: "unavailable", Scope: spec.OfNetwork, Status: http.StatusServiceUnavailable,
		Title: "The provider is down", Why: "It says that it cannot serve now.",
		Remedy: "Wait: it is tried again by itself. If it lasts, look at the provider's status page.",
	},
	{
		Key: "bad-request-status", Scope: spec.OfRequest, Status: http.StatusBadRequest,
		Title: "The provider refuses the request", Why: "It answers that the request is bad; its words say in which way.",
		Remedy: "Read the provider's words, correct the row and send it again.",
	},
}
