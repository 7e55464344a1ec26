package phone

import (
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Parse reads a typed number. With + or 00 it is international. Otherwise it is international if
// that makes a valid number a person can have, else of region (two letters, may be empty) if that
// makes one, else international if it could be one: whether it exists the network says, not a
// table. An area code in brackets at the front, "(51) 9…", is how a number is written inside its
// country, so there the region is asked first: as digits alone it would be Peruvian.
//
// Every error is an *Error. A number is never completed or rewritten to a guess: the only digits
// taken out are a trunk prefix and Mexico's retired mobile 1.
func Parse(input, region string) (Number, error) {
	n, e := parse(input, strings.ToUpper(strings.TrimSpace(region)))
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
		if abroad.could {
			return abroad.number, nil
		}
		return "", newError(abroad.reason, input, "")
	}
	home := readNational(s.digits, region)
	if s.areaBrackets && home.could {
		return home.number, nil
	}
	for _, r := range []struct {
		ok bool
		reading
	}{{abroad.valid, abroad}, {home.valid, home}, {abroad.could, abroad}, {home.could, home}} {
		if r.ok {
			return r.number, nil
		}
	}
	return "", newError(abroad.reason, input, region)
}

// reading is one way to understand some digits.
type reading struct {
	number Number
	valid  bool // the numbering plan has it, and a person can have it
	could  bool // country code and length are right
	reason Reason
}

func readInternational(digits string) reading {
	if strings.HasPrefix(digits, "0") {
		return reading{reason: Country}
	}
	if len(digits) == 13 && strings.HasPrefix(digits, "521") {
		digits = "52" + digits[3:] // the plan has dropped the 1; accounts and address books still carry it
	}
	n, err := phonenumbers.Parse("+"+digits, "")
	if errors.Is(err, phonenumbers.ErrInvalidCountryCode) {
		return reading{reason: Country}
	}
	if err != nil {
		return reading{reason: Length}
	}
	return judge(n)
}

func readNational(digits, region string) reading {
	if region == "" {
		return reading{}
	}
	n, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return reading{}
	}
	return judge(n)
}

func judge(n *phonenumbers.PhoneNumber) reading {
	return reading{
		number: Number(phonenumbers.Format(n, phonenumbers.E164)),
		valid:  phonenumbers.IsValidNumber(n) && personal(phonenumbers.GetNumberType(n)),
		could:  phonenumbers.IsPossibleNumberWithReason(n) == phonenumbers.IS_POSSIBLE,
		reason: Length,
	}
}

// personal leaves out the ranges nobody has in a pocket (premium rate, toll free, pagers…): read
// as international, many a Brazilian mobile without its country code would be one of them.
func personal(t phonenumbers.PhoneNumberType) bool {
	switch t {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE,
		phonenumbers.VOIP, phonenumbers.PERSONAL_NUMBER:
		return true
	}
	return false
}
