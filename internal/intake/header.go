package intake

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// column says which part of a request a column of the file holds. A column without field and key is ignored; one with
// both holds the field if the cell is a phone, otherwise metadata. A country is always both.
type column struct {
	field field
	key   string // of metadata
	part  part   // of a person's name, where one line is one person
}

// layout is the meaning of a header.
type layout struct {
	columns []column
	// perPerson says that a line is one person. Lines are gathered by the group's name.
	perPerson bool
	// weakName says that the group's column could also hold people's names: name, nome.
	weakName bool
	// others are the columns whose names could name a group too.
	others []int
	// moreGroups are the columns of a person's second group and further ones.
	moreGroups []int
}

// columnsOf reads a header. known counts the columns with a known meaning.
//
// A weak name of the group counts only without a better one: class and turma come before name and nome,
// which in a list of people are the person's. A column with a weak name for a phone, such as contato, may hold
// people's names if there is another column of phones. oneRowIs decides what a line is; "" lets the header decide.
func columnsOf(header []string, d map[string]meaning, oneRowIs string) (l layout, known int) {
	meanings := make([]meaning, len(header))
	strong, class, several, single, numbered, surePhone := false, false, false, false, 0, false
	for i, h := range header {
		m, ok := meaningOf(d, h)
		if !ok || ignored(h) {
			continue
		}
		known++
		meanings[i] = m
		strong = strong || (m.field == groupName && !m.weak)
		class = class || m.class
		several = several || m.field == phones
		single = single || (m.field == onePhone && !m.numbered)
		surePhone = surePhone || m.field == phones || (m.field == onePhone && !m.weak)
		if m.numbered && m.field == onePhone {
			numbered++
		}
	}
	if numbered == 1 && !single && namesPeople(header) {
		single = true // phone1 alone, in a list of people
	} else {
		several = several || numbered > 0
	}
	l.perPerson = single && !several
	if oneRowIs != "" {
		l.perPerson = oneRowIs == aPerson
	}
	taken := make(map[field]bool)
	for i, h := range header {
		m := meanings[i]
		if m.ofGroups && l.perPerson {
			m = meaning{}
		}
		if m.field == groupName && m.weak && (strong || !m.class && (class || l.perPerson)) {
			if m.class || !l.perPerson {
				l.others = append(l.others, i)
			}
			m = meaning{}
		}
		list := m.field == phones || m.field == onePhone || m.field == chatIDs
		if m.field == groupName && taken[groupName] {
			l.others = append(l.others, i)
			if m.numbered {
				l.moreGroups = append(l.moreGroups, i)
			}
		}
		if m.field != "" && (list || !taken[m.field]) {
			taken[m.field] = true
			l.weakName = l.weakName || m.field == groupName && m.weak && !m.class
			c := column{field: m.field}
			if m.field == countryName || m.field == onePhone && m.weak && surePhone {
				c.key = metadataKey(h, i)
			}
			l.columns = append(l.columns, c)
			continue
		}
		c := column{key: metadataKey(h, i), part: partOf(h)}
		if i > 0 && cleanText(h) == "" && (l.columns[i-1].field == phones || l.columns[i-1].field == onePhone) {
			c.field = l.columns[i-1].field // merged header cells keep their text in the first one
		}
		l.columns = append(l.columns, c)
	}
	return l, known
}

// ignored reports whether an export added this column for people to read.
func ignored(header string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(header)), outcomePrefix)
}

// outcomePrefix begins the names of columns that tell what happened.
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

// readHead finds the header of a table and returns the lines after it.
func readHead(t table, o Options) (*lines, error) {
	ahead := &readAhead{table: t}
	ahead.fill()
	d := dictionary()
	place := findHeader(ahead.records, d)
	if place.at < 0 && ahead.err != nil && allBlankRecords(ahead.records) {
		return nil, ahead.err
	}
	var header record
	if place.at >= 0 {
		header = ahead.records[place.at]
	}
	if isGoogle(header.cells) {
		return nil, unusable(only(say.FileGoogle))
	}
	if place.known == 0 {
		return nil, unusable(say.Phrase{Code: say.FileNoHeader, Text: shown(header.cells)})
	}
	l, _ := columnsOf(header.cells, d, o.OneRowIs)
	titles, err := titlesAbove(header, ahead.records[:place.at])
	if err != nil {
		return nil, err
	}
	ahead.records = ahead.records[place.at+1:]
	if why, missing := l.lacks(); missing {
		return nil, unusable(say.Phrase{Code: why, Text: shown(header.cells), N: header.line})
	}
	if err := l.decideShape(header.cells, l.trusted(ahead.records, t.kind().comma), o.OneRowIs); err != nil {
		return nil, err
	}
	if len(titles) > 0 {
		w := warning(WarnTitle, only(say.WarnTitle))
		w.Lines = titles
		o.warn(w)
	}
	o.explain.explains(t.kind().comma, header.cells, l)
	return &lines{table: ahead, layout: l, sums: columnSums{}}, nil
}

