package phone

import (
	"errors"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Parse reads a typed number. With + or 00 it is international. Otherwise it is international if
// that makes a valid number a person can have, else of region (two letters; any other text is no region) if that
// makes one, else international if it could be one: whether it exists the network says, not a
// table. An area code in brackets at the front, "(51) 9…", is how a number is written inside its
// country, so there the region is asked first: as digits alone it would be Peruvian.
//
// Every error is an *Error. A number is never completed or rewritten to a guess: the only digits
// taken out are a trunk prefix and Mexico's retired mobile 1.
func Parse(input, region string) (Number, error) {
	if region = strings.ToUpper(strings.TrimSpace(region)); !KnownRegion(region) {
		region = ""
	}
	n, e := parse(input, region)
	if e != nil {
		return "", e
	}
	return n, nil
}

// KnownRegion tells whether region is a country Parse knows, two letters of either case.
func KnownRegion(region string) bool {
	return phonenumbers.GetSupportedRegions()[strings.ToUpper(region)]
}

func parse(input, region string) (Number, *Error) {
	s, reason := take(input)
	if reason != "" {
		return "", newError(reason, input, region)
	}
	abroad := readInternational(s.digits)
	if s.international {
		if abroad.could() {
			return abroad.number, nil
		}
		return "", newError(abroad.reason, input, "")
	}
	if !s.areaBrackets && abroad.valid() {
		return abroad.number, nil
	}
	home := readNational(s.digits, region)
	switch {
	case s.areaBrackets && home.could():
		return home.number, nil
	case abroad.valid():
		return abroad.number, nil
	case home.valid():
		return home.number, nil
	case abroad.could():
		return abroad.number, nil
	}
	return "", newError(abroad.reason, input, region)
}

// reading is one way to understand some digits. Without parsed it is none, for the reason.
type reading struct {
	number Number
	parsed *phonenumbers.PhoneNumber
	reason Reason
	sure   bool // it is valid, without parsed
}

// could says that country code and length are right.
func (r reading) could() bool {
	return r.sure || r.parsed != nil && phonenumbers.IsPossibleNumberWithReason(r.parsed) == phonenumbers.IS_POSSIBLE
}

// valid says that the numbering plan has it, in a range that people have in their pockets: not
// premium rate, toll free, pagers… Read as international, many a Brazilian mobile without its
// country code would be one of those.
func (r reading) valid() bool {
	if r.sure || r.parsed == nil {
		return r.sure
	}
	switch phonenumbers.GetNumberType(r.parsed) { // UNKNOWN when it is not valid
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
		return true
	}
	return false
}

func readInternational(digits string) reading {
	if strings.HasPrefix(digits, "0") {
		return reading{reason: Country}
	}
	if len(digits) == 13 && strings.HasPrefix(digits, "521") {
		digits = "52" + digits[3:] // the plan has dropped the 1; accounts and address books still carry it
	}
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

// readPlain reads the digits that nearly everybody types: a country code, and behind it a national
// number that is valid as it stands. Then nothing has to be looked for or taken off, which is what
// Parse spends its time on: it takes eight times as long (BenchmarkParse). ok is false for all others.
func readPlain(digits string) (_ reading, ok bool) {
	for length := 1; length <= 3 && length < len(digits); length++ {
		code, _ := strconv.Atoi(digits[:length])
		if !phonenumbers.GetSupportedCallingCodes()[code] {
			continue
		}
		national, err := strconv.ParseUint(digits[length:], 10, 64)
		if err != nil || digits[length] == '0' || len(digits) > 15 {
			return reading{}, false // an Italian zero, a trunk zero, or no number at all
		}
		if isMobile(code, digits[length:]) {
			return reading{number: Number("+" + digits), sure: true}, true
		}
		r := reading{
			number: Number("+" + digits), reason: Length,
			parsed: &phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: &national}, //nolint:gosec // three digits at most
		}
		r.sure = r.valid()
		return r, r.sure
	}
	return reading{}, false
}

func readNational(digits, region string) reading {
	if region == "" {
		return reading{}
	}
	n, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return reading{}
	}
	return read(n, digits)
}

func read(n *phonenumbers.PhoneNumber, digits string) reading {
	e164 := phonenumbers.Format(n, phonenumbers.E164)
	if e164 != "+"+digits {
		// Behind a trunk prefix that was taken off may stand another one. Such a number is none.
		again, err := phonenumbers.Parse(e164, "")
		if err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
			return reading{reason: Length}
		}
	}
	return reading{number: Number(e164), parsed: n, reason: Length}
}
