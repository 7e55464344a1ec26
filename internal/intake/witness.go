package intake

import (
	"maps"
	"slices"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// People counts the people of an input's rows. A person in several rows counts once in each.
type People struct {
	Total     int            `json:"total"`
	Unusable  int            `json:"unusable"`
	ByCountry map[string]int `json:"byCountry" doc:"The usable ones by country, in two letters."`
	Written   map[string]int `json:"written" doc:"The usable ones by how they were written: plus, full (with the home country's code), national (as at home), bare (without +, read as international)."`
}

// Sights count the people of one row by country and spelling, for a Witness.
type Sights struct {
	total, unusable, refused int
	usable                   []sight
}

// sight counts the people with one country and one spelling.
type sight struct {
	country string
	written phone.Written
	n       int
}

// SightsOf returns the counts of the people of one row.
func SightsOf(people []Person) Sights {
	s := Sights{total: len(people)}
	for i := range people {
		p := &people[i]
		if p.Err != nil {
			s.unusable++
			switch p.Err.Reason {
			case phone.NoRegion, phone.Bracketed, phone.Ambiguous, phone.NotHome, phone.NoArea:
				s.refused++
			}
			continue
		}
		if p.Number == "" {
			continue // a LID has no country
		}
		country := phone.CountryOf(p.Number)
		at := slices.IndexFunc(s.usable, func(k sight) bool { return k.country == country && k.written == p.Written })
		if at < 0 {
			s.usable = append(s.usable, sight{country: country, written: p.Written})
			at = len(s.usable) - 1
		}
		s.usable[at].n++
	}
	return s
}

// Witness counts people over all rows. It finds those whose numbers were read as numbers of another country than most
// rows suggest.
type Witness struct {
	marked  map[string]int   // written with + or 00, by country
	foreign map[string]*seen // written without + and read as a foreign number, by country
	refused seen             // refused because no country is known
}

// seen counts phones and names the first rows.
type seen struct {
	n    int
	rows []int
}

func (s *seen) add(row, n int) {
	s.n += n
	if len(s.rows) < MaxWarned && (len(s.rows) == 0 || s.rows[len(s.rows)-1] != row) {
		s.rows = append(s.rows, row)
	}
}

// Add counts the people of one row.
func (w *Witness) Add(p *People, row int, s Sights) {
	if w.marked == nil {
		w.marked, w.foreign = make(map[string]int), make(map[string]*seen)
	}
	if p.ByCountry == nil {
		p.ByCountry, p.Written = make(map[string]int), make(map[string]int)
	}
	p.Total += s.total
	p.Unusable += s.unusable
	if s.refused > 0 {
		w.refused.add(row, s.refused)
	}
	for _, k := range s.usable {
		if k.country != "" {
			p.ByCountry[k.country] += k.n
		}
		if k.written != "" { // empty for a chat id
			p.Written[string(k.written)] += k.n
		}
		switch k.written {
		case phone.WithPlus:
			w.marked[k.country] += k.n
		case phone.Bare:
			if w.foreign[k.country] == nil {
				w.foreign[k.country] = &seen{}
			}
			w.foreign[k.country].add(row, k.n)
		}
	}
}

// Foreign returns a warning about phones that were read as phones of another country than nearly all others, or that
// were refused because no country is known. region is the home country, "" for none.
func (w *Witness) Foreign(p People, region string) (Warning, bool) {
	top := w.mainCountry(p, region)
	if top == "" {
		return Warning{}, false
	}
	var odd seen
	for country, s := range w.foreign {
		if country != top {
			odd.n += s.n
			odd.rows = append(odd.rows, s.rows...)
		}
	}
	if top != region {
		odd.n += w.refused.n
		odd.rows = append(odd.rows, w.refused.rows...)
	}
	if odd.n == 0 {
		return Warning{}, false
	}
	slices.Sort(odd.rows)
	rows := slices.Compact(odd.rows)
	why := say.Phrase{Code: say.WarnRegion, Place: top, N: odd.n}
	if top == region {
		why.Code = say.WarnForeign
	}
	out := warning(WarnForeign, why)
	out.Rows = rows[:min(len(rows), MaxWarned)]
	return out, true
}

// mainCountry returns the home country if most numbers are its own, otherwise the country of nearly all numbers written
// with +, or "" if there is none.
func (w *Witness) mainCountry(p People, region string) string {
	all := 0
	for _, n := range p.ByCountry {
		all += n
	}
	if region != "" && 2*p.ByCountry[region] > all {
		return region
	}
	top, marked := "", 0
	for _, country := range slices.Sorted(maps.Keys(w.marked)) {
		marked += w.marked[country]
		if top == "" || w.marked[country] > w.marked[top] {
			top = country
		}
	}
	if top == "" || 10*w.marked[top] < 9*marked {
		return ""
	}
	return top
}
