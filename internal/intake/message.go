package intake

import (
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/template"
	"github.com/rollcallhq/rollcall/tasks"
)

// checkInvitation refuses a text of an invitation that template.Message cannot read, or that writes no link.
func checkInvitation(text string) *tasks.RowError {
	if err := checkMessage(inviteMessage, text); err != nil || text == "" {
		return err
	}
	if t, err := template.Message(text); err != nil || !t.HasLink() {
		return rowError(tasks.BadField, inviteMessage, say.Phrase{Code: say.RowNoLink, Name: string(inviteMessage), Place: "{{.Link}}"})
	}
	return nil
}

// checkMessage refuses a text that template.Message cannot read.
func checkMessage(f field, text string) *tasks.RowError {
	if !strings.Contains(text, "{{") { // plain text, as most are
		return nil
	}
	if _, err := template.Message(text); err != nil {
		return rowError(tasks.BadField, f, say.Phrase{Code: say.RowMessage, Name: string(f), Kind: "{{…}}", Place: "{{." + strings.Join(template.Fields(), "}}, {{.") + "}}"})
	}
	return nil
}
