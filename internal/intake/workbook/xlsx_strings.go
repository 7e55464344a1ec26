package workbook

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
)

// stringTable holds the strings that cells share, in one text, so that millions of cells can share a long one.
type stringTable struct {
	text strings.Builder
	ends []uint32 // of each string, in text
}

func (s *stringTable) at(i int) (string, bool) {
	if s == nil || i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.text.String()[from:s.ends[i]], true
}

func (a *parts) sharedStrings(part string) (*stringTable, error) {
	s := &stringTable{}
	if f := a.find(part); f != nil && f.UncompressedSize64 <= maxStrings {
		s.text.Grow(int(f.UncompressedSize64 / 2)) // a phone is about half of its XML; growing would copy all text
	}
	err := a.each(part, maxStrings, func(t *tokens, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := t.richText("si")
		if err != nil {
			return err
		}
		s.text.WriteString(text)
		if s.text.Len() > math.MaxUint32 {
			return tooLarge(part, maxStrings)
		}
		s.ends = append(s.ends, uint32(s.text.Len())) //nolint:gosec // bounded above
		return nil
	})
	return s, err
}

// richText reads an element, after its start, and returns the text of its runs, without phonetic text (rPh).
func (t *tokens) richText(element string) (string, error) {
	var text []byte
	inText := false
	for {
		token, err := t.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return "", t.cut()
		}
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "t":
				inText = true
			case "rPh":
				if err := t.skip(); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if inText && len(text) <= maxRow {
				text = append(text, token...)
			}
		case xml.EndElement:
			switch token.Name.Local {
			case "t":
				inText = false
			case element:
				return unescape(string(text)), nil
			}
		}
	}
}
