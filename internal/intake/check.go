package intake

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Rules are the settings that a request is checked with.
type Rules struct {
	// Region is the country of numbers without a country code, "BR". Defaults to none.
	Region string
	// Regions are the regions of pools, used when Region is empty. Defaults to none.
	Regions map[string]string
	// PrivatePhotos accepts http:// photo addresses too. Defaults to refusing them.
	PrivatePhotos bool
	// Strict refuses a request with any bad phone, and, with a Region, a number without + that would be another
	// country's. Defaults to accepting the usable ones.
	Strict bool
	// RequireConsent refuses a request that does not say whose permission it has. Defaults to
	// accepting it.
	RequireConsent bool
	// Now is when the request came. Required.
	Now time.Time
}

// Person is one requested person, or an entry that could not be read as one.
type Person struct {
	Number   phone.Number   // empty for a LID and for an unusable entry
	Identity phone.Identity // as the source wrote them
	Input    string         // what was given, in clear
	Name     string         // "" where none was given
	Err      *phone.Error   // nil for a usable one
	// Other is the second valid number that the input could mean. The home country decided for Number. Usually empty.
	Other phone.Number
	// Extension says that an extension was cut off.
	Extension bool
	// Written is how the number was written, "" for a chat id.
	Written phone.Written
	// Chat says that Input was given as a chat id.
	Chat bool
}

// Checked is a request that may be accepted.
type Checked struct {
	// Request is the given one in its plain form: texts without stray space, priority filled in.
	Request tasks.GroupRequest
	// People are its phones and chat ids in order, each person once, the bad ones among them.
	People []Person
	// Duplicates is how many more times one of them was given.
	Duplicates int
}

// Check checks a request, whichever way it comes in. The error is the request's first fault and holds the others. If
// all faults are about the people, Checked holds only the people, as many as a row may have. With any other fault it is
// empty. Check is pure: it does not know which instances and pools exist.
func Check(r tasks.GroupRequest, rules Rules) (Checked, *tasks.RowError) {
	if !utf8.ValidString(r.GroupName) {
		return Checked{}, rowError(tasks.Unreadable, groupName, only(say.RowNameBytes))
	}
	var bad faults
	r.GroupName = cleanText(r.GroupName)
	r.Instance = strings.TrimSpace(r.Instance)
	r.Pool = strings.TrimSpace(r.Pool)
	r.IdempotencyKey = strings.TrimSpace(r.IdempotencyKey)
	r.ExternalRef = strings.TrimSpace(r.ExternalRef)
	if strings.TrimSpace(r.InviteMessage) == "" {
		r.InviteMessage = ""
	}
	r.Consent = plainConsent(r.Consent)
	r.Names = plainNames(r.Names)
	r.Setup = plainSetup(r.Setup)
	rules.Region = regionOf(rules.Region, rules.Regions, r.Pool, r.Instance)
	plain, err := plainMetadata(r.Metadata)
	bad.add(err)
	r.Metadata = plain
	r.Priority = tasks.Priority(strings.ToLower(strings.TrimSpace(string(r.Priority))))
	if r.Priority == "" {
		r.Priority = tasks.Normal
	}
	bad.add(checkName(r.GroupName))
	checkTexts(r, &bad)
	bad.add(checkNames(r.Names))
	bad.add(checkTarget(r))
	bad.add(checkPriority(r.Priority))
	checkTimes(r, rules.Now, &bad)
	bad.add(checkInvitation(r.InviteMessage))
	checkSetup(r.Setup, rules, &bad)
	bad.add(checkConsent(r.Consent, rules))
	if err := checkEntries(r); err != nil {
		bad.add(err)
		return Checked{}, bad.first()
	}
	onlyPeople := len(bad) == 0
	people, duplicates := peopleOf(r, rules)
	if err := checkPeople(people, rules.Strict); err != nil {
		bad.add(err)
	} else {
		r.Admins, err = plainAdmins(r.Admins, people, rules)
		bad.add(err)
	}
	switch {
	case len(bad) == 0:
		return Checked{Request: r, People: people, Duplicates: duplicates}, nil
	case onlyPeople:
		return Checked{People: people[:min(len(people), tasks.MaxEntries)]}, bad.first()
	}
	return Checked{}, bad.first()
}

