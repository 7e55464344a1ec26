package intake

import (
	"bufio"
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// column is what one column of the file gives to a request. Without a field and a key it is
// ignored.
type column struct {
	field field
	key   string // of metadata
}

// layout is a header understood.
type layout struct {
	columns []column
	// perPerson says that one line is one person, gathered by the group's name.
	perPerson bool
}

// columnsOf reads a header. known counts the columns that mean something to us.
//
// The weak names of the group count only where no better one stands: class and turma before name and
// nome, which in a list of people are the person's. oneRowIs decides what a line is, "" for the header.
func columnsOf(header []string, d map[string]meaning, oneRowIs string) (l layout, known int) {
	meanings := make([]meaning, len(header))
	strong, class, several, single := false, false, false, false
	for i, h := range header {
		m, ok := look(d, h)
		if !ok || ignored(h) {
			continue
		}
		known++
		meanings[i] = m
		strong = strong || (m.field == groupName && !m.weak)
		class = class || m.class
		several = several || m.field == phones || m.numbered
		single = single || (m.field == onePhone && !m.numbered)
	}
	l.perPerson = single && !several
	if oneRowIs != "" {
		l.perPerson = oneRowIs == aPerson
	}
	taken := make(map[field]bool)
	for i, h := range header {
		m := meanings[i]
		if m.weak && (strong || !m.class && (class || l.perPerson)) {
			m = meaning{}
		}
		list := m.field == phones || m.field == onePhone || m.field == chatIDs
		if m.field != "" && (list || !taken[m.field]) {
			taken[m.field] = true
			l.columns = append(l.columns, column{field: m.field})
			continue
		}
		l.columns = append(l.columns, column{key: metadataKey(h, i)})
	}
	return l, known
}

// ignored are the columns an export adds for people to read.
func ignored(header string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(header)), outcomePrefix)
}

// outcomePrefix begins the names of what only tells what happened.
const outcomePrefix = "rollcall_"

func metadataKey(header string, i int) string {
	header = unguardCell(cleanText(header))
	switch {
	case ignored(header):
		return ""
	case header == "":
		return "column " + strconv.Itoa(i+1)
	}
	return header
}

// readHeader finds the comma and the header, and leaves text behind the header's line.
func readHeader(text *bufio.Reader, o Options) (*records, layout, error) {
	head, _ := text.Peek(window)
	comma, hint := separatorHint(head)
	if hint > 0 {
		if _, err := text.Discard(hint); err != nil {
			return nil, layout{}, err
		}
		head = head[hint:]
	}
	d := dictionary()
	if comma == 0 {
		comma = sniffComma(head, d)
	}
	recs := newRecords(text, comma)
	if hint > 0 {
		recs.line++
	}
	header, err := firstRecord(recs)
	if err != nil {
		return nil, layout{}, err
	}
	l, known := columnsOf(header, d, o.OneRowIs)
	if isGoogle(header) {
		return nil, layout{}, unusable("Add a column groupName with the group of each person, and keep one column of phones.",
			"This is an export of Google Contacts: it has no column of group names. Its labels and its column Subject are none.")
	}
	if known == 0 {
		return nil, layout{}, unusable(
			"Name the columns in the first line, at least groupName and phones; docs/spreadsheets.md lists every name in four languages.",
			"The first line has no column we know; it holds %s.", shown(header))
	}
	if o.OneRowIs == "" && ofPeople(header, l) {
		return nil, layout{}, unusable("Say it: --one-row-is person, or --one-row-is group.",
			"The file names people and has several columns of phones: each line is a person with several phones, or a group.")
	}
	o.explain.explains(comma, header, l)
	return recs, l, nil
}

// shown is how the cells of a first line that is no header are told: the first few, with numbers
// masked, since they may be a person's.
func shown(cells []string) string {
	var some []string
	for _, cell := range cells {
		if cell = strings.TrimSpace(cell); cell != "" && len(some) < 3 {
			some = append(some, strconv.Quote(phone.Show(cell)))
		}
	}
	return strings.Join(some, ", ")
}

// separatorHint reads Excel's "sep=;" line. length is what to skip.
func separatorHint(head []byte) (comma byte, length int) {
	line, _, found := bytes.Cut(head, []byte{'\n'})
	hint := bytes.ToLower(bytes.TrimSuffix(line, []byte{'\r'}))
	if !found || len(hint) != len("sep=;") || !bytes.HasPrefix(hint, []byte("sep=")) {
		return 0, 0
	}
	return hint[4], len(line) + 1
}

// sniffComma takes the separator under which the first line has the most columns we know, then
// the most columns.
func sniffComma(head []byte, d map[string]meaning) byte {
	best, bestKnown, bestCells := byte(','), -1, -1
	for _, comma := range []byte(",;\t|") {
		header, err := firstRecord(newRecords(bufio.NewReader(bytes.NewReader(head)), comma))
		if err != nil {
			continue
		}
		_, known := columnsOf(header, d, "")
		if known > bestKnown || (known == bestKnown && len(header) > bestCells) {
			best, bestKnown, bestCells = comma, known, len(header)
		}
	}
	return best
}

// firstRecord skips blank lines. io.EOF: there is nothing else.
func firstRecord(recs *records) ([]string, error) {
	for {
		rec, err := recs.next()
		if err != nil {
			return nil, err
		}
		if rec.tooLarge || rec.openQuote {
			return nil, nil
		}
		if !allBlank(rec.cells) {
			return rec.cells, nil
		}
	}
}

// ofPeople tells whether a header with a column a phone also has a column that only a person has: then
// a line may be one person with two phones, and each would become a group.
func ofPeople(header []string, l layout) bool {
	if l.perPerson {
		return false
	}
	numbered := 0
	for _, c := range l.columns {
		if c.field == onePhone {
			numbered++
		}
	}
	return numbered > 1 && slices.ContainsFunc(header, func(h string) bool { return slices.Contains(personal, foldHeader(h)) })
}

// isGoogle recognises an export of Google Contacts, of 2015 and of today, to which no column of group
// names was added.
func isGoogle(header []string) bool {
	has := func(folded string) bool {
		return slices.ContainsFunc(header, func(h string) bool { return foldHeader(h) == folded })
	}
	return (has("groupmembership") || has("labels")) && has("phone1value") && !has("groupname") && !has("grupo") && !has("nomedogrupo")
}

// personal are the folded headers that only a person has.
var personal = []string{
	"firstname", "lastname", "givenname", "familyname", "surname", "username", "student", "fullname",
	"primeironome", "sobrenome", "aluno", "aluna", "estudante", "nomedoaluno", "nomecompleto",
	"apellido", "apellidos", "alumno", "alumna", "nombrecompleto", "фамилия", "ученик", "фио",
}
