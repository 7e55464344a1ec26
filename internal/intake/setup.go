package intake

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// settingFields returns the settings of a group. In JSON they are keys of settings, or top-level keys by a provider's
// own names.
func settingFields() []field {
	return []field{onlyAdminsSend, onlyAdminsEdit, onlyAdminsAdd, approveJoins}
}

// setupFields returns the columns of a set-up.
func setupFields() []field {
	return append([]field{description, photo, admins, welcomeMessage}, settingFields()...)
}

// setupAliases returns the fields of a set-up by a provider's own names for them, in lower case.
func setupAliases() map[string]field {
	return map[string]field{
		"groupdescription": description, "groupphoto": photo, "profileimage": photo,
		"adminonlymessage": onlyAdminsSend, "adminonlysettings": onlyAdminsEdit, "adminonlyaddmember": onlyAdminsAdd,
		"requireadminapproval": approveJoins,
	}
}

// setupKey returns the field of a set-up that a key of JSON names, or "".
func setupKey(name string) field {
	for _, f := range []field{description, photo, admins, welcomeMessage, settings} {
		if is(name, f) {
			return f
		}
	}
	return setupAliases()[strings.ToLower(name)]
}

// setup reads one key of a set-up.
func (d *decoding) setup(f field, value json.RawMessage) {
	r := &d.request
	switch f {
	case description:
		d.once(f, value, &r.Description)
	case photo:
		d.once(f, value, &r.Photo)
	case welcomeMessage:
		d.text(f, value, &r.WelcomeMessage)
	case admins:
		d.admins(value)
	case settings:
		d.settings(value)
	default:
		d.setting(f, value)
	}
}

// once reads a text that two keys can hold. Both may be present if they are equal.
func (d *decoding) once(f field, value json.RawMessage, to *string) {
	was := *to
	if d.text(f, value, to); was != "" && *to != was {
		d.fail(f, about(say.RowTwice, f))
	}
}

func (d *decoding) admins(value json.RawMessage) {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		var word string
		switch err := json.Unmarshal(value, &word); {
		case err == nil && isAll(word):
			d.request.Admins = &tasks.Admins{All: true}
		case err != nil || word != "":
			d.fail(admins, only(say.RowAdminsForm))
		}
		return
	}
	a := &tasks.Admins{}
	for i, v := range list {
		var p tasks.Phone
		if json.Unmarshal(v, &p) != nil || isNull(v) {
			d.fail(admins, say.Phrase{Code: say.RowEntryForm, Name: string(admins), N: i + 1})
			return
		}
		a.People = append(a.People, p)
	}
	if len(list) == 1 && isAll(string(a.People[0])) { // generated clients can only send a list
		a = &tasks.Admins{All: true}
	}
	d.request.Admins = a
}

func (d *decoding) settings(value json.RawMessage) {
	var keys map[string]json.RawMessage
	if json.Unmarshal(value, &keys) != nil || keys == nil {
		d.fail(settings, only(say.RowSettingsForm))
		return
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(settingFields(), func(f field) bool { return is(name, f) || setupAliases()[strings.ToLower(name)] == f })
		if i < 0 {
			d.fail(settings, say.Phrase{Code: say.RowSettingsKey, Place: strings.Join(tasks.SettingNames[:], ", "), Text: quoted(name)})
			continue
		}
		if !isNull(keys[name]) {
			d.setting(settingFields()[i], keys[name])
		}
	}
}

func (d *decoding) setting(f field, value json.RawMessage) {
	yes, ok := d.yesNo(f, value)
	if !ok {
		return
	}
	if set(&d.request, f, yes) {
		d.fail(f, about(say.RowTwice, f))
	}
}

// setup puts the columns of a set-up into r.
func (v values) setup(r *tasks.GroupRequest, region string) *tasks.RowError {
	r.Description, r.Photo, r.WelcomeMessage = v.one[description], v.one[photo], v.one[welcomeMessage]
	r.Admins = AdminsOf(v.one[admins], region)
	for _, f := range settingFields() {
		yes, err := yesNo(f, v.one[f])
		if err != nil {
			return err
		}
		set(r, f, yes)
	}
	return nil
}

// AdminsOf reads a cell of admins: phones, separated as in a cell of phones, or a word for all people of the group.
// It returns nil for an empty cell.
func AdminsOf(cell, region string) *tasks.Admins {
	switch {
	case isAll(cell):
		return &tasks.Admins{All: true}
	case cell == "":
		return nil
	}
	return &tasks.Admins{People: splitPhones(cell, region)}
}

// withAdmins adds the phones of people whose own line makes them admins to those of the group's column.
func withAdmins(a *tasks.Admins, cells []string, region string) *tasks.Admins {
	if a == nil {
		a = &tasks.Admins{}
	}
	for _, cell := range cells {
		if !a.All {
			a.People = append(a.People, splitPhones(cell, region)...)
		}
	}
	return a
}

