package intake

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// gather makes groups of a file with one line a person, wherever a group's lines stand. It reads
// the input once: what says something about the group is kept in memory, once a group; the people
// go to a spool, as a chain of blocks that each group holds the end of. Then the groups come out,
// in the order of their first lines. Lines that cannot be read come out at once.
func gather(in *lines, o Options, out emit) error {
	s := newSpool(o.TempDir)
	defer s.close()
	g := gathering{spool: s, byName: make(map[string]*gathered), personal: make(map[string]bool)}
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
			if err := in.layout.asks(rec, v, o); err != nil {
				return err
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

// asks stops at a line that does not say whom it puts into which group. No group has come out before.
func (l layout) asks(rec record, v values, o Options) error {
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

// merged finds a file whose groups were merged cells: the first line has a name, others have none, and
// no name stands twice. It returns the first line without a name; 0 when the file is not such.
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
	current *gathered // the one whose people are in block
	// personal are the columns that differ inside some group of the file: they tell of the
	// person, and no group has them as its metadata.
	personal map[string]bool
	block    []entry
	size     int
}

// gathered is what is kept of a group: its words, not its people.
type gathered struct {
	n, line int
	lines   int
	values  values
	admins  []string // cells of the people who become admins
	err     *tasks.RowError
	chain   int64 // the last block's place
	bytes   int
}

// A block is written when it has this size, or when another group's line comes.
const blockSize = 32 << 10

func (g *gathering) add(n, line int, v values) error {
	name := SeenName(v.one[groupName])
	group := g.byName[name]
	if group == nil {
		group = &gathered{n: n, line: line, chain: noBlock}
		group.values = values{one: make(map[field]string), meta: make(map[string]string)}
		g.byName[strings.Clone(name)] = group
		g.order = append(g.order, group)
	}
	group.merge(v, line, g.personal)
	if group != g.current {
		if err := g.flush(); err != nil {
			return err
		}
		g.current = group
	}
	if v.admin {
		for _, cell := range slices.Concat(v.phones, v.chats) {
			group.admins = append(group.admins, strings.Clone(cell))
		}
	}
	who := v.person.whole()
	for _, p := range v.phones {
		g.keep(entry{phone: true, text: p, name: who})
	}
	for _, c := range v.chats {
		g.keep(entry{text: c, name: who})
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

// merge adds what one line says. An empty cell says nothing. Cells are cloned: each is a part of
// its whole line, which must not stay in memory with it.
func (g *gathered) merge(v values, line int, personal map[string]bool) {
	g.lines++
	for f, cell := range v.one {
		if was, ok := g.values.one[f]; !ok {
			g.values.one[f] = strings.Clone(cell)
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
		case was != cell:
			personal[key] = true
		}
	}
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
	group.values = values{} // written out: the memory of one group at a time, not of all people
	return row, nil
}
