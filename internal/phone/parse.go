package phone

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Written is how a number was written.
type Written string

// The ways of writing a number.
const (
	WithPlus Written = "plus"     // with + or 00, or in a link that always holds whole numbers
	HomeFull Written = "full"     // with the home country's code, without +
	Home     Written = "national" // as people write it in the home country
	Bare     Written = "bare"     // without +, and read as international
)

// Reading is the result of reading a typed number.
type Reading struct {
	Number   Number // empty for a LID
	Identity Identity
	Written  Written
	// Other is a second valid number that the same digits could mean. The home country decided for Number. Usually
	// empty.
	Other Number
	// Extension says that an extension was cut off.
	Extension bool
}

// Parse returns the number that was typed. Unlike Read it accepts no chat id.
func Parse(input, region string) (Number, error) {
	r, err := readTyped(input, region)
	if err != nil {
		return "", err
	}
	return r.Number, nil
}

// KnownRegion reports whether region is a country that Parse knows, two letters of either case.
func KnownRegion(region string) bool {
	return phonenumbers.GetSupportedRegions()[strings.ToUpper(region)]
}

// readTyped reads a typed number, with region (two letters; any other text is not a region) as its home
// country, unless another one stands in front of the number ("BR: 11 98765-4321"). In this order:
//
//  1. Written with + or 00 it is international, if the country code and the length are possible.
//  2. With a home: a full number of the home country without its plus, then a number as it is
//     written inside that country.
//  3. Digits that are possible only inside an area of the home country are refused.
//  4. A valid foreign number, written without brackets and without a leading zero, if the digits
//     are not also a whole number inside some other country.
//
// In 2 and 4 the number must be valid, not only possible. No digit is removed as the trunk
// prefix of a country that the input does not name. Every error is an *Error.
func readTyped(input, region string) (Reading, error) {
	if region = strings.ToUpper(strings.TrimSpace(region)); !KnownRegion(region) {
		region = ""
	}
	number, region := cutHome(input, region)
	s, reason := take(number)
	if reason != "" {
		return Reading{}, &Error{Reason: reason, Input: showNumber(input), Region: region}
	}
	out, e := s.read(region)
	if e != nil {
		if s.slash {
			e = &fault{reason: Several}
		}
		return Reading{}, e.of(input, region)
	}
	if code, _ := codeOf(out.Number.Digits()); code == brazil && len(number) > len(s.digits)+1 && shortArea.MatchString(number) {
		return Reading{}, &Error{Reason: NoArea, Input: showNumber(input), Region: regionOf(out.Number)}
	}
	out.Identity, out.Extension = out.Number.Identity(), s.extension
	return out, nil
}

// shortArea matches a Brazilian mobile with only one digit of its area code: "(1) 98765-4321". Without the spaces and
// brackets it would be a whole number of another area, with eight digits as before 2016: 19 8765-4321.
var shortArea = regexp.MustCompile(`(?:^|\D)0?[1-9][)\s.-]+9\d{4}[\s.-]?\d{4}\s*$`)

// fault says why digits are not a number. of returns it as an *Error.
type fault struct {
	reason Reason
	others [2]string // the countries between which the digits do not decide
}

func (f *fault) of(input, region string) *Error {
	e := &Error{Reason: f.reason, Input: showNumber(input), Region: region}
	if f.reason == Ambiguous {
		e.Other, e.Region = f.others[0], f.others[1]
	}
	return e
}

func (s spelling) read(region string) (Reading, *fault) {
	if s.international {
		abroad := readInternational(s.digits)
		if !abroad.possible() {
			return Reading{}, &fault{reason: abroad.reason}
		}
		return Reading{Number: abroad.number, Written: WithPlus}, nil
	}
	home := s.readHome(region)
	local := s.brackets || strings.HasPrefix(s.digits, "0")
	if local && home.Number != "" {
		return home, nil
	}
	if home.Number != "" && home.Number.Digits() == s.digits {
		return home, nil // read as foreign it is the same number
	}
	var abroad reading
	if !local {
		abroad = readForeign(s.digits)
	}
	switch {
	case home.Number != "":
		if home.Other == "" && abroad.valid() && abroad.number != home.Number {
			home.Other = abroad.number
		}
		return home, nil
	case region != "" && onlyLocal(s.digits, region):
		return Reading{}, &fault{reason: NoArea}
	case abroad.valid():
		code, _ := codeOf(s.digits)
		if other := elsewhere(s.digits, code); other != "" {
			return Reading{}, &fault{reason: Ambiguous, others: [2]string{regionOf(abroad.number), other}}
		}
		return Reading{Number: abroad.number, Written: Bare}, nil
	case region == "" && s.brackets:
		return Reading{}, &fault{reason: Bracketed}
	case region == "":
		return Reading{}, &fault{reason: NoRegion}
	}
	return Reading{}, &fault{reason: NotHome}
}

// readHome reads digits as a number of the home country. It returns the zero Reading if they are not one.
func (s spelling) readHome(region string) Reading {
	if region == "" {
		return Reading{}
	}
	if s.areaBrackets { // "(55) 9…": the bracket says that it is an area code
		if national := readNational(s.digits, region); national.valid() {
			return Reading{Number: national.number, Written: Home}
		}
	}
	if full := readFull(s.digits, region); full.valid() {
		out := Reading{Number: full.number, Written: HomeFull}
		if p := allPlans().byRegion[region]; s.digits[0] != '0' && p.has(s.digits) {
			out.Other = Number("+" + strconv.Itoa(p.code) + s.digits)
		}
		return out
	}
	if national := readNational(s.digits, region); national.valid() {
		return Reading{Number: national.number, Written: Home}
	}
	return Reading{}
}

