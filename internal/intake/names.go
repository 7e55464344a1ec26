package intake

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// part is what a column of a list of people says about the person.
type part string

// The parts of a name, and the mark of an admin of the group.
const (
	wholeName part = "name"
	firstName part = "firstName"
	lastName  part = "lastName"
	isAdmin   part = "admin"
)

// parts are the headers about a person. docs/spreadsheets.md lists them. They count only where a line is
// one person, beside a column with the group's name.
var parts = partsOfNames()

func partsOfNames() map[string]part {
	all := map[string]part{}
	for p, headers := range map[part]string{
		wholeName: "name, full name, person, student, participant name, contact name, person name, nome, nome completo, aluno, aluna, estudante, nome do aluno, nome do contato, pessoa nome, nombre, nombre completo, alumno, alumna, nombre del contacto, persona nombre, имя, полное имя, ФИО, ученик",
		firstName: "first name, given name, primeiro nome, prenome, primer nombre, nombres, имя ученика",
		isAdmin:   "admin, is admin, group admin, administrator, admin do grupo, administrador, administradora, admin del grupo, админ, администратор",
		lastName:  "last name, surname, family name, sobrenome, apellido, apellidos, фамилия",
	} {
		for h := range strings.SplitSeq(headers, ",") {
			all[foldHeader(h)] = p
		}
	}
	return all
}

func partOf(header string) part { return parts[foldHeader(header)] }

// personName is a person's name from the columns of a line.
type personName struct{ name, first, last string }

func (n *personName) take(p part, cell string) {
	switch p {
	case wholeName:
		n.name = cell
	case firstName:
		n.first = cell
	case lastName:
		n.last = cell
	}
}

// whole returns the full name. A column Nome beside a column Sobrenome holds the first name.
func (n *personName) whole() string {
	first := n.name
	if first == "" {
		first = n.first
	}
	if n.last == "" || strings.HasSuffix(strings.ToLower(first), strings.ToLower(n.last)) {
		return first
	}
	return strings.TrimSpace(first + " " + n.last)
}

// name records the name for a cell of phones or chat ids. People who share one, such as a mother's phone, are listed
// together.
func (v *values) name(cell, name string) {
	switch was := v.names[cell]; {
	case name == "", was == name:
	case was == "":
		if v.names == nil {
			v.names = map[string]string{}
		}
		v.names[cell] = name
	default:
		v.names[cell] = joinNames(was, name)
	}
}

// joinNames returns the names of two people as a list. It adds nothing to a list that is longer than Check accepts,
// because thousands of people may share one phone.
func joinNames(a, b string) string {
	if len(a) > utf8.UTFMax*tasks.MaxReference || strings.Contains(", "+a+", ", ", "+b+", ") {
		return a
	}
	return a + ", " + b
}

// addName adds the name of one person to a request.
func addName(r *tasks.GroupRequest, who, name string) {
	if name == "" {
		return
	}
	if r.Names == nil {
		r.Names = map[string]string{}
	}
	if was := r.Names[who]; was != "" {
		name = joinNames(was, name)
	}
	r.Names[who] = name
}

// namesCell reads the column "names" of an export: a JSON object of names by phone. Any other text in such a column is
// metadata.
func (v values) namesCell(r *tasks.GroupRequest) {
	for key, cell := range v.meta {
		if foldHeader(key) != string(personNames) || !strings.HasPrefix(cell, "{") {
			continue
		}
		var names map[string]string
		if json.Unmarshal([]byte(cell), &names) != nil {
			continue
		}
		delete(v.meta, key)
		for who, name := range names {
			addName(r, who, name)
		}
	}
}

func (d *decoding) names(value json.RawMessage) {
	if json.Unmarshal(value, &d.request.Names) != nil {
		d.fail(personNames, only(say.RowNamesForm))
	}
}

// plainNames returns the names without stray space, by phones or chat ids without stray space, or nil if there are
// none.
func plainNames(names map[string]string) map[string]string {
	if len(names) == 0 {
		return nil
	}
	plain := make(map[string]string, len(names))
	for _, who := range slices.Sorted(maps.Keys(names)) { // the same name every time: it is a part of the content
		if name := strings.Join(strings.Fields(cleanText(names[who])), " "); name != "" {
			plain[strings.TrimSpace(who)] = name
		}
	}
	return plain
}

func checkNames(names map[string]string) *tasks.RowError {
	if len(names) > tasks.MaxEntries {
		return rowError(tasks.BadField, personNames, say.Phrase{Code: say.RowNamesLong, N: len(names), M: tasks.MaxEntries})
	}
	for _, name := range names {
		switch n := utf8.RuneCountInString(name); {
		case hasControl(name, false) || !utf8.ValidString(name):
			return rowError(tasks.BadField, personNames, only(say.RowPersonControl))
		case n > tasks.MaxReference:
			return rowError(tasks.BadField, personNames, say.Phrase{Code: say.RowPersonLong, N: n, M: tasks.MaxReference})
		}
	}
	return nil
}
