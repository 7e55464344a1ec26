package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// readJSON reads one object, an array, {"groups": […]}, or one object a line.
func readJSON(text *bufio.Reader, format string, out emit) error {
	j := &jsonRows{elements: elements{r: text, line: 1}, out: out, alone: format != NDJSON}
	head, _ := text.Peek(window)
	switch first := bytes.TrimLeft(head, " \t\r\n"); {
	case bytes.HasPrefix(first, []byte("[")):
		_, _ = j.space()
		j.take()
		j.alone = false
		return j.array()
	case isEnvelope(first):
		j.alone = false
		return j.envelope()
	case isDocument(first, format):
		return j.documents()
	default:
		return j.lines()
	}
}

// isEnvelope reports whether the outermost object has the key groups.
func isEnvelope(head []byte) bool {
	d := json.NewDecoder(bytes.NewReader(head))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil || key == "groups" {
			return err == nil
		}
		var skipped json.RawMessage
		if d.Decode(&skipped) != nil {
			return false
		}
	}
	return false
}

// isDocument reports whether head is one object printed over several lines, rather than one object a line. In the
// latter some line is a whole object, though perhaps not the first.
func isDocument(head []byte, format string) bool {
	lines := bytes.Split(head, []byte{'\n'})
	whole := lines[:len(lines)-1]
	if len(whole) == 0 {
		return false
	}
	for _, line := range whole {
		if line = bytes.TrimSpace(line); bytes.HasPrefix(line, []byte("{")) && json.Valid(line) {
			return false
		}
	}
	if format == NDJSON { // declared as lines, but it may be one object
		return json.Valid(head) || string(bytes.TrimSpace(whole[0])) == "{"
	}
	return bytes.HasPrefix(head, []byte("{"))
}

type jsonRows struct {
	elements
	n     int
	out   emit
	alone bool // a single object without any key of a group is a mistake
}

// lines reads NDJSON. A bad line is a bad row, and the rest goes on.
func (j *jsonRows) lines() error {
	for {
		line, err := j.textLine()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		line.text = bytes.TrimSpace(line.text)
		if len(line.text) == 0 && !line.tooLarge {
			continue
		}
		line.cut = line.cut && !line.tooLarge && !json.Valid(line.text)
		if err := j.row(line); err != nil {
			return err
		}
	}
}

// documents reads one object, or several, one after the other.
func (j *jsonRows) documents() error {
	for {
		c, err := j.space()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		if c != '{' {
			return j.trouble(say.RowJSONBetween)
		}
		v, err := j.value()
		if err != nil {
			return err
		}
		if err := j.row(v); err != nil || v.cut {
			return err
		}
	}
}

// array reads the elements after an opening bracket, and checks that nothing follows the closing one.
func (j *jsonRows) array() error {
	if done, err := j.elementsUntilBracket(); err != nil || !done {
		return err
	}
	return j.nothingMore()
}

// envelope reads {"groups": […]}. Any other key is an error, reported as a row.
func (j *jsonRows) envelope() error {
	_, _ = j.space()
	j.take()
	for {
		c, err := j.space()
		switch {
		case err == io.EOF: //nolint:errorlint // only a bare EOF is an end
			return j.cutOff()
		case err != nil:
			return err
		case c == '}':
			j.take()
			return j.nothingMore()
		case c == ',':
			j.take()
			continue
		case c != '"':
			return j.trouble(say.RowJSONLine)
		}
		if done, err := j.envelopeKey(); err != nil || !done {
			return err
		}
	}
}

// envelopeKey reads one key and its value. done is false if reading cannot go on.
func (j *jsonRows) envelopeKey() (done bool, err error) {
	name, err := j.value()
	if err != nil {
		return false, err
	}
	colon, err := j.space()
	if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
		return false, j.cutOff()
	}
	if err != nil {
		return false, err
	}
	if colon != ':' {
		return false, j.trouble(say.RowJSONColon)
	}
	j.take()
	c, err := j.space()
	if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
		return false, j.cutOff()
	}
	if err != nil {
		return false, err
	}
	if string(name.text) == `"groups"` {
		if c != '[' {
			return false, unusable(only(say.FileGroups))
		}
		j.take()
		return j.elementsUntilBracket()
	}
	v, err := j.value()
	if err != nil {
		return false, err
	}
	if v.cut {
		return false, j.cutOff()
	}
	j.n++
	key := phone.Show(strings.Trim(string(name.text), `"`))
	return true, j.out(Row{N: j.n, Line: v.line, Err: rowError(tasks.BadField, field(key), say.Phrase{Code: say.RowBesideGroups, Text: strconv.Quote(key)})})
}

// elementsUntilBracket reads groups up to and including the closing bracket. done is false if the text ends or breaks
// before the bracket.
func (j *jsonRows) elementsUntilBracket() (done bool, err error) {
	for first := true; ; first = false {
		c, err := j.space()
		if err == nil && c == ',' && !first {
			j.take()
			c, err = j.space()
		} else if err == nil && c != ']' && !first {
			return false, j.trouble(say.RowJSONComma)
		}
		switch {
		case err == io.EOF: //nolint:errorlint // only a bare EOF is an end
			return false, j.cutOff()
		case err != nil:
			return false, err
		case c == ']':
			j.take()
			return true, nil
		case c == ',' || c == ':' || c == '}':
			return false, j.trouble(say.RowJSONGroup)
		}
		v, err := j.value()
		if err != nil {
			return false, err
		}
		if err := j.row(v); err != nil || v.cut {
			return false, err
		}
	}
}

func (j *jsonRows) nothingMore() error {
	_, err := j.space()
	switch {
	case err == io.EOF: //nolint:errorlint // only a bare EOF is an end
		return nil
	case err != nil:
		return err
	}
	return j.trouble(say.RowBehindList)
}

func (j *jsonRows) cutOff() error {
	return j.trouble(say.RowListCut)
}

func (j *jsonRows) trouble(code say.Code) error {
	j.n++
	return j.out(Row{N: j.n, Line: j.line, Err: rowError(tasks.Unreadable, "", say.Phrase{Code: code, N: j.line}), Broken: true})
}

func (j *jsonRows) row(v element) error {
	j.n++
	row := Row{N: j.n, Line: v.line, Broken: v.cut}
	switch {
	case v.tooLarge:
		row.Err = tooLarge()
	case v.cut:
		row.Err = rowError(tasks.Unreadable, "", say.Phrase{Code: say.RowGroupCut, N: v.line})
	default:
		if e := j.mistaken(v); e != nil {
			return e
		}
		row.Request, row.Err = Decode(v.text)
	}
	return j.out(row)
}

// mistaken returns an error for a JSON text that is one object without any key of a group, such as {} or {"group":
// […]}.
func (j *jsonRows) mistaken(v element) error {
	var keys map[string]json.RawMessage
	if !j.alone || j.n != 1 || json.Unmarshal(v.text, &keys) != nil || keys == nil {
		return nil //nolint:nilerr // Decode tells what is wrong with the text
	}
	for name := range keys {
		if isKnown(name) {
			return nil
		}
	}
	if _, err := j.space(); err != io.EOF { //nolint:errorlint // only a bare EOF is an end; the next read meets another error again
		return nil
	}
	return unusable(say.Phrase{Code: say.FileNoKey, Text: shown(slices.Sorted(maps.Keys(keys)))})
}