// set sets one setting, unless yes is nil. It reports whether the setting had another value.
func set(r *tasks.GroupRequest, f field, yes *bool) (differed bool) {
	if yes == nil {
		return false
	}
	if r.Settings == nil {
		r.Settings = &tasks.Settings{}
	}
	var to **bool
	switch f {
	case onlyAdminsSend:
		to = &r.Settings.OnlyAdminsSend
	case onlyAdminsEdit:
		to = &r.Settings.OnlyAdminsEdit
	case onlyAdminsAdd:
		to = &r.Settings.OnlyAdminsAdd
	default:
		to = &r.Settings.ApproveJoins
	}
	differed = *to != nil && **to != *yes
	*to = yes
	return differed
}

// isAll reports whether a cell is a word for all people in one of the four languages.
func isAll(cell string) bool {
	return slices.Contains([]string{"all", "everyone", "everybody", "todos", "todas", "все"}, foldHeader(cell))
}

// plainSetup returns a set-up without stray space and without empty parts.
func plainSetup(s tasks.Setup) tasks.Setup {
	s.Description, s.Photo, s.WelcomeMessage = cleanText(s.Description), cleanText(s.Photo), cleanText(s.WelcomeMessage)
	if s.Admins != nil && !s.Admins.All && len(s.Admins.People) == 0 {
		s.Admins = nil
	}
	if s.Settings != nil && *s.Settings == (tasks.Settings{}) {
		s.Settings = nil
	}
	return s
}

// maxPhotoAddress is the maximum length of a photo's address in bytes.
const maxPhotoAddress = 2048

// checkSetup checks everything but the admins, whom plainAdmins checks.
func checkSetup(s tasks.Setup, rules Rules, bad *faults) {
	for _, t := range []struct {
		field     field
		text      string
		maxLength int
	}{{description, s.Description, tasks.MaxDescription}, {welcomeMessage, s.WelcomeMessage, tasks.MaxMessage}} {
		if hasControl(t.text, true) || !utf8.ValidString(t.text) {
			bad.add(rowError(tasks.BadField, t.field, about(say.RowControl, t.field)))
			continue
		}
		if n := utf8.RuneCountInString(t.text); n > t.maxLength {
			bad.add(rowError(tasks.BadField, t.field, say.Phrase{Code: say.RowTooLong, Name: string(t.field), N: n, M: t.maxLength}))
		}
	}
	bad.add(checkMessage(welcomeMessage, s.WelcomeMessage))
	bad.add(checkPhoto(s.Photo, rules))
}

// checkPhoto checks the address only. Fetching the photo checks the picture.
func checkPhoto(address string, rules Rules) *tasks.RowError {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	switch {
	case len(address) > maxPhotoAddress:
		return rowError(tasks.BadField, photo, say.Phrase{Code: say.RowPhotoLong, N: maxPhotoAddress})
	case err != nil || hasControl(address, false) || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return rowError(tasks.BadField, photo, only(say.RowPhotoAddress))
	case u.Scheme == "http" && !rules.PrivatePhotos:
		return rowError(tasks.BadField, photo, only(say.RowPhotoPlain))
	}
	return nil
}

// plainAdmins returns the admins, each as the number or the LID of one of the people. It returns an error for an admin
// who is not among them.
func plainAdmins(a *tasks.Admins, people []Person, rules Rules) (*tasks.Admins, *tasks.RowError) {
	if a == nil || a.All {
		return a, nil
	}
	plain, places := &tasks.Admins{}, placesOf(people)
	for i, typed := range a.People {
		_, who, err := phone.ParsePerson(strings.TrimSpace(string(typed)), rules.Region)
		if err != nil {
			return nil, rowError(tasks.BadField, admins, say.Phrase{Code: say.RowAdminUnusable, N: i + 1, Why: []say.Phrase{say.OfError(err)}})
		}
		at := places.of(who)
		if at < 0 {
			return nil, rowError(tasks.BadField, admins, say.Phrase{Code: say.RowAdminStranger, N: i + 1, Text: phone.Show(string(typed))})
		}
		address := tasks.Phone(people[at].Identity.LID)
		if n := people[at].Number; n != "" {
			address = tasks.Phone(n.E164())
		}
		if !slices.Contains(plain.People, address) {
			plain.People = append(plain.People, address)
		}
	}
	slices.Sort(plain.People)
	return plain, nil
}

// places has the places of people in a list, by their phone.Identity.Keys.
type places map[string]int

// placesOf returns the places of the usable people.
func placesOf(people []Person) places {
	all := make(places, len(people))
	for i := range people {
		if people[i].Err != nil {
			continue
		}
		for _, key := range people[i].Identity.Keys() {
			all[key] = i
		}
	}
	return all
}

// of returns the place of a person, or -1 for a stranger.
func (p places) of(who phone.Identity) int {
	for _, key := range who.Keys() {
		if at, known := p[key]; known {
			return at
		}
	}
	return -1
}
