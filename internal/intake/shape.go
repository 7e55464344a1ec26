package intake

import (
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
)

// decideShape decides from the first rows of a table whether its lines are groups or people. If both are possible it
// returns an *Unusable that asks the user, because each person read as a group would get a group alone.
func (l *layout) decideShape(header []string, records []record, oneRowIs string) error {
	rows := l.rowsOf(records)
	if !l.perPerson && mergedNames(rows) {
		return unusable(say.Phrase{Code: say.FileMerged, N: rows[slices.IndexFunc(rows, func(r shapeRow) bool { return r.name == "" })].line})
	}
	switch {
	case oneRowIs == aGroup:
		l.nameByRow(header, rows)
		return nil
	case oneRowIs != "":
		return nil
	}
	if ofPeople(header, *l) {
		return unusable(only(say.FilePeople))
	}
	if l.perPerson {
		if other := l.repeated(header, rows, false); other >= 0 && !repeats(rows) && len(rows) > 2 {
			return unusable(say.Phrase{Code: say.FileGroupDiffers, Text: quoted(cleanText(header[other]))})
		}
		return nil
	}
	if a, b, ok := sameName(rows); ok {
		return unusable(say.Phrase{Code: say.FileSameName, Text: quoted(rows[a].name), N: rows[a].line, M: rows[b].line})
	}
	if other := l.repeated(header, rows, true); other >= 0 && onePhoneEach(rows) {
		return unusable(say.Phrase{Code: say.FileOtherRepeats, Text: quoted(cleanText(header[other]))})
	}
	return nil
}

// shapeRow holds the parts of a line that decide the shape of its table.
type shapeRow struct {
	line       int
	name       string // as people see it
	cells      []string
	phones     string // all phones as they are written
	phoneCells int
	own        string // the line's key and reference, which make it a request of its own
}

// trusted returns the records that are undamaged rows of the table.
func (l *layout) trusted(records []record, comma byte) []record {
	var rows []record
	for _, rec := range records {
		if rec.tooLarge || rec.openQuote || rec.fault != nil || allBlank(rec.cells) || l.isTotal(rec.cells) || comma != 0 && damaged(&rec, *l, comma) {
			continue
		}
		if cells, ok := l.fit(rec.cells); ok {
			rec.cells = cells
			rows = append(rows, rec)
		}
	}
	return rows
}

func (l *layout) rowsOf(records []record) []shapeRow {
	rows := make([]shapeRow, 0, len(records))
	for _, rec := range records {
		row := shapeRow{line: rec.line, cells: rec.cells}
		for i, cell := range rec.cells {
			cell = cleanText(cell)
			if i >= len(l.columns) || cell == "" {
				continue
			}
			switch c := l.columns[i]; c.field {
			case groupName:
				row.name = SeenName(unguardCell(cell))
			case phones, onePhone, chatIDs:
				if c.key == "" || isPhoneLike(cell) {
					row.phones += cell + ";"
					row.phoneCells++
				}
			case idempotencyKey, externalRef:
				row.own += cell + ";"
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// mergedNames reports whether the group names look like merged cells: the first line has a name, at least half
// of the lines have none, and no name appears twice.
func mergedNames(rows []shapeRow) bool {
	if len(rows) == 0 || rows[0].name == "" {
		return false
	}
	seen := make(map[string]bool)
	nameless := 0
	for _, row := range rows {
		switch {
		case row.name == "":
			nameless++
		case seen[row.name]:
			return false
		}
		seen[row.name] = true
	}
	return nameless > 0 && nameless >= len(rows)-nameless
}

// sameName returns two lines with the same group name and different people that no key or reference tells apart.
func sameName(rows []shapeRow) (a, b int, found bool) {
	first := make(map[string]int)
	for i, row := range rows {
		if row.name == "" {
			continue
		}
		a, known := first[row.name]
		if !known {
			first[row.name] = i
			continue
		}
		if rows[a].phones != row.phones && (rows[a].own == row.own || row.own == "") {
			return a, i, true
		}
	}
	return 0, 0, false
}

// repeats reports whether a group name appears in several lines.
func repeats(rows []shapeRow) bool {
	seen := make(map[string]bool)
	for _, row := range rows {
		if row.name != "" && seen[row.name] {
			return true
		}
		seen[row.name] = true
	}
	return false
}

// onePhoneEach reports whether each line has exactly one phone.
func onePhoneEach(rows []shapeRow) bool {
	return len(rows) > 1 && !slices.ContainsFunc(rows, func(r shapeRow) bool {
		return r.phoneCells != 1 || len(splitCell(r.phones)) != 1
	})
}

// repeated returns the first other column that could name the groups and has a value in several lines, or -1. With
// weak it also considers columns whose header only suggests a group.
func (l *layout) repeated(header []string, rows []shapeRow, weak bool) int {
	for i := range l.columns {
		if _, other := slices.BinarySearch(l.others, i); !other && !(weak && l.weakName && i < len(header) && l.columns[i].field == "" && isGroupish(header[i])) {
			continue
		}
		if hasDuplicate(rows, i) {
			return i
		}
	}
	return -1
}

// hasDuplicate reports whether two lines have the same text in a column.
func hasDuplicate(rows []shapeRow, column int) bool {
	seen := make(map[string]bool)
	for _, row := range rows {
		if column >= len(row.cells) {
			continue
		}
		value := SeenName(row.cells[column])
		if value != "" && seen[value] {
			return true
		}
		seen[value] = true
	}
	return false
}

// nameByRow is for tables in which each line is a group. If different groups share a name, it takes the group's name
// from another column in which no value repeats.
func (l *layout) nameByRow(header []string, rows []shapeRow) {
	if _, _, same := sameName(rows); !same {
		return
	}
	for _, other := range l.others {
		if !hasDuplicate(rows, other) {
			was := slices.IndexFunc(l.columns, func(c column) bool { return c.field == groupName })
			l.columns[was], l.columns[other] = column{key: metadataKey(header[was], was)}, column{field: groupName}
			return
		}
	}
}

// isGroupish reports whether a header names the group of a person, such as a course, in a table of people.
func isGroupish(header string) bool {
	folded := foldHeader(header)
	return slices.ContainsFunc(groupish, func(word string) bool { return foldHeader(word) == folded })
}

var groupish = strings.Fields("course curso cursos grade grado série serie ano año year cohort section sección seção turno " +
	"sala room team equipe equipo time squad classe level nível nivel курс отряд поток команда секция")
