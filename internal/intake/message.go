package intake

import (
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/template"
	"github.com/rollcallhq/rollcall/tasks"
)

// checkMessage allows what a message can have, see template.Message.
func checkMessage(f field, text string) *tasks.RowError {
	if _, err := template.Message(text); err != nil {
		return rowError(tasks.BadField, f, say.Phrase{Code: say.RowMessage, Name: string(f), Kind: "{{…}}", Place: "{{." + strings.Join(template.Fields(), "}}, {{.") + "}}"})
	}
	return nil
}
