package greenapi

import "github.com/rollcallhq/rollcall/internal/provider/spec"

// causes are what GREEN-API's own words and statuses mean (B10).
var causes = []spec.Cause{
	{Key: "unpaid", Says: []string{"account is expired", "renew your instance"}},
	{Key: "deleted", Says: []string{"instance is deleted"}},
	{Key: "logged-out", Says: []string{"notauthorized"}},
	{Key: "phone-off", Says: []string{"sleepmode"}},
	{Key: "starting", Says: []string{"in starting process"}},
	{Key: "restricted", Says: []string{"yellowcard", "suspended"}},
	{Key: "quota", Status: statusQuota, Says: []string{"quota has been exceeded", "quote_exceeded", "quota_exceeded", "used up the chat limit"}},
	{Key: "no-account", Says: []string{"noaccount"}},
	{Key: "invalid-phone", Says: []string{"chatid' field must be"}},
}
