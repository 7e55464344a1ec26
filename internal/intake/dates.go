package intake

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// The values of Options.Dates.
const (
	DayFirst   = "dmy"
	MonthFirst = "mdy"
)

// moment is a date, with a time of day unless dateOnly.
type moment struct {
	time.Time
	dateOnly bool
}

var (
	errNoDate = &dateError{say.Phrase{Code: say.DateForm}}
	errNoYear = &dateError{say.Phrase{Code: say.DateYear}}
)

// dateError says why a cell is not a date.
type dateError struct{ why say.Phrase }

func (e *dateError) Error() string    { return e.why.String() }
func (e *dateError) Said() say.Phrase { return e.why }

// moment returns the date in a cell, as people write dates. An ambiguous date is an error, unless o.Dates decides.
func (o Options) moment(cell string) (moment, error) {
	if t, err := time.Parse(time.RFC3339, cell); err == nil {
		return moment{Time: t}, nil
	}
	zone := o.Zone
	if zone == nil {
		zone = time.Local
	}
	text := strings.ToLower(strings.Join(strings.Fields(cell), " "))
	date, clock, err := cutClock(text)
	if err != nil {
		return moment{}, err
	}
	y, m, d, err := o.dayOf(date)
	if err != nil {
		return moment{}, err
	}
	day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if day.Day() != d || int(day.Month()) != m || y < 1900 || y > 9999 {
		return moment{}, errNoDate
	}
	if clock == nil {
		return moment{Time: time.Date(y, time.Month(m), d, 0, 0, 0, 0, zone), dateOnly: true}, nil
	}
	if clock.zone != nil {
		zone = clock.zone
	}
	return moment{Time: time.Date(y, time.Month(m), d, clock.hour, clock.minute, clock.second, 0, zone)}, nil
}

// timeCell returns the time in a cell, or nil for an empty one. A date without a time means the start of that day, but
// its end for expiresAt.
func (o Options) timeCell(f field, cell string) (*time.Time, *tasks.RowError) {
	if cell == "" {
		return nil, nil
	}
	at, err := o.moment(cell)
	if err != nil {
		return nil, rowError(tasks.BadTime, f, say.Phrase{Code: say.RowTimeCell, Name: string(f), Why: []say.Phrase{say.OfError(err)}})
	}
	if at.dateOnly && f == expiresAt {
		at.Time = at.AddDate(0, 0, 1)
	}
	return &at.Time, nil
}

// clock is a time of day.
type clock struct {
	hour, minute, second int
	zone                 *time.Location // nil if not written
}

var clockAtEnd = regexp.MustCompile(`^(.*?)(?:t|[ ,]+(?:(?:às|as|at|a las|a la|в|um|à|alle|kl\.?)\s+)?)` +
	`(\d{1,2})(?:[:h](\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:min)?|h)?\s*(a\.?m\.?|p\.?m\.?)?\s*(z|utc|gmt)?\s*([+-]\d{1,2}(?::?\d{2})?)?$`)

// maxOffset is the maximum offset of a time zone from UTC, in hours.
const maxOffset = 14

// cutClock cuts the time of day off the end of a date. The clock is nil if there is none.
func cutClock(text string) (date string, _ *clock, err error) {
	m := clockAtEnd.FindStringSubmatch(text)
	if m == nil || m[3] == "" && m[5] == "" && !strings.HasSuffix(text, "h") {
		return text, nil, nil
	}
	var c clock
	c.hour, _ = strconv.Atoi(m[2])
	c.minute, _ = strconv.Atoi(m[3])
	c.second, _ = strconv.Atoi(m[4])
	if half := strings.ReplaceAll(m[5], ".", ""); half != "" {
		if c.hour < 1 || c.hour > 12 {
			return "", nil, errNoDate
		}
		c.hour %= 12
		if half == "pm" {
			c.hour += 12
		}
	}
	if c.hour > 23 || c.minute > 59 || c.second > 59 {
		return "", nil, errNoDate
	}
	switch {
	case m[7] != "":
		digits := onlyDigits(m[7])
		if len(digits) <= 2 {
			digits += "00"
		}
		n, _ := strconv.Atoi(digits)
		if n/100 > maxOffset || n%100 > 59 {
			return "", nil, errNoDate
		}
		seconds := n/100*3600 + n%100*60
		if m[7][0] == '-' {
			seconds = -seconds
		}
		c.zone = time.FixedZone("", seconds)
	case m[6] != "":
		c.zone = time.UTC
	}
	return strings.TrimRight(m[1], ", "), &c, nil
}

var numericDate = regexp.MustCompile(`^(\d{1,4}) ?([./-]) ?(\d{1,2}) ?([./-]) ?(\d{1,4})\.?(?: ?г\.?)?$`)