func allBlankRecords(records []record) bool {
	return !slices.ContainsFunc(records, func(r record) bool { return r.tooLarge || r.openQuote || !allBlank(r.cells) })
}

// headerWithin is the maximum number of lines, blank ones not counted, in which the header is looked for.
const headerWithin = 20

// headerPlace is where a header stands among some records, and what it says.
type headerPlace struct {
	at           int  // -1 if there is none
	whole        bool // it names the group and its people
	known, cells int
}

func (p headerPlace) better(than headerPlace) bool {
	switch {
	case p.whole != than.whole:
		return p.whole
	case p.known != than.known:
		return p.known > than.known
	}
	return p.cells > than.cells
}

// findHeader returns the place of the first record that names a group and its people. If there is none, it returns that
// of the first record, or of a later one that names people if the first has no known column.
func findHeader(records []record, d map[string]meaning) headerPlace {
	found := headerPlace{at: -1}
	looked := 0
	for i, rec := range records {
		if rec.tooLarge || rec.openQuote || allBlank(rec.cells) {
			continue
		}
		if looked > 0 && slices.ContainsFunc(rec.cells, isPhoneLike) { // a record with a phone is a row
			continue
		}
		l, known := columnsOf(rec.cells, d, "")
		people := l.hasPeople()
		p := headerPlace{at: i, known: known, cells: len(rec.cells), whole: people && l.has(groupName)}
		switch {
		case p.whole:
			return p
		case looked == 0, found.known == 0 && people:
			found = p
		}
		if looked++; looked == headerWithin {
			break
		}
	}
	return found
}

func (l layout) has(f field) bool {
	return slices.ContainsFunc(l.columns, func(c column) bool { return c.field == f })
}

// lacks returns the error for a header that names no column of group names, or none of people: no row can be a group.
func (l layout) lacks() (say.Code, bool) {
	switch {
	case !l.has(groupName):
		return say.FileNoGroups, true
	case !l.hasPeople():
		return say.FileNoPhones, true
	}
	return "", false
}

func (l layout) hasPeople() bool { return slices.ContainsFunc(l.columns, column.givesPeople) }

// titlesAbove returns the numbers of the lines above a header. It returns an error if one of them looks like a row of
// the table, whose people would be left out.
func titlesAbove(header record, above []record) ([]int, error) {
	var titles []int
	for _, rec := range above {
		if allBlank(rec.cells) {
			continue
		}
		if filled(rec.cells) > 1 && filled(rec.cells) >= filled(header.cells) && slices.ContainsFunc(rec.cells, isPhoneLike) {
			return nil, unusable(say.Phrase{Code: say.FileAbove, N: rec.line, M: header.line})
		}
		titles = append(titles, rec.line)
	}
	return titles, nil
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if cleanText(c) != "" {
			n++
		}
	}
	return n
}

// isPhoneLike reports whether a cell holds a number that could be a phone, and no words.
func isPhoneLike(cell string) bool {
	return digitsIn(cell) >= minDigits && !strings.ContainsFunc(cell, unicode.IsLetter)
}

// shown returns the first cells of a line that is not a header, quoted, for a message. It masks numbers, which may be a
// person's.
func shown(cells []string) string {
	var some []string
	for _, cell := range cells {
		if cell = strings.TrimSpace(cell); cell != "" && len(some) < 3 {
			some = append(some, strconv.Quote(phone.Show(cell)))
		}
	}
	return strings.Join(some, ", ")
}

// ofPeople reports whether a header with one column per phone also has a column that only a person has. Then a line may
// be one person with two phones, and each person would become a group.
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
	return numbered > 1 && namesPeople(header)
}

// namesPeople reports whether a header has a column that only a person has.
func namesPeople(header []string) bool {
	return slices.ContainsFunc(header, func(h string) bool { return slices.Contains(personal, foldHeader(h)) })
}

// isGoogle reports whether a header is that of an export of Google Contacts, of 2015 or of today, to which no column of
// group names was added.
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