// faults are what is wrong with one request, in the order of the checks.
type faults []*tasks.RowError

// add adds a fault, unless it is nil.
func (f *faults) add(e *tasks.RowError) {
	if e != nil {
		*f = append(*f, e)
	}
}

// first returns the first fault, which holds the others, or nil if there is none.
func (f faults) first() *tasks.RowError {
	if len(f) == 0 {
		return nil
	}
	f[0].Others = f[1:]
	return f[0]
}

// RegionOf returns the region for reading the numbers of a group with this target.
func RegionOf(rules Rules, to tasks.Target) string {
	return regionOf(rules.Region, rules.Regions, to.Pool, to.Instance)
}

// regionOf returns the region of a request's numbers: region if it is set, otherwise that of the request's pool. A
// request for an instance has no pool.
func regionOf(region string, pools map[string]string, pool, instance string) string {
	switch {
	case region != "" || instance != "":
		return region
	case pool == "":
		return pools[tasks.DefaultPool]
	}
	return pools[pool]
}

func checkName(name string) *tasks.RowError {
	n := utf8.RuneCountInString(name)
	switch {
	case n == 0:
		return rowError(tasks.NoName, groupName, only(say.RowNoName))
	case lostLetters(name):
		return rowError(tasks.Unreadable, groupName, say.Phrase{Code: say.RowLostLetters, Text: quoted(name)})
	case n > tasks.MaxName:
		return rowError(tasks.NameTooLong, groupName, say.Phrase{Code: say.RowNameTooLong, N: n, M: tasks.MaxName})
	case hasControl(name, false):
		return rowError(tasks.BadField, groupName, only(say.RowNameControl))
	}
	return nil
}

func checkTexts(r tasks.GroupRequest, bad *faults) {
	for _, t := range []struct {
		field field
		text  string
	}{
		{instance, r.Instance},
		{pool, r.Pool},
		{idempotencyKey, r.IdempotencyKey},
		{externalRef, r.ExternalRef},
		{inviteMessage, r.InviteMessage},
	} {
		if hasControl(t.text, t.field == inviteMessage) || !utf8.ValidString(t.text) {
			bad.add(rowError(tasks.BadField, t.field, about(say.RowControl, t.field)))
			continue
		}
		maxLength := tasks.MaxReference
		if t.field == inviteMessage {
			maxLength = tasks.MaxMessage
		}
		if n := utf8.RuneCountInString(t.text); n > maxLength {
			bad.add(rowError(tasks.BadField, t.field, say.Phrase{Code: say.RowTooLong, Name: string(t.field), N: n, M: maxLength}))
		}
	}
}

// checkEntries checks the length of each person's entry as typed, before any entry is read.
func checkEntries(r tasks.GroupRequest) *tasks.RowError {
	long := func(f field, i, n int) *tasks.RowError {
		return rowError(tasks.BadField, f, say.Phrase{Code: say.RowEntryLong, Name: string(f), N: i + 1, M: n, Of: tasks.MaxReference})
	}
	for i, p := range r.Phones {
		if n := utf8.RuneCountInString(string(p)); n > tasks.MaxReference {
			return long(phones, i, n)
		}
	}
	for i, id := range r.ChatIDs {
		if n := utf8.RuneCountInString(id); n > tasks.MaxReference {
			return long(chatIDs, i, n)
		}
	}
	if r.Admins == nil {
		return nil
	}
	if n := len(r.Admins.People); n > tasks.MaxEntries {
		return rowError(tasks.TooManyPhones, admins, say.Phrase{Code: say.RowNamesTooMany, N: n, M: tasks.MaxPeople})
	}
	for i, p := range r.Admins.People {
		if n := utf8.RuneCountInString(string(p)); n > tasks.MaxReference {
			return long(admins, i, n)
		}
	}
	return nil
}

func checkTarget(r tasks.GroupRequest) *tasks.RowError {
	if r.Instance != "" && r.Pool != "" {
		return rowError(tasks.BadField, instance, only(say.RowTwoTargets))
	}
	return nil
}

func checkPriority(p tasks.Priority) *tasks.RowError {
	switch p {
	case tasks.High, tasks.Normal, tasks.Low:
		return nil
	}
	return rowError(tasks.BadField, priority, say.Phrase{Code: say.RowPriority, Text: quoted(string(p))})
}