// reading is one way to understand some digits. If neither known nor parsed is set, they are not a number, for the
// reason.
type reading struct {
	number Number
	parsed *phonenumbers.PhoneNumber
	reason Reason
	known  bool // valid, whatever parsed says
}

// possible reports whether the country code and the length are right.
func (r reading) possible() bool {
	return r.known || r.parsed != nil && phonenumbers.IsPossibleNumberWithReason(r.parsed) == phonenumbers.IS_POSSIBLE
}

// valid reports whether the numbering plan has the number in a range for people: not premium rate, toll
// free, pagers… Many Brazilian mobiles without their country code would be one of those if read as
// international.
func (r reading) valid() bool {
	if r.known || r.parsed == nil {
		return r.known
	}
	switch phonenumbers.GetNumberType(r.parsed) { // UNKNOWN if it is not valid
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
		return true
	}
	return false
}

// readInternational reads digits that begin with a country code. It removes a trunk prefix after the
// code.
func readInternational(digits string) reading {
	if strings.HasPrefix(digits, "0") {
		return reading{reason: Country}
	}
	digits = withoutRetired(digits)
	if r, ok := readPlain(digits); ok {
		return r
	}
	n, err := phonenumbers.Parse("+"+digits, "")
	if errors.Is(err, phonenumbers.ErrInvalidCountryCode) {
		return reading{reason: Country}
	}
	if err != nil {
		return reading{reason: Length}
	}
	return read(n, digits)
}

// withoutRetired removes the 1 after Mexico's 52. The numbering plan has dropped it, but accounts and
// address books still have it.
func withoutRetired(digits string) string {
	if len(digits) == 13 && strings.HasPrefix(digits, "521") {
		return "52" + digits[3:]
	}
	return digits
}

// readForeign reads digits without + as an international number, and removes no trunk prefix.
func readForeign(digits string) reading {
	if strings.HasPrefix(digits, "0") {
		return reading{}
	}
	r, _ := readPlain(withoutRetired(digits))
	return r
}

// readFull reads the digits as a number of the home country that begins with its country code.
func readFull(digits, region string) reading {
	home := allPlans().byRegion[region]
	if home == nil {
		return reading{}
	}
	national, is := strings.CutPrefix(digits, strconv.Itoa(home.code))
	switch {
	case !is:
		return reading{}
	case home.has(national):
		return reading{number: Number("+" + digits), known: true}
	}
	return readInternational(digits)
}

// readPlain reads the usual form of an international number: a country code and a valid national number. It avoids the
// library's slow search for prefixes. ok is false for any other form.
func readPlain(digits string) (_ reading, ok bool) {
	code, length := codeOf(digits)
	if code == 0 || len(digits) > maxDigits || !hasNumber(code, digits[length:]) {
		return reading{}, false
	}
	return reading{number: Number("+" + digits), known: true}, true
}

// codeOf returns the country code that digits begin with, and its length, or 0 if there is none.
func codeOf(digits string) (code, length int) {
	for length = 1; length <= 3 && length < len(digits); length++ {
		code, _ = strconv.Atoi(digits[:length])
		if phonenumbers.GetSupportedCallingCodes()[code] {
			return code, length
		}
	}
	return 0, 0
}

// readNational reads digits as they are written inside a country.
func readNational(digits, region string) reading {
	home := allPlans().byRegion[region]
	if home == nil {
		return reading{}
	}
	if digits[0] != '0' && (home.has(digits) || home.code == brazil && isOldBrazilian(digits)) {
		return reading{number: Number("+" + strconv.Itoa(home.code) + digits), known: true}
	}
	n, err := phonenumbers.Parse(digits, region)
	if err != nil || int(n.GetCountryCode()) != home.code || !home.takesOff(digits, n) {
		return reading{}
	}
	r := read(n, digits)
	if national := r.number.Digits(); home.code == brazil && len(national) > 2 && isOldBrazilian(national[2:]) {
		r.known = true
	}
	return r
}

// takesOff reports whether the prefix that the library removed is a trunk prefix as people write it. The
// library also removes prefixes of collect calls, with which many foreign numbers begin.
func (p *plan) takesOff(digits string, n *phonenumbers.PhoneNumber) bool {
	national := phonenumbers.GetNationalSignificantNumber(n)
	taken, cut := strings.CutSuffix(digits, national)
	return !cut || taken == "" || taken == p.trunk || taken[0] == '0'
}

// onlyLocal reports whether the digits are possible only inside an area: the area code is missing.
func onlyLocal(digits, region string) bool {
	n, err := phonenumbers.Parse(digits, region)
	return err == nil && phonenumbers.IsPossibleNumberWithReason(n) == phonenumbers.IS_POSSIBLE_LOCAL_ONLY ||
		region == "BR" && len(digits) == 9 && digits[0] == '9' // the library's plan has only the old eight digits
}

func regionOf(n Number) string {
	parsed, err := phonenumbers.Parse(n.E164(), "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(parsed)
}

func read(n *phonenumbers.PhoneNumber, digits string) reading {
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if e164 != "+"+digits {
		// A second trunk prefix after the removed one is not part of any number.
		again, err := phonenumbers.Parse(e164, "")
		if err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
			return reading{reason: Length}
		}
	}
	if len(e164)-len("+") > maxDigits { // Germany and Indonesia have longer numbers, WhatsApp does not
		return reading{reason: Length}
	}
	return reading{number: Number(e164), parsed: n, reason: Length}
}
