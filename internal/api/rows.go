package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// rows holds the rows that an answer will report. The status of the answer is known only after the last of them,
// so they are kept: in memory while they are few, then in a temporary file.
type rows struct {
	all    bool // report created ones, too
	blind  bool // tell no name of a group that exists, and no person whom the rows do not name
	memory bytes.Buffer
	file   *os.File
	out    *bufio.Writer
	n      int
}

const rowsInMemory = 1 << 20

// add keeps one row if the answer reports it.
func (s *rows) add(res enqueue.Result) error {
	if res.Outcome == enqueue.Created && len(res.Unusable) == 0 && !s.all {
		return nil
	}
	if s.blind {
		res = blinded(res)
	}
	line, err := json.Marshal(res)
	if err != nil {
		return err
	}
	if s.n++; s.n > 1 {
		line = append([]byte(","), line...)
	}
	if s.file == nil && s.memory.Len()+len(line) <= rowsInMemory {
		s.memory.Write(line)
		return nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "rollcall-rows-*"); err != nil {
			return fmt.Errorf("spool the rows: %w", err)
		}
		s.out = bufio.NewWriter(s.file)
	}
	if _, err = s.out.Write(line); err != nil {
		return fmt.Errorf("spool the rows: %w", err)
	}
	return nil
}

// blinded returns a result without the former name of its group, and without the people whom the row does not name.
func blinded(res enqueue.Result) enqueue.Result {
	if res.Changes != nil {
		changes := *res.Changes
		changes.Gone = []string{}
		res.Changes = &changes
	}
	if res.Error == nil {
		return res
	}
	if why, ok := res.Error.Why.(say.Phrase); ok {
		why.Why = slices.Clone(why.Why)
		for i := range why.Why {
			if part := &why.Why[i]; part.Code == say.RowRenamed {
				part.Text = ""
			}
		}
		told := *res.Error
		told.Why, told.Message = why, why.String()
		res.Error = &told
	}
	return res
}

// close deletes the rows.
func (s *rows) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}

// reader returns a reader of the rows, separated by commas.
func (s *rows) reader() (io.Reader, error) {
	memory := bytes.NewReader(s.memory.Bytes())
	if s.file == nil {
		return memory, nil
	}
	err := s.out.Flush()
	if err == nil {
		_, err = s.file.Seek(0, io.SeekStart)
	}
	return io.MultiReader(memory, s.file), err
}

// write answers with a document whose last key is rows. Within a problem, that document is the outcome of the batch.
func (s *rows) write(w http.ResponseWriter, status int, contentType string, document any, within *Problem) error {
	head, err := json.Marshal(document)
	if err != nil {
		return err
	}
	begin, end := []byte{}, "]}\n"
	if within != nil {
		if begin, err = json.Marshal(within); err != nil {
			return err
		}
		begin, end = append(bytes.TrimSuffix(begin, []byte("}")), `,"batch":`...), "]}}\n"
	}
	list, err := s.reader()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	for _, part := range []io.Reader{
		bytes.NewReader(begin), bytes.NewReader(bytes.TrimSuffix(head, []byte("}"))), strings.NewReader(`,"rows":[`), list, strings.NewReader(end),
	} {
		if _, err := io.Copy(w, part); err != nil {
			return errors.Join(errAnswer, err)
		}
	}
	return nil
}

// errAnswer says that an answer had begun and could not be finished.
var errAnswer = errors.New("write the answer")

// plural returns a count with its noun.
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// were returns a count with its noun and verb.
func were(n int, what string) string {
	if n == 1 {
		return plural(n, what) + " was"
	}
	return plural(n, what) + " were"
}