func checkTimes(r tasks.GroupRequest, now time.Time, bad *faults) {
	if r.NotBefore != nil && !Writable(*r.NotBefore) {
		bad.add(rowError(tasks.BadTime, notBefore, about(say.RowTimeYear, notBefore)))
	}
	switch {
	case r.ExpiresAt == nil:
	case !Writable(*r.ExpiresAt):
		bad.add(rowError(tasks.BadTime, expiresAt, about(say.RowTimeYear, expiresAt)))
	case !r.ExpiresAt.After(now):
		bad.add(rowError(tasks.BadTime, expiresAt, only(say.RowExpired)))
	case r.NotBefore != nil && !r.ExpiresAt.After(*r.NotBefore):
		bad.add(rowError(tasks.BadTime, expiresAt, only(say.RowExpiresFirst)))
	}
}

// Writable reports whether a document can hold t. Documents are in UTC, and RFC 3339 ends at the years 0 and 9999: near
// either end an offset can move t out of that range.
func Writable(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 0 && year <= 9999
}

// peopleOf reads phones and chat ids. It keeps the first spelling of each person and counts the others as duplicates.
// If rules are Strict and have a Region, it refuses a number without + that is valid only in another country.
func peopleOf(r tasks.GroupRequest, rules Rules) (people []Person, duplicates int) {
	entries := len(r.Phones) + len(r.ChatIDs)
	people = make([]Person, 0, entries)
	good, bad := make(phone.Set, entries), make(map[string]bool)
	add := func(p Person, err error) {
		var known bool
		var fault *phone.Error // a separate variable keeps p off the heap
		if err != nil && errors.As(err, &fault) {
			p.Err = fault
			known, bad[p.Input] = bad[p.Input], true
		} else {
			known = !good.Add(p.Identity)
		}
		if known {
			duplicates++
			return
		}
		people = append(people, p)
	}
	for _, typed := range r.Phones {
		p := Person{Input: strings.TrimSpace(string(typed)), Name: r.Names[strings.TrimSpace(string(typed))]}
		if cleanText(p.Input) == "" {
			continue
		}
		read, err := phone.Read(p.Input, rules.Region)
		if err == nil && rules.Strict && rules.Region != "" && read.Written == phone.Bare {
			read, err = phone.Reading{}, phone.NewForeign(p.Input, rules.Region, phone.CountryOf(read.Number))
		}
		p.Number, p.Identity, p.Other, p.Extension, p.Written = read.Number, read.Identity, read.Other, read.Extension, read.Written
		add(p, err)
	}
	for _, id := range r.ChatIDs {
		p := Person{Input: cleanText(id), Name: r.Names[cleanText(id)], Chat: true}
		if p.Input == "" {
			continue
		}
		var err error
		p.Number, p.Identity, err = phone.ParseChatID(p.Input)
		add(p, err)
	}
	return people, duplicates
}

func checkPeople(people []Person, strict bool) *tasks.RowError {
	usable := 0
	var bad *phone.Error
	for _, p := range people {
		if p.Err == nil {
			usable++
		} else if bad == nil {
			bad = p.Err
		}
	}
	switch {
	case len(people) > tasks.MaxEntries:
		return rowError(tasks.TooManyPhones, phones, say.Phrase{Code: say.RowNamesTooMany, N: len(people), M: tasks.MaxPeople})
	case len(people) == 0:
		return rowError(tasks.NoPhones, phones, only(say.RowNoPeople))
	case usable == 0 && len(people) == 1:
		return rowError(tasks.BadPhone, phones, say.Phrase{Code: say.RowOnlyPhone, Why: []say.Phrase{bad.Said()}})
	case usable == 0:
		return rowError(tasks.BadPhone, phones, say.Phrase{Code: say.RowNoPhone, N: len(people), Why: []say.Phrase{bad.Said()}})
	case strict && bad != nil:
		return rowError(tasks.BadPhone, phones, say.Phrase{Code: say.RowStrictPhones, N: len(people) - usable, M: len(people), Why: []say.Phrase{bad.Said()}})
	case usable > tasks.MaxPeople:
		return rowError(tasks.TooManyPhones, phones, say.Phrase{Code: say.RowTooMany, N: usable, M: tasks.MaxPeople})
	}
	return nil
}
