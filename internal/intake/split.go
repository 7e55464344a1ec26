package intake

import (
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// Split divides a row of more than size usable people into rows of at most size, in the order of the people:
// "Name 1", "Name 2", … with the keys "key/1", "key/2", …. Everything else is copied to each part, except that an
// admin is named only in the part with that person. If Check refuses any part, Split returns the undivided row with
// that error. It returns a smaller or unreadable row unchanged.
func Split(row Row, size int, rules Rules) []Row {
	r := row.Request
	if row.Err != nil || checkName(cleanText(r.GroupName)) != nil || checkEntries(r) != nil {
		return []Row{row}
	}
	local := rules
	local.Region = regionOf(rules.Region, rules.Regions, strings.TrimSpace(r.Pool), strings.TrimSpace(r.Instance))
	r.Names = plainNames(r.Names)
	people, _ := peopleOf(r, local)
	groups := portions(people, size)
	if len(groups) < 2 {
		return []Row{row}
	}
	var admins []int // the place of each admin in people
	if r.Admins != nil {
		places := placesOf(people)
		for _, typed := range r.Admins.People {
			_, who, _ := phone.ParsePerson(strings.TrimSpace(string(typed)), local.Region) // an unusable admin has no place
			admins = append(admins, places.of(who))
		}
	}
	parts, from := make([]Row, len(groups)), 0
	for i, some := range groups {
		parts[i] = row
		parts[i].Request = portion(r, i+1, some, admins, from)
		from += len(some)
		if _, err := Check(parts[i].Request, rules); err != nil {
			row.Err = err
			return []Row{row}
		}
	}
	return parts
}

// portions divides people into runs of at most size usable ones. An unusable entry stays with the person before it.
func portions(people []Person, size int) [][]Person {
	var all [][]Person
	from, usable := 0, 0
	for i, p := range people {
		if p.Err != nil {
			continue
		}
		if usable++; usable > size {
			all = append(all, people[from:i])
			from, usable = i, 1
		}
	}
	return append(all, people[from:])
}

// portion returns the n-th part of a request, with some of its people. from is the place of the first of them in the
// request. admins are the places of the request's admins, -1 for an admin who is not among its people.
func portion(r tasks.GroupRequest, n int, some []Person, admins []int, from int) tasks.GroupRequest {
	number := strconv.Itoa(n)
	r.GroupName = cleanText(r.GroupName) + " " + number
	if key := strings.TrimSpace(r.IdempotencyKey); key != "" {
		r.IdempotencyKey = key + "/" + number
	}
	r.Phones, r.ChatIDs, r.Names = nil, nil, nil
	for _, p := range some {
		if p.Chat {
			r.ChatIDs = append(r.ChatIDs, p.Input)
		} else {
			r.Phones = append(r.Phones, tasks.Phone(p.Input))
		}
		addName(&r, p.Input, p.Name)
	}
	if r.Admins != nil && !r.Admins.All {
		part := &tasks.Admins{People: make([]tasks.Phone, 0, len(admins))}
		for i, at := range admins {
			if at < 0 || at >= from && at < from+len(some) {
				part.People = append(part.People, r.Admins.People[i])
			}
		}
		r.Admins = part
	}
	return r
}
