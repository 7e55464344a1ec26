package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/rollcallhq/rollcall/tasks"
)

// records cuts a delimited text into records. A property test compares it with encoding/csv (LazyQuotes).
// It differs on purpose: a record has a size limit and reading goes on after it, a lone CR ends a line,
// spaces around a quoted cell are ignored, and the last record says whether its line was ended.
type records struct {
	r     *bufio.Reader
	comma byte
	line  int // the line being read, from 1

	cells   []byte // of the current record, concatenated
	ends    []int
	size    int // bytes of the record, counted beyond the limit too
	started bool
	lone    bool // a quoted cell has a quote that is neither doubled nor closing
}

// record is one record. Its cells are valid until the next one is read.
type record struct {
	cells     []string
	line      int
	tooLarge  bool
	openQuote bool            // the input ended inside a quoted cell
	loneQuote bool            // a quoted cell holds a quote that is not doubled
	ended     bool            // its last line had an end
	broken    bool            // the input seems to break off in it
	size      int             // bytes, as they stand in the file
	fault     *tasks.RowError // of a sheet's row; nil for none
}

func newRecords(r *bufio.Reader, comma byte) *records {
	return &records{r: r, comma: comma, line: 1}
}

// next returns io.EOF after the last record. On any other error it drops the current record, which is
// incomplete.
func (s *records) next() (record, error) {
	s.cells, s.ends, s.size, s.started = s.cells[:0], s.ends[:0], 0, false
	s.lone = false
	rec := record{line: s.line}
	for last := false; !last; {
		end, err := s.cell()
		if err == io.EOF && !s.started { //nolint:errorlint // only a bare EOF is an end
			return record{}, io.EOF
		}
		switch {
		case err == nil:
			last = end == '\n'
			rec.ended = last
		case err == io.EOF, err == errOpenQuote: //nolint:errorlint // as above
			last = true
			rec.openQuote = err == errOpenQuote //nolint:errorlint // our own sentinel
		default:
			return record{}, err
		}
		if s.size <= tasks.MaxRowBytes { // a larger record is returned without its cells
			s.ends = append(s.ends, len(s.cells))
		}
	}
	rec.loneQuote, rec.size = s.lone, s.size
	if rec.tooLarge = s.size > tasks.MaxRowBytes; rec.tooLarge {
		return rec, nil
	}
	text, from := string(s.cells), 0
	rec.cells = make([]string, len(s.ends))
	for i, to := range s.ends {
		rec.cells[i] = text[from:to]
		from = to
	}
	return rec, nil
}

// cell reads to the cell's end and returns what ended it: the comma, '\n', or an error.
func (s *records) cell() (byte, error) {
	from := len(s.cells)
	for onlySpaces := true; ; {
		c, err := s.read()
		if err != nil {
			return 0, err
		}
		switch {
		case c == s.comma:
			return c, nil
		case c == '\n' || c == '\r':
			return '\n', s.lineEnd(c)
		case c == '"' && onlySpaces:
			s.cells = s.cells[:from]
			return s.quoted()
		}
		onlySpaces = onlySpaces && c == ' '
		s.keep(c)
	}
}

// quoted reads a cell after its opening quote. A quote inside that does not close the cell is part of its text.
func (s *records) quoted() (byte, error) {
	for {
		c, err := s.read()
		if err != nil {
			return 0, openQuote(err)
		}
		switch c {
		case '"':
			end, closed, err := s.closing()
			if closed || err != nil {
				return end, err
			}
		case '\n':
			s.line++
			s.cells = bytes.TrimSuffix(s.cells, []byte{'\r'})
			s.keep(c)
		default:
			s.keep(c)
		}
	}
}

// closing is called after a quote in a quoted cell and reports whether that quote closes the cell.
func (s *records) closing() (end byte, closed bool, err error) {
	for spaces := 0; ; spaces++ {
		c, err := s.read()
		switch {
		case err != nil:
			return 0, true, err
		case c == s.comma:
			return c, true, nil
		case c == '\n' || c == '\r':
			return '\n', true, s.lineEnd(c)
		case c == ' ':
			continue
		}
		s.keep('"')
		for range spaces {
			s.keep(' ')
		}
		if c == '"' && spaces == 0 {
			return 0, false, nil
		}
		s.lone = true
		return 0, false, s.r.UnreadByte()
	}
}

func (s *records) lineEnd(c byte) error {
	s.line++
	if c != '\r' {
		return nil
	}
	next, err := s.r.ReadByte()
	if err != nil {
		return nil //nolint:nilerr // end of input or an error: the next read returns it again
	}
	if next != '\n' {
		return s.r.UnreadByte()
	}
	return nil
}

func (s *records) read() (byte, error) {
	c, err := s.r.ReadByte()
	if err == nil {
		s.started = true
		s.size++
	}
	return c, err
}

func (s *records) keep(c byte) {
	if s.size <= tasks.MaxRowBytes {
		s.cells = append(s.cells, c)
	}
}

var errOpenQuote = errors.New("the input ends inside a quoted cell")

func openQuote(err error) error {
	if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
		return errOpenQuote
	}
	return err
}
