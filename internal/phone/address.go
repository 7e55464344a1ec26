package phone

import "strings"

// ParsePerson reads a number as Parse does, or whatever has an @ as ParseChatID does. Every error is
// an *Error.
func ParsePerson(typed, region string) (Number, Identity, error) {
	if strings.Contains(typed, "@") {
		return ParseChatID(typed)
	}
	n, err := Parse(typed, region)
	return n, n.Identity(), err
}

// ParseChatID reads a person in WhatsApp's own spelling, "79…@c.us" or "123…@lid". The number is
// empty for a LID: nobody but WhatsApp knows it. Every error is an *Error.
func ParseChatID(chatID string) (Number, Identity, error) {
	who := IdentityOf(chatID)
	switch {
	case !strings.Contains(chatID, "@") || who.Zero():
		return "", Identity{}, newError(Group, chatID, "")
	case who.LID != "":
		return "", who, nil
	}
	n, err := parse("+"+who.Digits, "")
	if err != nil {
		return "", Identity{}, err
	}
	return n, who, nil
}
