package intake

import (
	"maps"
	"strings"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// values are the cells of one group, sorted by field but not yet parsed.
type values struct {
	one     map[field]string
	phones  []string
	chats   []string
	names   map[string]string // by the text of a cell of phones or chat ids
	person  personName        // of the line, where one line is one person
	admin   bool              // the line's person becomes an admin of the group
	country string            // the cell that names the home country of the phones
	meta    map[string]string
}

// valuesOf sorts the cells of a record by what their columns mean, and completes phones with the codes and the country
// in the same record. There must be no more cells than columns.
func (l layout) valuesOf(cells []string, o Options) values {
	v := values{one: make(map[field]string), meta: make(map[string]string)}
	for i, cell := range cells {
		c := l.columns[i]
		cell = cleanText(unguardCell(cleanText(cell)))
		switch {
		case cell == "" || (c.field == "" && c.key == ""):
		case c.field == countryName:
			v.country, v.meta[c.key] = cell, cell
		case c.field != "" && c.key != "" && !isPhoneLike(cell):
			v.meta[c.key] = cell
		case c.field == phones || c.field == onePhone:
			v.phones = append(v.phones, cell)
		case c.field == chatIDs:
			v.chats = append(v.chats, cell)
		case c.field != "":
			v.one[c.field] = cell
		case l.perPerson && c.part == isAdmin:
			if yes, err := yesNo(admins, cell); err == nil {
				v.admin = *yes
			} else {
				v.meta[c.key] = cell // neither yes nor no, for example the name of the group's admin
			}
		case l.perPerson && c.part != "":
			v.person.take(c.part, cell)
		default:
			v.meta[c.key] = cell
		}
	}
	v.completePhones(o.regionOf(v.one[pool], v.one[instance]))
	return v
}

// request parses the cells. On an error it also returns a request with what could be read, so that the row can be
// shown.
func (v values) request(o Options) (tasks.GroupRequest, *tasks.RowError) {
	r := tasks.GroupRequest{
		GroupName:      v.one[groupName],
		Instance:       v.one[instance],
		Pool:           v.one[pool],
		IdempotencyKey: v.one[idempotencyKey],
		ExternalRef:    v.one[externalRef],
		InviteMessage:  v.one[inviteMessage],
		Priority:       priorityWord(v.one[priority]),
	}
	for _, cell := range v.phones {
		list := splitPhones(cell, o.regionOf(r.Pool, r.Instance))
		for _, p := range list {
			addName(&r, string(p), v.names[cell])
		}
		if r.Phones == nil {
			r.Phones = list
		} else {
			r.Phones = append(r.Phones, list...)
		}
	}
	for _, cell := range v.chats {
		list := strings.FieldsFunc(cell, func(c rune) bool { return strings.ContainsRune(",;| \t\r\n", c) })
		for _, id := range list {
			addName(&r, id, v.names[cell])
		}
		r.ChatIDs = append(r.ChatIDs, list...)
	}
	var err *tasks.RowError
	keep := func(e *tasks.RowError) {
		if err == nil {
			err = e
		}
	}
	var e *tasks.RowError
	r.AutoInvite, e = yesNo(autoInvite, v.one[autoInvite])
	keep(e)
	r.NotBefore, e = o.timeCell(notBefore, v.one[notBefore])
	keep(e)
	r.ExpiresAt, e = o.timeCell(expiresAt, v.one[expiresAt])
	keep(e)
	v.namesCell(&r)
	r.Metadata, e = v.metadata()
	keep(e)
	r.Consent, e = v.consent(o)
	keep(e)
	keep(v.setup(&r, o.regionOf(r.Pool, r.Instance)))
	return r, err
}

func (v values) metadata() (map[string]any, *tasks.RowError) {
	all := make(map[string]any, len(v.meta))
	if cell := v.one[metadata]; cell != "" {
		object, ok := objectOf([]byte(cell))
		if !ok {
			return nil, rowError(tasks.BadField, metadata, only(say.RowMetadataColumn))
		}
		maps.Copy(all, object)
	}
	for key, cell := range v.meta {
		all[key] = cell
	}
	if len(all) == 0 {
		return nil, nil
	}
	return all, nil
}

// yesNo returns the value of a word for true or false, or nil for an empty cell.
func yesNo(f field, cell string) (*bool, *tasks.RowError) {
	var yes bool
	switch foldHeader(cell) {
	case "":
		return nil, nil
	case "yes", "y", "true", "1", "on", "sim", "s", "si", "verdadeiro", "verdadero", "да", "д", "истина":
		yes = true
	case "no", "n", "false", "0", "off", "nao", "falso", "нет", "н", "ложь":
	default:
		return nil, rowError(tasks.BadField, f, about(say.RowYesNo, f))
	}
	return &yes, nil
}

// priorityWord returns the priority that a word means. It returns any other word as it is, for Check to report.
func priorityWord(cell string) tasks.Priority {
	switch foldHeader(cell) {
	case "alta", "alto", "высокии":
		return tasks.High
	case "media", "medio", "обычныи", "среднии":
		return tasks.Normal
	case "baixa", "baixo", "baja", "bajo", "низкии":
		return tasks.Low
	}
	return tasks.Priority(cell)
}

// rowError returns the error of a row in one field.
func rowError(code tasks.Code, f field, why say.Phrase) *tasks.RowError {
	return tasks.NewRowError(code, string(f), why)
}

// Why returns the phrase of a row's error: its code with parameters, or else its message as text.
func Why(e *tasks.RowError) say.Phrase {
	if why, ok := e.Why.(say.Phrase); ok {
		return why
	}
	return say.Words(e.Message)
}

// only returns a phrase without parameters, and about a phrase that names a field.
func only(code say.Code) say.Phrase           { return say.Phrase{Code: code} }
func about(code say.Code, f field) say.Phrase { return say.Phrase{Code: code, Name: string(f)} }
