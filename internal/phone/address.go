package phone

import "strings"

// Read reads one person as typed: a number (see readTyped for the rule), or text with an @ as
// ParseChatID reads it. region is the home country of numbers without a country code, "" for none.
// Every error is an *Error.
func Read(typed, region string) (Reading, error) {
	if strings.Contains(typed, "@") {
		return ReadChatID(typed)
	}
	return readTyped(typed, region)
}

// ParsePerson is Read without the details of the spelling.
func ParsePerson(typed, region string) (Number, Identity, error) {
	r, err := Read(typed, region)
	return r.Number, r.Identity, err
}

// ParseChatID is ReadChatID without the details of the spelling.
func ParseChatID(chatID string) (Number, Identity, error) {
	r, err := ReadChatID(chatID)
	return r.Number, r.Identity, err
}

// ReadChatID reads a person in WhatsApp's own spelling, "79…@c.us" or "123…@lid". The number is
// empty for a LID: only WhatsApp knows it. Every error is an *Error.
func ReadChatID(chatID string) (Reading, error) {
	who := IdentityOf(chatID)
	switch {
	case !strings.Contains(chatID, "@") || who.Zero():
		return Reading{}, &Error{Reason: Group, Input: Show(chatID)}
	case who.LID != "":
		return Reading{Identity: who, Written: WithPlus}, nil
	}
	out, err := readTyped("+"+who.Digits, "")
	out.Identity = who
	if err != nil {
		out = Reading{}
	}
	return out, err
}
