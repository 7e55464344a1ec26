package intake

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// gather builds groups from a file with one line per person, whatever the order of the lines. It reads the input once.
// It keeps each group's own cells in memory and writes the people to a spool, as one chain of blocks per group. It
// emits unreadable lines at once, and at the end the groups, in the order of their first lines.
func gather(in *lines, o Options, out emit) error {
	s := newSpool(o.TempDir)
	defer s.close()
	g := gathering{spool: s, maxOwn: cmp.Or(o.maxOwn, maxOwn), byName: make(map[string]*gathered), personal: make(map[string]bool)}
	var noPhone []int // the first lines without one
	for {
		n, rec, rowErr, err := in.next()
		if err == io.EOF { //nolint:errorlint // only a bare EOF is an end
			break
		}
		if err != nil {
			return err
		}
		if rowErr != nil {
			err = out(Row{N: n, Line: rec.line, Err: rowErr, Broken: rec.broken})
		} else {
			v := in.layout.valuesOf(rec.cells, o)
			if err := in.layout.checkLine(rec, v, o); err != nil {
				return err
			}
			if len(v.phones)+len(v.chats) == 0 && len(noPhone) < MaxWarned {
				noPhone = append(noPhone, rec.line)
			}
			err = g.add(n, rec.line, v)
		}
		if err != nil {
			return err
		}
	}
	if err := g.flush(); err != nil {
		return err
	}
	if line := g.merged(); line > 0 {
		return unusable(say.Phrase{Code: say.FileMerged, N: line})
	}
	if len(noPhone) > 0 {
		w := warning(WarnNoPhone, only(say.WarnNoPhone))
		w.Lines = noPhone
		o.warn(w)
	}
	for _, group := range g.order {
		row, err := g.row(group, o)
		if err == nil {
			err = out(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkLine returns an *Unusable for a line with several phones or several groups, where the user must say what is
// meant. No group has been emitted by then.
func (l layout) checkLine(rec record, v values, o Options) error {
	if len(v.phones) > 1 && o.OneRowIs == "" {
		return unusable(say.Phrase{Code: say.FileTwoPhones, N: rec.line})
	}
	for _, i := range l.moreGroups {
		if i < len(rec.cells) && cleanText(rec.cells[i]) != "" {
			return unusable(say.Phrase{Code: say.FileTwoGroups, N: rec.line})
		}
	}
	return nil
}

// merged returns the first line without a name in a file whose group names were merged cells, or 0 for any other file.
// In such a file the first line has a name, others have none, and no name appears twice.
func (g *gathering) merged() int {
	nameless := g.byName[""]
	if nameless == nil || len(g.order) < 2 || g.order[0] == nameless {
		return 0
	}
	for _, group := range g.order {
		if group != nameless && group.lines > 1 {
			return 0
		}
	}
	return nameless.line
}

type gathering struct {
	spool   *spool
	byName  map[string]*gathered
	order   []*gathered
	current *gathered // the group whose people are in block
	// personal are the columns whose cells differ within some group: they describe the person, so they
	// are not metadata of any group.
	personal map[string]bool
	block    []entry
	size     int
	own      int // bytes of the groups' own cells, with what it takes to keep them
	maxOwn   int
}

// maxOwn is the maximum of the groups' own cells in bytes. They are in memory until the input ends.
const maxOwn = 512 << 20

// cellOverhead is about what a kept cell takes besides its text.
const cellOverhead = 64

func groupsTooLarge(bytes int) error {
	return unusable(say.Phrase{Code: say.FileGroupsTooLarge, N: bytes >> 20})
}

// gathered is the part of a group that is kept in memory: its cells, not its people.
type gathered struct {
	n, line int
	lines   int
	values  values
	admins  []string // cells of the people who become admins
	err     *tasks.RowError
	chain   int64 // the offset of its last block
	bytes   int
}

// blockSize is the size, in bytes, at which a block is written. A line of another group also ends the block.
const blockSize = 32 << 10

func (g *gathering) add(n, line int, v values) error {
	name := SeenName(v.one[groupName])
	group := g.byName[name]
	if group == nil && len(g.order) > tasks.MaxBatchRows { // one more than a batch takes: the input is too long already
		return nil
	}
	if group == nil {
		group = &gathered{n: n, line: line, chain: noBlock}
		group.values = values{one: make(map[field]string), meta: make(map[string]string)}
		g.byName[strings.Clone(name)] = group
		g.order = append(g.order, group)
	}
	if g.own += group.merge(v, line, g.personal); g.own > g.maxOwn {
		return groupsTooLarge(g.maxOwn)
	}
	if group != g.current {
		if err := g.flush(); err != nil {
			return err
		}
		g.current = group
	}
	who := v.person.whole()
	for _, p := range v.phones {
		g.keep(entry{phone: true, text: p, name: who})
	}
	for _, c := range v.chats {
		g.keep(entry{text: c, name: who})
	}
	if v.admin && group.bytes <= tasks.MaxRowBytes {
		for _, cell := range slices.Concat(v.phones, v.chats) {
			group.admins = append(group.admins, strings.Clone(cell))
			g.own += len(cell) + cellOverhead
		}
	}
	if g.size >= blockSize {
		return g.flush()
	}
	return nil
}

func (g *gathering) keep(e entry) {
	g.current.bytes += len(e.text) + len(e.name)
	if g.current.bytes <= tasks.MaxRowBytes {
		g.block = append(g.block, e)
		g.size += len(e.text) + len(e.name)
	}
}

func (g *gathering) flush() error {
	if len(g.block) == 0 {
		return nil
	}
	at, err := g.spool.append(g.current.chain, g.block)
	if err != nil {
		return err
	}
	g.current.chain = at
	g.block, g.size = g.block[:0], 0
	return nil
}

// merge adds the cells of one line, and returns how many bytes that takes. It clones them: a cell is a substring of its
// line, which must not stay in memory.
func (g *gathered) merge(v values, line int, personal map[string]bool) (kept int) {
	g.lines++
	for f, cell := range v.one {
		if was, ok := g.values.one[f]; !ok {
			g.values.one[f] = strings.Clone(cell)
			kept += len(cell) + cellOverhead
		} else if was != cell && g.err == nil && f != groupName {
			g.err = rowError(tasks.BadField, f, say.Phrase{Code: say.RowLinesDiffer, N: g.line, M: line, Name: string(f)})
		}
	}
	for key, cell := range v.meta {
		was, ok := g.values.meta[key]
		switch {
		case personal[key]:
		case !ok:
			g.values.meta[key] = strings.Clone(cell)
			kept += len(cell) + cellOverhead
		case was != cell:
			personal[key] = true
		}
	}
	return kept
}

func (g *gathering) row(group *gathered, o Options) (Row, error) {
	row := Row{N: group.n, Line: group.line}
	if group.bytes > tasks.MaxRowBytes {
		row.Request.GroupName, row.Err = group.values.one[groupName], tooLarge()
		return row, nil
	}
	people, err := g.spool.chain(group.chain)
	if err != nil {
		return Row{}, err
	}
	for _, p := range people {
		group.values.name(p.text, p.name)
		if p.phone {
			group.values.phones = append(group.values.phones, p.text)
		} else {
			group.values.chats = append(group.values.chats, p.text)
		}
	}
	maps.DeleteFunc(group.values.meta, func(key, _ string) bool { return g.personal[key] })
	row.Request, row.Err = group.values.request(o)
	if len(group.admins) > 0 {
		row.Request.Admins = withAdmins(row.Request.Admins, group.admins, o.regionOf(row.Request.Pool, row.Request.Instance))
	}
	switch {
	case group.values.one[groupName] == "":
		row.Err = rowError(tasks.NoName, groupName, say.Phrase{Code: say.RowLinesUnnamed, N: group.lines, M: group.line})
	case group.err != nil:
		row.Err = group.err
	}
	group.values = values{} // emitted: hold one group's people at a time
	return row, nil
}
