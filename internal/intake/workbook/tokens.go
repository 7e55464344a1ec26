package workbook

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// tokens reads the XML of one part and ignores namespaces, because programs differ in the prefixes that they write.
type tokens struct {
	*xml.Decoder
	part string
	in   *bounded
}

func (a *parts) tokens(name string, limit int64) (*tokens, error) {
	r, err := a.open(name, limit)
	if err != nil {
		return nil, err
	}
	return &tokens{Decoder: xml.NewDecoder(bufio.NewReaderSize(r, 64<<10)), part: name, in: r}, nil
}

// next returns the next token, and io.EOF at the end of the part.
func (t *tokens) next() (xml.Token, error) {
	t.in.since = 0
	token, err := t.RawToken()
	if err == nil || err == io.EOF { //nolint:errorlint // only a bare EOF is an end
		return token, err
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return nil, e
	}
	return nil, refuse(say.Phrase{Code: say.BookXML, Text: t.part})
}

// skip reads past the element whose start was read last.
func (t *tokens) skip() error {
	for depth := 1; depth > 0; {
		token, err := t.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return t.cut()
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// cut returns the error of a part that ends within an element.
func (t *tokens) cut() error {
	return refuse(say.Phrase{Code: say.BookEnds, Text: t.part})
}

func (t *tokens) close() { _ = t.in.Close() }

// each calls start at the start of every element of a part.
func (a *parts) each(name string, limit int64, start func(t *tokens, e xml.StartElement) error) error {
	t, err := a.tokens(name, limit)
	if err != nil {
		return err
	}
	defer t.close()
	for {
		token, err := t.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			if err := start(t, e); err != nil {
				return err
			}
		}
	}
}

// attr returns the attribute called name, whatever its prefix.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// number returns an attribute that is a whole number of 0 or more, at most math.MaxInt32 so that sums do not overflow.
// It returns otherwise if the attribute is missing or something else.
func number(e xml.StartElement, name string, otherwise int) int {
	n, err := strconv.Atoi(attr(e, name))
	if err != nil || n < 0 {
		return otherwise
	}
	return min(n, math.MaxInt32)
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
