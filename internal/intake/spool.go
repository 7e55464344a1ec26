package intake

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
)

// spool keeps blocks of people, each pointing to the one before it of the same group. Small inputs stay in memory. A
// larger one goes to a temporary file, which is unlinked at once where the system allows it, so that people's numbers
// do not outlive the process.
type spool struct {
	dir    string
	memory []byte
	file   *os.File
	remove func() // the file
	out    *bufio.Writer
	size   int64
}

// entry is one cell with people in it.
type entry struct {
	phone bool // otherwise a chat id
	text  string
	name  string // the person's name, "" for none
}

const (
	noBlock     int64 = -1
	spoolMemory       = 1 << 20
	blockHead         = 8 + 4 // the block before, the length
)

func newSpool(dir string) *spool { return &spool{dir: dir} }

// append writes a block behind the one at before and returns its place.
func (s *spool) append(before int64, entries []entry) (int64, error) {
	block := make([]byte, blockHead, blockHead+1024)
	binary.LittleEndian.PutUint64(block, uint64(before)) //nolint:gosec // read back as it is written
	for _, e := range entries {
		kind := uint64(0)
		if e.phone {
			kind = 1
		}
		block = binary.AppendUvarint(block, uint64(len(e.text))<<1|kind)
		block = append(block, e.text...)
		block = binary.AppendUvarint(block, uint64(len(e.name)))
		block = append(block, e.name...)
	}
	binary.LittleEndian.PutUint32(block[8:], uint32(len(block)-blockHead)) //nolint:gosec // a few records' size
	at := s.size
	if err := s.write(block); err != nil {
		return 0, fmt.Errorf("spool the people of the input: %w", err)
	}
	return at, nil
}

func (s *spool) write(p []byte) error {
	s.size += int64(len(p))
	if s.file == nil && s.size <= spoolMemory {
		s.memory = append(s.memory, p...)
		return nil
	}
	if s.file == nil {
		file, remove, err := tempFile(s.dir, "rollcall-people-*")
		if err != nil {
			return err
		}
		s.file, s.remove, s.out = file, remove, bufio.NewWriterSize(file, window)
		if _, err := s.out.Write(s.memory); err != nil {
			return err
		}
		s.memory = nil
	}
	_, err := s.out.Write(p)
	return err
}

// chain reads the blocks from the last one back, and returns their entries in writing order.
func (s *spool) chain(at int64) ([]entry, error) {
	var blocks [][]entry
	for at != noBlock {
		var head [blockHead]byte
		if err := s.readAt(head[:], at); err != nil {
			return nil, fmt.Errorf("read the people back from the spool: %w", err)
		}
		block := make([]byte, binary.LittleEndian.Uint32(head[8:]))
		if err := s.readAt(block, at+blockHead); err != nil {
			return nil, fmt.Errorf("read the people back from the spool: %w", err)
		}
		blocks = append(blocks, entriesOf(block))
		at = int64(binary.LittleEndian.Uint64(head[:])) //nolint:gosec // as written
	}
	slices.Reverse(blocks)
	return slices.Concat(blocks...), nil
}

func entriesOf(block []byte) []entry {
	var entries []entry
	for len(block) > 0 {
		n, used := binary.Uvarint(block)
		text := block[used : used+int(n>>1)]
		block = block[used+len(text):]
		length, used := binary.Uvarint(block)
		name := block[used : used+int(length)] //nolint:gosec // as written
		block = block[used+len(name):]
		entries = append(entries, entry{phone: n&1 == 1, text: string(text), name: string(name)})
	}
	return entries
}

func (s *spool) readAt(p []byte, at int64) error {
	if s.file == nil {
		copy(p, s.memory[at:])
		return nil
	}
	if err := s.out.Flush(); err != nil {
		return err
	}
	_, err := s.file.ReadAt(p, at)
	return err
}

func (s *spool) close() {
	if s.file != nil {
		s.remove()
	}
	s.memory = nil
}
