package intake

import (
	"bufio"
	"io"

	"github.com/rollcallhq/rollcall/tasks"
)

// elements cuts a JSON text into its values by brackets and quotes alone. Each value is parsed later, on
// its own: a bad element does not affect those after it, and an oversized one takes no memory.
type elements struct {
	r    *bufio.Reader
	line int
}

// element is one value as it stands in the text.
type element struct {
	text     []byte
	line     int
	tooLarge bool
	cut      bool // the text ended inside it
}

// space skips white space and returns the next byte without taking it, or io.EOF at the end.
func (e *elements) space() (byte, error) {
	for {
		c, err := e.r.ReadByte()
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			e.line++
		case ' ', '\t', '\r':
		default:
			return c, e.r.UnreadByte()
		}
	}
}

// take reads the byte that space returned.
func (e *elements) take() { _, _ = e.r.ReadByte() }

// value reads one value. The caller has skipped the space before it. Only a failing read is an error.
func (e *elements) value() (element, error) {
	v := element{line: e.line}
	depth, inString, escaped := 0, false, false
	for size := 0; ; size++ {
		c, err := e.r.ReadByte()
		if err == io.EOF { // only a bare EOF is an end
			v.cut = depth > 0 || inString
			return v, nil
		}
		if err != nil {
			return element{}, err
		}
		if depth == 0 && !inString && size > 0 && endsScalar(c) {
			return v, e.r.UnreadByte()
		}
		if c == '\n' {
			e.line++
		}
		if size < tasks.MaxRowBytes {
			v.text = append(v.text, c)
		} else {
			v.text, v.tooLarge = nil, true
		}
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
			if !inString && depth == 0 {
				return v, nil
			}
		case inString:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth <= 0 {
				return v, nil
			}
		}
	}
}

func endsScalar(c byte) bool {
	switch c {
	case ',', ':', ']', '}', '{', '[', '"', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}

// textLine reads one line of any length. It returns io.EOF after the last line. cut is set if the line has no line
// break.
func (e *elements) textLine() (element, error) {
	v := element{line: e.line}
	for {
		part, err := e.r.ReadSlice('\n')
		switch {
		case len(v.text)+len(part) > tasks.MaxRowBytes+len("\r\n"):
			v.text, v.tooLarge = nil, true
		case !v.tooLarge:
			v.text = append(v.text, part...)
		}
		switch {
		case err == nil:
			e.line++
			return v, nil
		case err == bufio.ErrBufferFull: //nolint:errorlint // bufio's own, never wrapped
		case err == io.EOF && (len(v.text) > 0 || v.tooLarge): // only a bare EOF is an end
			v.cut = true
			return v, nil
		default:
			return element{}, err
		}
	}
}
