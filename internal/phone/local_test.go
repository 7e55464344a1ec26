package phone

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// It writes local numbers of twenty countries as people write them there. Read must never take one for
// a number of another country: not with the right home, not without a home, and with a wrong home only
// if that country has such a number itself.
func TestRead_LocalNumberIsNeverAForeignOne(t *testing.T) {
	t.Parallel()
	countries := []string{
		"BR", "AR", "MX", "CO", "CL", "PE", "US", "PT", "ES", "FR", "IT", "DE", "GB", "NL", "RU", "UA", "IN", "ID", "NG", "ZA",
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for i, country := range countries {
		t.Run(country, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(i))) //nolint:gosec // i is small
			wrong := countries[(i+1+random.IntN(len(countries)-1))%len(countries)]
			kinds := patternsOfCountry(t, country)
			for range *localNumbers {
				n := randomLocal(t, random, country, kinds[random.IntN(len(kinds))])
				for _, typed := range spellings(n) {
					for _, home := range []string{country, wrong, ""} {
						wantNotForeign(t, typed, home, int(n.GetCountryCode()))
					}
				}
			}
		})
	}
}

// localNumbers is how many numbers of each country are tried. `make test` also tries 3000.
var localNumbers = flag.Int("local-numbers", 200, "local numbers of each country")

func wantNotForeign(t *testing.T, typed, home string, code int) {
	t.Helper()
	r, err := Read(typed, home)
	if err != nil || int(mustParse(t, r.Number).GetCountryCode()) == code {
		return
	}
	if r.Written == Home || r.Written == HomeFull {
		if got := allPlans().byRegion[home].code; int(mustParse(t, r.Number).GetCountryCode()) == got {
			return
		}
	}
	t.Errorf("%q with the home %q is read as %s, want an error or a number of +%d", typed, home, r.Number.E164(), code)
}

func mustParse(t *testing.T, n Number) *phonenumbers.PhoneNumber {
	t.Helper()
	parsed, err := phonenumbers.Parse(n.E164(), "")
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// spellings returns a number as people write it inside its country: as the plan formats it, its digits
// alone, and with the area code in brackets.
func spellings(n *phonenumbers.PhoneNumber) []string {
	national := phonenumbers.Format(n, phonenumbers.NATIONAL)
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, national)
	area := max(2, phonenumbers.GetLengthOfGeographicalAreaCode(n))
	significant := phonenumbers.GetNationalSignificantNumber(n)
	return []string{national, digits, fmt.Sprintf("(%s) %s", significant[:area], significant[area:])}
}

// randomLocal returns a random number that a person of the country can have.
func randomLocal(t *testing.T, random *rand.Rand, country string, kind *syntax.Regexp) *phonenumbers.PhoneNumber {
	t.Helper()
	p := allPlans().byRegion[country]
	for range 10_000 {
		var b strings.Builder
		randomMatch(&b, random, kind)
		national := b.String()
		if !p.has(national) {
			continue
		}
		if n, err := phonenumbers.Parse(fmt.Sprintf("+%d%s", p.code, national), ""); err == nil {
			return n
		}
	}
	t.Fatalf("found no number of %s in 10,000 tries", country)
	return nil
}

// patternsOfCountry returns the patterns of a country's mobiles and landlines.
func patternsOfCountry(t *testing.T, country string) []*syntax.Regexp {
	t.Helper()
	source := allPlans().byRegion[country].source
	var all []*syntax.Regexp
	for _, kind := range []*phonenumbers.PhoneNumberDesc{source.GetMobile(), source.GetFixedLine()} {
		parsed, err := syntax.Parse(kind.GetNationalNumberPattern(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed)
	}
	return all
}

func randomMatch(b *strings.Builder, random *rand.Rand, r *syntax.Regexp) {
	times := func(from, to int) {
		for range from + random.IntN(to-from+1) {
			randomMatch(b, random, r.Sub[0])
		}
	}
	switch r.Op {
	case syntax.OpLiteral:
		b.WriteString(string(r.Rune))
	case syntax.OpCharClass:
		var all []rune
		for i := 0; i < len(r.Rune); i += 2 {
			for c := max('0', r.Rune[i]); c <= min('9', r.Rune[i+1]); c++ {
				all = append(all, c)
			}
		}
		b.WriteRune(all[random.IntN(len(all))])
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range r.Sub {
			randomMatch(b, random, sub)
		}
	case syntax.OpAlternate:
		randomMatch(b, random, r.Sub[random.IntN(len(r.Sub))])
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(r.Min, max(r.Min, r.Max))
	}
}
