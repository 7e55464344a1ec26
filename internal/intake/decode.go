package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Decode reads one group from JSON: from rollcall's own form, or from the body of a provider's create-group
// call. An unknown key is an error. The error is the first fault and holds the others; with an error, the request holds
// what could be read.
func Decode(data []byte) (tasks.GroupRequest, *tasks.RowError) {
	if !utf8.Valid(data) {
		return tasks.GroupRequest{}, rowError(tasks.Unreadable, "", only(say.RowBytes))
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil || keys == nil {
		return tasks.GroupRequest{}, notAnObject(data, err)
	}
	var d decoding
	if len(keys) < 100 { // an object with more keys has an unknown one
		if name := givenTwice(data); name != "" {
			d.fail(field(phone.Show(name)), say.Phrase{Code: say.RowKeyTwice, Text: quoted(name)})
		}
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names) // so that the same input always gives the same first error
	for _, name := range names {
		d.key(name, keys[name])
	}
	return d.request, d.bad.first()
}

// givenTwice returns a key that a JSON object has twice, in any case of letters, or "". encoding/json keeps the second
// of two equal keys and reports nothing.
func givenTwice(object []byte) string {
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token() // the object was decoded before, so nothing fails
	seen := make(map[string]bool)
	for d.More() {
		token, _ := d.Token()
		name, _ := token.(string)
		folded := strings.ToLower(name)
		if seen[folded] {
			return name
		}
		seen[folded] = true
		var value json.RawMessage
		_ = d.Decode(&value)
	}
	return ""
}

func notAnObject(data []byte, err error) *tasks.RowError {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax) && len(bytes.TrimSpace(data)) > 0 && bytes.TrimSpace(data)[0] == '{':
		return rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowJSON, N: int(syntax.Offset)})
	default:
		return rowError(tasks.Unreadable, "", only(say.RowNoGroup))
	}
}

type decoding struct {
	request tasks.GroupRequest
	bad     faults // the first maxFaults, in the order of the keys
}

// maxFaults is the maximum number of faults of one group that are reported, because the search for the key nearest to
// an unknown one costs time.
const maxFaults = 10

func (d *decoding) full() bool { return len(d.bad) >= maxFaults }

func (d *decoding) fail(f field, why say.Phrase) {
	if !d.full() {
		d.bad.add(rowError(tasks.BadField, f, why))
	}
}

func (d *decoding) key(name string, value json.RawMessage) {
	if isNull(value) {
		if !isKnown(name) {
			d.unknown(name)
		}
		return
	}
	r := &d.request
	switch {
	case is(name, groupName):
		d.text(groupName, value, &r.GroupName)
	case is(name, phones):
		d.phones(value)
	case is(name, chatIDs):
		d.chats(value)
	case is(name, personNames):
		d.names(value)
	case is(name, autoInvite):
		r.AutoInvite, _ = d.yesNo(autoInvite, value)
	case is(name, instance):
		d.text(instance, value, &r.Instance)
	case is(name, pool):
		d.text(pool, value, &r.Pool)
	case is(name, priority):
		d.text(priority, value, (*string)(&r.Priority))
	case is(name, idempotencyKey):
		d.text(idempotencyKey, value, &r.IdempotencyKey)
	case is(name, externalRef):
		d.text(externalRef, value, &r.ExternalRef)
	case is(name, notBefore):
		r.NotBefore = d.time(notBefore, value)
	case is(name, expiresAt):
		r.ExpiresAt = d.time(expiresAt, value)
	case is(name, inviteMessage):
		d.text(inviteMessage, value, &r.InviteMessage)
	case is(name, metadata):
		d.metadata(value)
	case is(name, consent):
		d.consent(value)
	case setupKey(name) != "":
		d.setup(setupKey(name), value)
	case !isKnown(name):
		d.unknown(name)
	}
}

func is(name string, f field) bool { return strings.EqualFold(name, string(f)) }

// jsonKeys returns the keys of a group, in the order in which the documents show them.
func jsonKeys() []field {
	return []field{
		groupName, phones, autoInvite, chatIDs, personNames, instance, pool, priority, idempotencyKey,
		externalRef, notBefore, expiresAt, inviteMessage, metadata, consent,
		description, photo, admins, welcomeMessage, settings,
	}
}

// isKnown reports whether a key is one of jsonKeys, a provider's name for one of them, or one that an export adds.
func isKnown(name string) bool {
	return slices.ContainsFunc(jsonKeys(), func(f field) bool { return is(name, f) }) ||
		setupKey(name) != "" || ignored(name)
}

func (d *decoding) unknown(name string) {
	if d.full() {
		return
	}
	shown := quoted(name)
	if near := nearest(name); near != "" {
		d.fail(field(phone.Show(name)), say.Phrase{Code: say.RowKeyNear, Text: shown, Place: strconv.Quote(string(near))})
		return
	}
	d.fail(field(phone.Show(name)), say.Phrase{Code: say.RowKey, Text: shown})
}

func (d *decoding) text(f field, value json.RawMessage, to *string) {
	if json.Unmarshal(value, to) != nil {
		// A CRM often sends its id as a number: take its digits.
		if (f == externalRef || f == idempotencyKey) && isInteger(value) {
			*to = string(value)
			return
		}
		d.fail(f, about(say.RowTextForm, f))
	}
}

func (d *decoding) phones(value json.RawMessage) {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		d.fail(phones, only(say.RowPhonesForm))
		return
	}
	for i, v := range list {
		if isNull(v) {
			continue
		}
		var p tasks.Phone
		if json.Unmarshal(v, &p) != nil {
			d.fail(phones, say.Phrase{Code: say.RowEntryForm, Name: string(phones), N: i + 1})
			return
		}
		d.request.Phones = append(d.request.Phones, p)
	}
}

func (d *decoding) chats(value json.RawMessage) {
	var list []*string
	if json.Unmarshal(value, &list) != nil {
		d.fail(chatIDs, only(say.RowChatsForm))
		return
	}
	for _, c := range list {
		if c != nil {
			d.request.ChatIDs = append(d.request.ChatIDs, *c)
		}
	}
}

// yesNo reads true, false, or a word for one of them. An empty text is nil.
func (d *decoding) yesNo(f field, value json.RawMessage) (yes *bool, ok bool) {
	if json.Unmarshal(value, &yes) == nil {
		return yes, true
	}
	var word string
	if json.Unmarshal(value, &word) == nil {
		if yes, err := yesNo(f, word); err == nil {
			return yes, true
		}
	}
	d.fail(f, about(say.RowTrueFalse, f))
	return nil, false
}

func (d *decoding) time(f field, value json.RawMessage) *time.Time {
	var text string
	err := json.Unmarshal(value, &text)
	if err == nil && text == "" {
		return nil
	}
	t, malformed := time.Parse(time.RFC3339, text)
	if err != nil || malformed != nil {
		if !d.full() {
			d.bad.add(rowError(tasks.BadTime, f, about(say.RowTime, f)))
		}
		return nil
	}
	return &t
}

func (d *decoding) metadata(value json.RawMessage) {
	object, ok := objectOf(value)
	if !ok {
		d.fail(metadata, only(say.RowMetadataForm))
	}
	d.request.Metadata = object
}

func isNull(value json.RawMessage) bool { return string(bytes.TrimSpace(value)) == "null" }

func isInteger(value json.RawMessage) bool {
	return len(value) > 0 && strings.Trim(strings.TrimPrefix(string(value), "-"), "0123456789") == ""
}
