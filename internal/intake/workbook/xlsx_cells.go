package workbook

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// cell reads a cell, after its start element, and returns its value as text, and the error of its formula.
func (x *xlsx) cell(e xml.StartElement) (value, fault string, err error) {
	kind, style := attr(e, "t"), number(e, "s", 0)
	var stored []byte // the text of v
	text, inValue, formula := "", false, false
	for {
		token, err := x.in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			return "", "", x.in.cut()
		}
		if err != nil {
			return "", "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				inValue = true
			case "is":
				if text, err = x.in.richText("is"); err != nil {
					return "", "", err
				}
			default:
				formula = formula || token.Name.Local == "f" // its value is in v
				if err := x.in.skip(); err != nil {
					return "", "", err
				}
			}
		case xml.CharData:
			if inValue && len(stored) <= maxRow {
				stored = append(stored, token...)
			}
		case xml.EndElement:
			switch token.Name.Local {
			case "v":
				inValue = false
			case "c":
				raw := string(stored)
				value, err := x.value(kind, style, raw, text)
				switch {
				case formula && raw == "" && text == "" && kind != "str": // "str": the stored value is an empty text
					fault = NoValue
				case kind == "e" || isFault(value):
					fault = value
				}
				return value, fault, err
			}
		}
	}
}

func (x *xlsx) value(kind string, style int, raw, text string) (string, error) {
	switch kind {
	case "inlineStr":
		return text, nil
	case "str":
		return unescape(raw), nil
	case "e", "d":
		return raw, nil
	case "b":
		return strings.ToUpper(strconv.FormatBool(isTrue(raw))), nil
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		shared, ok := x.strings.at(i)
		if err != nil || !ok {
			return "", refuse(say.Phrase{Code: say.BookNoText, N: x.line})
		}
		return shared, nil
	}
	if style < len(x.dates) && x.dates[style] && raw != "" {
		return dateOf(raw, x.since1904), nil
	}
	return plainNumber(raw), nil
}

// columnOf returns the column of a reference such as BC12, counted from 0, or otherwise without a reference.
func columnOf(ref string, otherwise int) int {
	n := 0
	for i := 0; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && n < maxColumns; i++ {
		n = n*26 + int(ref[i]-'A') + 1
	}
	if n == 0 {
		return otherwise
	}
	return n - 1
}
