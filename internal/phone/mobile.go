package phone

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// mobiles are what is needed to recognise a country's mobiles. GetNumberType asks a dozen patterns,
// each of them twice, before it comes to the mobiles, which is what nearly all numbers are.
type mobiles struct {
	general, mobile *regexp.Regexp
	lengths         []int32
	other           *regexp.Regexp // what GetNumberType would call it before: premium rate, pagers…; nil if there is none
}

// mobilesOf caches by country code; nil where the library has to be asked.
var mobilesOf sync.Map

// isMobile says that the national number surely is one that people have in their pockets. False
// says nothing.
func isMobile(code int, national string) bool {
	m, ok := mobilesOf.Load(code)
	if !ok {
		m, _ = mobilesOf.LoadOrStore(code, learnMobiles(code))
	}
	return m.(*mobiles).match(national)
}

func (m *mobiles) match(national string) bool {
	return m != nil && slices.Contains(m.lengths, int32(len(national))) && //nolint:gosec // fifteen at most
		m.mobile.MatchString(national) && m.general.MatchString(national) && (m.other == nil || !m.other.MatchString(national))
}

// learnMobiles reads the patterns of the country that a code's numbers are first tried for.
func learnMobiles(code int) *mobiles {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil
	}
	region := phonenumbers.GetRegionCodeForCountryCode(code)
	i := slices.IndexFunc(all.GetMetadata(), func(m *phonenumbers.PhoneMetadata) bool { return m.GetId() == region })
	if i < 0 {
		return nil
	}
	plan := all.GetMetadata()[i]
	mobile := plan.GetMobile()
	if plan.GetLeadingDigits() != "" || len(mobile.GetPossibleLength()) == 0 {
		return nil
	}
	m := &mobiles{lengths: mobile.GetPossibleLength()}
	if general := plan.GetGeneralDesc().GetPossibleLength(); len(general) > 0 {
		m.lengths = slices.DeleteFunc(slices.Clone(m.lengths), func(n int32) bool { return !slices.Contains(general, n) })
	}
	var other []string
	for _, kind := range []*phonenumbers.PhoneNumberDesc{
		plan.GetPremiumRate(), plan.GetTollFree(), plan.GetSharedCost(), plan.GetPager(), plan.GetUan(), plan.GetVoicemail(),
	} {
		if pattern := kind.GetNationalNumberPattern(); pattern != "" && pattern != "NA" {
			other = append(other, pattern)
		}
	}
	if m.general, err = whole(plan.GetGeneralDesc().GetNationalNumberPattern()); err != nil {
		return nil
	}
	if m.mobile, err = whole(mobile.GetNationalNumberPattern()); err != nil {
		return nil
	}
	if len(other) > 0 {
		if m.other, err = whole(strings.Join(other, "|")); err != nil {
			return nil
		}
	}
	return m
}

func whole(pattern string) (*regexp.Regexp, error) { return regexp.Compile("^(?:" + pattern + ")$") }
