package producercmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// spool keeps lines until they can be written: in memory while they are few, then in a file.
type spool struct {
	memory bytes.Buffer
	file   *os.File
	out    *bufio.Writer
}

// inMemory is how much a spool keeps in memory.
const inMemory = 4 << 20

func (s *spool) add(line []byte) error {
	if s.file == nil && s.memory.Len()+len(line) < inMemory {
		s.memory.Write(line)
		return s.memory.WriteByte('\n')
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "rollcall-rows-")
		if err != nil {
			return fmt.Errorf("spool the rows: %w", err)
		}
		s.file, s.out = f, bufio.NewWriter(f)
	}
	_, err := s.out.Write(append(line, '\n'))
	return err
}

// each calls fn for every line, in order.
func (s *spool) each(fn func(line []byte) error) error {
	var r io.Reader = bytes.NewReader(s.memory.Bytes())
	if s.file != nil {
		if err := s.out.Flush(); err != nil {
			return fmt.Errorf("spool the rows: %w", err)
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("spool the rows: %w", err)
		}
		r = io.MultiReader(r, s.file)
	}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the spooled rows: %w", err)
		}
		if err := fn(bytes.TrimSuffix(line, []byte("\n"))); err != nil {
			return err
		}
	}
}

// close removes the file.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
