package phone

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// plan is the part of a country's numbering plan that concerns the numbers of people, as written inside the country.
type plan struct {
	region string
	code   int
	trunk  string // the prefix dialled before an area code: "0", "8", or none
	source *phonenumbers.PhoneMetadata

	// patterns compiles the patterns at the first call.
	patterns func() patterns
}

// patterns of a plan.
type patterns struct {
	people  *automaton // numbers that a person can have
	closed  *automaton // those of closedKinds
	general *automaton
	other   *automaton // premium rate, toll free, pagers…
	formats []format
}

// format is how a plan writes some of its numbers.
type format struct {
	leading, whole *regexp.Regexp
	bare           bool // written without a trunk prefix, or with an optional one
}

const maxNational = 17

// plans indexes all numbering plans: by region, by national number (all), and by national numbers that people write
// without a trunk prefix (bare) or with a trunk prefix other than 0 (trunked).
type plans struct {
	byRegion           map[string]*plan
	all, bare, trunked byPrefix
}

var allPlans = sync.OnceValue(func() *plans {
	p := &plans{byRegion: make(map[string]*plan)}
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return p
	}
	for _, m := range all.GetMetadata() {
		if !phonenumbers.GetSupportedRegions()[m.GetId()] {
			continue
		}
		one := &plan{region: m.GetId(), code: int(m.GetCountryCode()), trunk: m.GetNationalPrefix(), source: m}
		one.patterns = sync.OnceValue(one.compile)
		p.byRegion[one.region] = one
		p.all.add(one, one.kindsOfPeople())
		if one.someBare() {
			p.bare.add(one, one.closedKinds())
		}
		if one.trunk != "" && one.trunk[0] != '0' {
			p.trunked.add(one, one.closedKinds())
		}
	}
	return p
})

// someBare reports whether people write at least some numbers without a trunk prefix.
func (p *plan) someBare() bool {
	formats := p.source.GetNumberFormat()
	return p.trunk == "" || len(formats) == 0 || slices.ContainsFunc(formats, p.isBare)
}

func (p *plan) isBare(f *phonenumbers.NumberFormat) bool {
	rule := strings.TrimLeft(f.GetNationalPrefixFormattingRule(), "(")
	optional := f.GetNationalPrefixOptionalWhenFormatting() && p.trunk != "0"
	return optional || p.trunk == "" || !strings.HasPrefix(rule, p.trunk)
}

func (p *plan) kindsOfPeople() []*phonenumbers.PhoneNumberDesc {
	m := p.source
	return []*phonenumbers.PhoneNumberDesc{m.GetFixedLine(), m.GetMobile(), m.GetVoip(), m.GetPersonalNumber()}
}

// closedKinds returns the kinds whose numbers have few lengths. A kind with many lengths, such as Luxembourg's
// landlines, would match far too many foreign numbers.
func (p *plan) closedKinds() []*phonenumbers.PhoneNumberDesc {
	return slices.DeleteFunc(p.kindsOfPeople(), func(k *phonenumbers.PhoneNumberDesc) bool { return len(p.lengths(k)) > maxLengths })
}

const maxLengths = 4

// lengths returns the lengths of a kind's national numbers. A kind without its own has those of the plan.
func (p *plan) lengths(kind *phonenumbers.PhoneNumberDesc) []int32 {
	if all := kind.GetPossibleLength(); len(all) > 0 {
		return all
	}
	return p.source.GetGeneralDesc().GetPossibleLength()
}

func (p *plan) kindsOfServices() []*phonenumbers.PhoneNumberDesc {
	m := p.source
	return []*phonenumbers.PhoneNumberDesc{m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetPager(), m.GetUan(), m.GetVoicemail()}
}

func (p *plan) compile() patterns {
	out := patterns{
		people: newAutomaton(patternsOf(p.kindsOfPeople())), closed: newAutomaton(patternsOf(p.closedKinds())),
		other: newAutomaton(patternsOf(p.kindsOfServices())), general: newAutomaton(p.source.GetGeneralDesc().GetNationalNumberPattern()),
	}
	for _, f := range p.source.GetNumberFormat() {
		one := format{bare: p.isBare(f)}
		one.whole, _ = regexp.Compile("^(?:" + f.GetPattern() + ")$")
		if all := f.GetLeadingDigitsPattern(); len(all) > 0 {
			one.leading, _ = regexp.Compile("^(?:" + all[len(all)-1] + ")")
		}
		out.formats = append(out.formats, one)
	}
	return out
}

// patternsOf joins the patterns of several kinds of numbers.
func patternsOf(kinds []*phonenumbers.PhoneNumberDesc) string {
	var all []string
	for _, k := range kinds {
		if pattern := k.GetNationalNumberPattern(); pattern != "" && pattern != "NA" {
			all = append(all, pattern)
		}
	}
	return strings.Join(all, "|")
}

// has reports whether a person in this country can have the national number.
func (p *plan) has(national string) bool {
	m := p.patterns()
	return m.people.matches(national) && m.general.matches(national) && !m.other.matches(national)
}

// hasNumber reports whether a person in a country with this code can have the national number.
func hasNumber(code int, national string) bool {
	for _, p := range allPlans().all.of(national) {
		if p.code == code && p.has(national) {
			return true
		}
	}
	return code == brazil && (isOldBrazilian(national) || isUnassignedBrazilian(national))
}

// isClosed reports whether a number of the country is one of closedKinds.
func (p *plan) isClosed(national string) bool { return p.patterns().closed.matches(national) }

// writesBare reports whether people in the country write this number without a trunk prefix.
func (p *plan) writesBare(national string) bool {
	for _, f := range p.patterns().formats {
		if (f.leading == nil || f.leading.MatchString(national)) && f.whole != nil && f.whole.MatchString(national) {
			return f.bare
		}
	}
	return p.trunk == ""
}

// elsewhere returns a country with another country code in which the digits are a whole number as people write it, with
// its area code. It returns "" if there is none.
func elsewhere(digits string, code int) (region string) {
	all := allPlans()
	for _, p := range all.bare.of(digits) {
		if p.code != code && p.has(digits) && p.isClosed(digits) && p.writesBare(digits) {
			return p.region
		}
	}
	for _, p := range all.trunked.of(digits[1:]) {
		if p.code != code && p.trunk == digits[:1] && p.has(digits[1:]) && p.isClosed(digits[1:]) {
			return p.region
		}
	}
	if code != brazil && isOldBrazilian(digits) {
		return "BR"
	}
	return ""
}

const brazil = 55

// isOldBrazilian reports whether a national number is a Brazilian mobile without its ninth digit. The
// plan has dropped such numbers, but accounts and address books still have them.
func isOldBrazilian(national string) bool {
	if len(national) != 10 || national[2] < '6' {
		return false
	}
	p := allPlans().byRegion["BR"]
	return p != nil && p.has(national[:2]+"9"+national[2:])
}

// isUnassignedBrazilian reports whether a national number has the form of a Brazilian mobile in an
// unassigned range. The providers' own examples use such numbers. With the country code in front they are
// not a whole number of any other country, so they are accepted; a number check decides whether one exists.
func isUnassignedBrazilian(national string) bool {
	if len(national) != 11 || national[2] < '6' || national[2] == '9' {
		return false
	}
	p := allPlans().byRegion["BR"]
	return p != nil && p.has(national[:2]+"9"+national[3:])
}
