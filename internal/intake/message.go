package intake

import (
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/template"
	"github.com/rollcallhq/rollcall/tasks"
)

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
