package api

import (
	"bytes"
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/phone"
)

// This file decides what a viewer sees of documents, events and exports: everything except phone numbers and
// invitation links. Operators and admins see those too.

// veiled reports whether a request is answered without numbers.
func veiled(ctx context.Context) bool { return auth.Of(ctx).Role < auth.Operator }

// linkPattern finds invitation links. A link lets its reader into the group, which shows its people's numbers.
var linkPattern = regexp.MustCompile(`(chat\.whatsapp\.com/)[A-Za-z0-9_/-]+`)

// groupIDPattern finds group ids of WhatsApp, which have more digits than a phone number. Their older form begins with
// the number of the group's creator, so it is hidden.
var groupIDPattern = regexp.MustCompile(`\b120363[0-9]{12}\b`)

// Veil hides the numbers and invitation links of a text from a viewer.
func Veil(s string) string {
	s = linkPattern.ReplaceAllString(s, "${1}…")
	var out strings.Builder
	from := 0
	for _, id := range groupIDPattern.FindAllStringIndex(s, -1) {
		out.WriteString(phone.Mask(s[from:id[0]]))
		out.WriteString(s[id[0]:id[1]])
		from = id[1]
	}
	out.WriteString(phone.Mask(s[from:]))
	return out.String()
}

// VeilJSON hides the numbers and links of a document of the API.
func VeilJSON(document []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.UseNumber()
	var out bytes.Buffer
	err := veilValue(d, &out, "", "")
	return out.Bytes(), err
}

// The parts of a document where more is hidden: numbers in metadata can be phones, and a member's name is a
// person's.
const (
	inMetadata = "metadata"
	inMembers  = "members"
)

// veilValue copies the next value. key is its key, within the part of the document.
func veilValue(d *json.Decoder, out *bytes.Buffer, key, within string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch x := token.(type) {
	case json.Delim:
		return veilAll(d, out, x, key, within)
	case string:
		if key == "name" && within == inMembers {
			return writeJSON(out, phone.MaskName(x))
		}
		return writeJSON(out, veilText(key, within, x))
	case json.Number:
		if masked := phone.Mask(x.String()); within == inMetadata && masked != x.String() {
			return writeJSON(out, masked)
		}
		out.WriteString(x.String())
		return nil
	}
	return writeJSON(out, token) // true, false and null
}

// veilAll copies the rest of an object or a list.
func veilAll(d *json.Decoder, out *bytes.Buffer, open json.Delim, key, within string) error {
	out.WriteRune(rune(open))
	for n := 0; d.More(); n++ {
		if n > 0 {
			out.WriteByte(',')
		}
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			key, _ = token.(string)
			if err := writeJSON(out, Veil(key)); err != nil {
				return err
			}
			out.WriteByte(':')
		}
		if within == "" && (key == inMetadata || key == inMembers) {
			within = key
			if err := veilValue(d, out, key, within); err != nil {
				return err
			}
			within = ""
			continue
		}
		if err := veilValue(d, out, key, within); err != nil {
			return err
		}
	}
	closing, err := d.Token()
	if end, ok := closing.(json.Delim); ok {
		out.WriteRune(rune(end))
	}
	return err
}

// veilText hides the numbers and links in a text of a document, by its key within a part of the document.
func veilText(key, within, text string) string {
	switch key {
	case "id", "nextCursor":
		if within != inMetadata {
			return text // our own id, which clients need unchanged
		}
	case "phone", "input", "whatsApp", "lid":
		return phone.MaskTyped(text)
	}
	return Veil(text)
}

func writeJSON(out *bytes.Buffer, v any) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - len("\n"))
	return nil
}