// dayOf reads a date without a time of day.
func (o Options) dayOf(text string) (year, month, day int, err error) {
	m := numericDate.FindStringSubmatch(text)
	if m == nil {
		return wordedDate(text)
	}
	a, _ := strconv.Atoi(m[1])
	b, _ := strconv.Atoi(m[3])
	c, _ := strconv.Atoi(m[5])
	switch {
	case m[2] != m[4]:
		return 0, 0, 0, errNoDate
	case len(m[1]) == 4 && len(m[5]) <= 2:
		return a, b, c, nil
	case len(m[1]) > 2, len(m[5]) == 1, len(m[5]) == 3:
		return 0, 0, 0, errNoDate
	case len(m[5]) == 2 && o.Dates == "":
		return 0, 0, 0, errNoYear
	case len(m[5]) == 2:
		c += 2000
	}
	dayFirst := o.Dates == DayFirst || o.Dates == "" && m[2] == "." // with dots the day always comes first
	switch {
	case a > 12, a == b:
		dayFirst = true
	case b > 12:
		dayFirst = false
	case o.Dates == "" && !dayFirst:
		return 0, 0, 0, &dateError{say.Phrase{Code: say.DateBoth, Text: strconv.Quote(text), Name: dayOf(c, b, a), Place: dayOf(c, a, b)}}
	}
	if dayFirst {
		return c, b, a, nil
	}
	return c, a, b, nil
}

func dayOf(year, month, day int) string { return fmt.Sprintf("%04d-%02d-%02d", year, month, day) }

// wordedDate reads a date whose month is a word: 28 de novembro de 2026, Nov 28, 2026, 28/nov/26.
func wordedDate(text string) (year, month, day int, err error) {
	var numbers []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,./-", r) }) {
		number := strings.TrimRight(word, "ºª°")
		switch {
		case strings.Trim(number, "0123456789") == "":
			numbers = append(numbers, number)
		case monthOf(word) > 0 && month == 0:
			month = monthOf(word)
			if len(numbers) > 1 {
				return 0, 0, 0, errNoDate
			}
		case !slices.Contains(dateFillers, foldHeader(word)):
			return 0, 0, 0, errNoDate
		}
	}
	if month == 0 || len(numbers) != 2 {
		return 0, 0, 0, errNoDate
	}
	first, second := numbers[0], numbers[1]
	if len(first) == 4 { // 2026 November 28
		first, second = second, first
	}
	if len(first) > 2 || len(second) != 4 && len(second) != 2 {
		return 0, 0, 0, errNoDate
	}
	day, _ = strconv.Atoi(first)
	year, _ = strconv.Atoi(second)
	if len(second) == 2 {
		year += 2000
	}
	return year, month, day, nil
}

// monthOf returns the month of a name or its abbreviation, 0 for no month.
func monthOf(word string) int {
	folded := foldHeader(word)
	for i, names := range months {
		if slices.Contains(names, folded) {
			return i + 1
		}
	}
	return 0
}

// months has the folded names and abbreviations of each month in English, Portuguese, Spanish, Russian, French, German
// and Italian.
var months = [12][]string{
	strings.Fields("january jan janeiro enero ene января январь янв janvier janv januar gennaio gen"),
	strings.Fields("february feb fevereiro fev febrero февраля февраль фев февр fevrier fevr februar febbraio"),
	strings.Fields("march mar marco marzo марта март мар mars marz mrz maerz"),
	strings.Fields("april apr abril abr апреля апрель апр avril avr aprile"),
	strings.Fields("may maio mai mayo мая май маи maggio mag"),
	strings.Fields("june jun junho junio июня июнь июн juin juni giugno giu"),
	strings.Fields("july jul julho julio июля июль июл juillet juil juli luglio lug"),
	strings.Fields("august aug agosto ago августа август авг aout"),
	strings.Fields("september sep sept setembro set septiembre сентября сентябрь сен сент septembre settembre"),
	strings.Fields("october oct outubro out octubre октября октябрь окт octobre oktober okt ottobre ott"),
	strings.Fields("november nov novembro noviembre ноября ноябрь ноя нояб novembre"),
	strings.Fields("december dec dezembro dez diciembre dic декабря декабрь дек decembre dezember dicembre"), //nolint:misspell // French
}

// dateFillers are folded words in a date that carry no information.
var dateFillers = strings.Fields("de del do of the le г года st nd rd th " +
	"monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun " +
	"domingo segunda terca quarta quinta sexta sabado feira dom seg ter qua qui sex sab " +
	"lunes martes miercoles jueves viernes lun mie jue vie " +
	"понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс")
