package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/tasks"
)

// Record is one exported group: the request, which a person can correct and submit again, and its outcome.
type Record struct {
	// Request is written in the columns that Read understands, but without its idempotencyKey: submitted again under
	// that key, it would be the old group. Put the key into Outcome.
	Request tasks.GroupRequest
	// Outcome has one text for each outcome column of NewWriter. It is for people; Read ignores it.
	Outcome []string
}

// Form is how an export is written. The zero value is CSV with commas, UTF-8 without a byte order mark.
type Form struct {
	Format string // CSV or NDJSON. Defaults to CSV
	Comma  byte   // between the cells of a CSV. Defaults to ','
	BOM    bool   // begin a CSV with the byte order mark, by which Excel recognises UTF-8
}

// Writer writes records in a form that Read can read back. Close it to flush.
type Writer struct {
	// Show changes each text before it is written, to hide numbers for example. Defaults to no change.
	Show func(string) string

	outcome []string
	csv     *csvWriter
	json    io.Writer
}

// NewWriter writes groups in a form; it quotes and guards every cell of a CSV. outcome names the outcome columns:
// "status" becomes rollcall_status. It writes the header at once, so an empty export has one.
func NewWriter(w io.Writer, form Form, outcome ...string) (*Writer, error) {
	out := &Writer{outcome: make([]string, len(outcome))}
	for i, name := range outcome {
		out.outcome[i] = outcomePrefix + name
	}
	switch form.Format {
	case NDJSON:
		out.json = w
		return out, nil
	case CSV, "":
		out.csv = newCSVWriter(w, form)
		header := make([]string, 0, len(exported())+len(outcome))
		for _, f := range exported() {
			header = append(header, string(f))
		}
		return out, out.csv.line(append(header, out.outcome...))
	}
	return nil, fmt.Errorf("an export is %s or %s, not %q", CSV, NDJSON, form.Format)
}

// exported returns the columns of a CSV export before those of the outcome.
func exported() []field {
	return append([]field{
		groupName, phones, chatIDs, personNames, autoInvite, instance, pool, priority, externalRef,
		notBefore, expiresAt, inviteMessage, metadata, consentSource, consentAt,
	}, setupFields()...)
}

// Write writes one record.
func (w *Writer) Write(r Record) error {
	if len(r.Outcome) != len(w.outcome) {
		return fmt.Errorf("an exported record has %d outcomes, its header %d", len(r.Outcome), len(w.outcome))
	}
	r.Request.IdempotencyKey = ""
	if w.Show != nil {
		r = asShown(r, w.Show)
	}
	if w.json != nil {
		return w.writeJSON(r)
	}
	cells := make([]string, 0, len(exported())+len(r.Outcome))
	for _, f := range exported() {
		cell, err := cellOf(r.Request, f)
		if err != nil {
			return err
		}
		cells = append(cells, cell)
	}
	return w.csv.line(append(cells, r.Outcome...))
}

// Close flushes. It does not close the io.Writer.
func (w *Writer) Close() error {
	if w.csv == nil {
		return nil
	}
	return w.csv.Flush()
}

// writeJSON writes the request's JSON with the outcome's keys at its end.
func (w *Writer) writeJSON(r Record) error {
	var line bytes.Buffer
	if err := encode(&line, r.Request); err != nil {
		return err
	}
	line.Truncate(bytes.LastIndexByte(line.Bytes(), '}'))
	for i, name := range w.outcome {
		fmt.Fprintf(&line, ",%q:", name)
		if err := encode(&line, r.Outcome[i]); err != nil {
			return err
		}
		line.Truncate(line.Len() - len("\n"))
	}
	line.WriteString("}\n")
	_, err := w.json.Write(line.Bytes())
	return err
}

// encode writes v as JSON with a line break, and does not escape & < >.
func encode(to *bytes.Buffer, v any) error {
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func cellOf(r tasks.GroupRequest, f field) (string, error) {
	switch f {
	case groupName:
		return r.GroupName, nil
	case phones:
		list := make([]string, len(r.Phones))
		for i, p := range r.Phones {
			list[i] = strings.Map(noSeparator, string(p))
		}
		return strings.Join(list, ", "), nil
	case chatIDs:
		return strings.Join(r.ChatIDs, ", "), nil
	case personNames:
		if len(r.Names) == 0 {
			return "", nil
		}
		text, err := json.Marshal(r.Names)
		return string(text), err
	case autoInvite:
		if r.AutoInvite == nil {
			return "", nil
		}
		return strconv.FormatBool(*r.AutoInvite), nil
	case instance:
		return r.Instance, nil
	case pool:
		return r.Pool, nil
	case priority:
		return string(r.Priority), nil
	case externalRef:
		return r.ExternalRef, nil
	case notBefore:
		return timeText(r.NotBefore), nil
	case expiresAt:
		return timeText(r.ExpiresAt), nil
	case inviteMessage:
		return r.InviteMessage, nil
	case description:
		return r.Description, nil
	case photo:
		return r.Photo, nil
	case welcomeMessage:
		return r.WelcomeMessage, nil
	case admins:
		return adminsText(r.Admins), nil
	case onlyAdminsSend, onlyAdminsEdit, onlyAdminsAdd, approveJoins:
		text := ""
		r.Settings.Each(func(name string, on bool) {
			if name == string(f) {
				text = strconv.FormatBool(on)
			}
		})
		return text, nil
	case consentSource:
		if r.Consent == nil {
			return "", nil
		}
		return r.Consent.Source, nil
	case consentAt:
		if r.Consent == nil {
			return "", nil
		}
		return timeText(r.Consent.At), nil
	case metadata:
		if len(r.Metadata) == 0 {
			return "", nil
		}
		text, err := json.Marshal(r.Metadata)
		return string(text), err
	}
	return "", fmt.Errorf("no cell for %s", f)
}

// adminsText returns the cell that AdminsOf reads back.
func adminsText(a *tasks.Admins) string {
	switch {
	case a == nil:
		return ""
	case a.All:
		return "all"
	}
	list := make([]string, len(a.People))
	for i, p := range a.People {
		list[i] = string(p)
	}
	return strings.Join(list, ", ")
}

// noSeparator replaces separators in a bad phone, which would split it when it is read back.
func noSeparator(r rune) rune {
	if strings.ContainsRune(",;|\r\n", r) {
		return ' '
	}
	return r
}

func timeText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
