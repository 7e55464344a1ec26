package greenapi

import (
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// causes lists what GREEN-API's own words and statuses mean.
var causes = []spec.Cause{
	{Key: "banned", Codes: []say.Code{banned}},
	{Key: "unpaid", Says: []string{"account is expired", "renew your instance"}},
	{Key: "deleted", Says: []string{"instance is deleted"}},
	{Key: "logged-out", Says: []string{"notauthorized"}, Codes: []say.Code{loggedOut}},
	{Key: "phone-off", Says: []string{"sleepmode"}, Codes: []say.Code{phoneOff}},
	{Key: "starting", Says: []string{"in starting process"}, Codes: []say.Code{starting}},
	{Key: "restricted", Says: []string{"yellowcard", "suspended"}, Codes: []say.Code{restricted, suspended}},
	{Key: "quota", Status: statusQuota, Says: []string{"quota has been exceeded", "quote_exceeded", "quota_exceeded", "used up the chat limit"}},
	{Key: "no-account", Says: []string{"noaccount"}},
	{Key: "invalid-phone", Says: []string{"chatid' field must be"}},
}
