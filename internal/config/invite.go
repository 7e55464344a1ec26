package config

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/template"
	"github.com/rollcallhq/rollcall/tasks"
)

// Invite is the private invitation for people who could not be added.
type Invite struct {
	// Message is a template of a message (package template) that writes the link.
	Message string
	// QuietHours is nil if invitations go out at any time.
	QuietHours *QuietHours
}

// QuietHours is the part of the day in which no invitation is sent. From after To spans midnight.
type QuietHours struct {
	From, To TimeOfDay
	// Zone is the zone of the clock; nil means the recipient's own zone.
	Zone *time.Location
}

// TimeOfDay is the time since midnight.
type TimeOfDay time.Duration

func (t TimeOfDay) String() string {
	return fmt.Sprintf("%02d:%02d", time.Duration(t)/time.Hour, time.Duration(t)%time.Hour/time.Minute)
}

// zoneRecipient is the word for the recipient's own zone.
const zoneRecipient = "recipient"

// defaultMessage asks for an answer: WhatsApp shows a link as plain text to people who have not saved the
// sender's number and have not written back.
const defaultMessage = `"Hello! I could not add you to the group “{{.GroupName}}” directly. You can join it with this link: {{.Link}} If the link does not open, answer this message or save this number, then tap the link again."`

func (i *Invite) fields() []field {
	return []field{
		{
			name: "message", dflt: defaultMessage, read: str(&i.Message, vetMessage),
			doc: "The message: text with `{{.Link}}`, which must be in it, `{{.GroupName}}` and `{{.Organisation}}` (`pools.<name>.organisation`), and `{{if .Organisation}}…{{else}}…{{end}}`. Ask for an answer or for saving the number: WhatsApp makes the link clickable only then. A pool and a group may bring their own.",
		},
		{
			name: "quiet_hours", doc: "When no invitation is sent. Without the key: invitations go out at any time.",
			open: func() ([]field, func(mapping)) {
				q := &QuietHours{From: -1, To: -1}
				i.QuietHours = q
				return q.fields(), q.check
			},
		},
	}
}

// hours returns the keys of quiet hours that have no zone of their own.
func (q *QuietHours) hours() []field {
	return []field{
		{name: "from", required: true, read: timeOfDay(&q.From), doc: "When they begin, `HH:MM`."},
		{name: "to", required: true, read: timeOfDay(&q.To), doc: "When they end, `HH:MM`; before `from` means the next morning."},
	}
}

func (q *QuietHours) fields() []field {
	return append(q.hours(), field{
		name: "zone", dflt: zoneRecipient, read: zoneOrRecipient(&q.Zone),
		doc: "`recipient`: all zones that the person's number may be in, see docs/quiet-hours.md. Or a zone by name, such as `America/Sao_Paulo`.",
	})
}

func (q *QuietHours) check(m mapping) {
	if q.From >= 0 && q.From == q.To {
		m.at("to").fault("it is the same as from: that would mean no quiet hours, or only quiet hours", "change one of the two, or remove quiet_hours")
	}
}

func timeOfDay(to *TimeOfDay) func(value) {
	return func(v value) {
		text, ok := v.text()
		if !ok {
			return
		}
		t, err := time.Parse("15:04", text)
		if err != nil || len(text) != len("15:04") {
			v.fault(v.raw()+" is not a time of day", `write it as "21:00"`)
			return
		}
		*to = TimeOfDay(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	}
}

func zoneOrRecipient(to **time.Location) func(value) {
	return func(v value) {
		if text, ok := v.text(); ok && text != zoneRecipient {
			readZone(v, text, to, "write recipient, or a name such as America/Sao_Paulo or Europe/Moscow")
		}
	}
}

// vetMessage tries the text of an invitation out with an example.
func vetMessage(v value, text string) bool {
	const remedy = "use {{.Link}}, {{.GroupName}} and {{.Organisation}}, for example: Join {{.GroupName}}: {{.Link}}"
	_, ok := vetTemplate(v, text, remedy)
	if t, _ := template.Message(text); ok && !t.HasLink() {
		v.fault("the message comes out without the link", "put {{.Link}} where the link belongs")
		return false
	}
	return ok
}

// vetWelcome tries the text of a welcome out with an example.
func vetWelcome(v value, text string) bool {
	out, ok := vetTemplate(v, text, "use {{.GroupName}}, {{.Link}} and {{.Organisation}}, for example: Welcome to {{.GroupName}}")
	switch n := utf8.RuneCountInString(text); {
	case !ok:
	case strings.TrimSpace(out) == "":
		v.fault("the message comes out empty", "write what the group is to read")
		return false
	case n > tasks.MaxMessage:
		v.fault(fmt.Sprintf("it has %d characters, %d are allowed", n, tasks.MaxMessage), "shorten it")
		return false
	}
	return ok
}

// vetTemplate returns a template filled in with an example.
func vetTemplate(v value, text, remedy string) (out string, ok bool) {
	t, err := template.Message(text)
	if err == nil {
		out, err = t.Fill(func(string, ...string) any { return "Example" })
	}
	if err != nil {
		v.fault(templateFault(err), remedy)
	}
	return out, err == nil
}

// templateFault returns why a text is not a template of a message.
func templateFault(err error) string {
	said, line := "it is not a template", ""
	if e, ok := errors.AsType[*template.Error](err); ok {
		switch {
		case e.Field:
			said = "there is no " + cut(e.Part)
		case e.Part != "":
			said = "a message cannot have " + cut(e.Part)
		}
		if e.Line > 1 {
			line = fmt.Sprintf(" (line %d of it)", e.Line)
		}
	}
	return said + line
}
