package intake

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rollcallhq/rollcall/internal/intake/workbook"
	"github.com/rollcallhq/rollcall/internal/say"
)

// input is the bytes that came in, before their format is known.
type input struct {
	file *os.File // the input if it is an unread regular file, otherwise nil
	size int64
	text *bufio.Reader
}

func newInput(ctx context.Context, r io.Reader) *input {
	in := &input{}
	if file, ok := r.(*os.File); ok {
		at, err := file.Seek(0, io.SeekCurrent)
		if info, failed := file.Stat(); err == nil && failed == nil && at == 0 && info.Mode().IsRegular() {
			in.file, in.size = file, info.Size()
		}
	}
	in.text = bufio.NewReaderSize(&source{ctx: ctx, r: r}, window)
	return in
}

func (in *input) isWorkbook() bool {
	head, _ := in.text.Peek(len(oleHead))
	return workbook.Is(head)
}

// oleHead is the longest signature of a workbook: that of an OLE file.
const oleHead = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// maxWorkbook is the maximum size of a workbook in bytes.
const maxWorkbook = 512 << 20

// whole returns a reader of all bytes of the input: of the file itself, or of a copy that done removes.
func (in *input) whole(dir string) (r io.ReaderAt, size int64, done func(), err error) {
	done = func() {}
	if in.file != nil {
		if in.size > maxWorkbook {
			return nil, 0, done, workbookTooLarge()
		}
		return in.file, in.size, done, nil
	}
	var head bytes.Buffer
	n, err := io.CopyN(&head, in.text, spoolMemory)
	if errors.Is(err, io.EOF) {
		return bytes.NewReader(head.Bytes()), n, done, nil
	}
	if err != nil {
		return nil, 0, done, err
	}
	file, remove, err := tempFile(dir, "rollcall-workbook-*")
	if err != nil {
		return nil, 0, done, fmt.Errorf("spool the workbook: %w", err)
	}
	size, err = io.Copy(spoolWriter{file}, io.LimitReader(io.MultiReader(&head, in.text), maxWorkbook+1))
	switch {
	case err == nil && size > maxWorkbook:
		err = workbookTooLarge()
	case err == nil:
		return file, size, remove, nil
	}
	remove()
	return nil, 0, done, err
}

func workbookTooLarge() error {
	return unusable(say.Phrase{Code: say.BookTooLarge, N: maxWorkbook >> 20})
}

// spoolWriter adds context to the write errors of a spooled copy.
type spoolWriter struct{ w io.Writer }

func (s spoolWriter) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = fmt.Errorf("spool the workbook: %w", err)
	}
	return n, err
}

// tempFile returns a private temporary file, and a function that closes and removes it. If the system allows it, the
// file is unlinked at once, so that its content does not outlive the process.
func tempFile(dir, pattern string) (file *os.File, remove func(), err error) {
	file, err = os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, nil, err
	}
	named := os.Remove(file.Name()) != nil // an open file cannot be removed on every system
	return file, func() {
		_ = file.Close()
		if named {
			_ = os.Remove(file.Name())
		}
	}, nil
}

// source repeats a read error at each further read, and lets ctx end a slow input between two reads.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err == nil && s.ctx.Err() != nil {
		s.err = context.Cause(s.ctx)
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil {
		s.err = err
		if err != io.EOF { // only a bare EOF is an end
			s.err = fmt.Errorf("read the input: %w", err)
		}
	}
	return n, s.err
}
