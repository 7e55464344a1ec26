package faults

import "github.com/rollcallhq/rollcall/internal/group"

// Code is what an error's code means, in plain words.
type Code struct {
	Title, Why, Remedy string
}

// CodeOf explains a code of contract.md section 5.
func CodeOf(code group.Code) Code { return codes[code] }

// Codes are all that are explained.
func Codes() map[group.Code]Code { return codes }

var codes = map[group.Code]Code{
	group.CodeRefused: {
		"Refused by the provider",
		"The provider refuses the request as it stands. Surely no group was made.",
		"Correct what the provider names and send the row again; retry as it is only if the cause was at the instance.",
	},
	group.CodeNoMembers: {
		"Nobody left to create it with",
		"Every person is invalid, not on WhatsApp or on the suppression list.",
		"Correct the numbers in the file and send the rows again; retry if people were taken off the suppression list.",
	},
	group.CodeExpired: {
		"Expired before its turn",
		"The time after which it must not be created passed while it waited.",
		"Ask for it again with a later expiresAt, or spread the work over more instances.",
	},
	group.CodeGaveUp: {
		"Given up after trying",
		"Every try was answered with something that surely made no group, until the patience was over.",
		"Mend the cause, then retry.",
	},
	group.CodeAmbiguous: {
		"Two or more groups could be it",
		"A create had no clear answer, and the lists hold several groups that fit.",
		"Compare the candidates on the phone and adopt the one that is it.",
	},
	group.CodeUnverifiable: {
		"Nobody can tell whether it exists",
		"A create had no clear answer, and the provider's lists do not decide.",
		"Look on the phone: adopt the group if it is there, create it again if it is not.",
	},
	group.CodeDuplicate: {
		"A second group was found",
		"This request made two groups at WhatsApp.",
		"Delete one by hand in WhatsApp and adopt the other.",
	},
	group.CodePoison: {
		"Three workers died with it",
		"Something about this group may be what kills workers.",
		"Look into the workers' logs, then create it again or abandon it.",
	},
}
