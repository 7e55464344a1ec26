package phone

import "strings"

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
