package intake

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/say"
)

// isTotal reports whether a line has totals ("Total;35") or is a footer of an export ("Gerado em 28/11/2026"): it
// begins with such a word and holds no phone.
func (l layout) isTotal(cells []string) bool {
	first := 0
	for first < len(cells) && strings.TrimSpace(cells[first]) == "" {
		first++
	}
	if first == len(cells) {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimSpace(cells[first]), " ")
	sum, footer := isWordOf(sums, word), isWordOf(footers, word)
	if !sum && !(footer && filled(cells) == 1 && digitsIn(cells[first]) > 0) {
		return false
	}
	for i, cell := range cells {
		if i < len(l.columns) && l.columns[i].givesPeople() && (digitsIn(cell) >= minDigits || strings.Contains(cell, "@")) {
			return false
		}
	}
	return true
}

func isWordOf(words []string, word string) bool {
	word = strings.TrimRightFunc(word, unicode.IsPunct)
	return slices.ContainsFunc(words, func(other string) bool { return strings.EqualFold(word, other) })
}

// namesOnlyASum reports whether the first text of a line has only words for a sum ("Total geral").
func namesOnlyASum(cells []string) bool {
	first := slices.IndexFunc(cells, func(cell string) bool { return cleanText(cell) != "" })
	return first >= 0 && isSumName(cells[first])
}

func isSumName(text string) bool {
	sum := false
	for word := range strings.FieldsSeq(cleanText(text)) {
		sum = sum || isWordOf(sums, word)
		if !isWordOf(sums, word) && !isWordOf(sumKinds, word) {
			return false
		}
	}
	return sum
}

// namesGroup reports whether a line names a group, with more than words for a sum. The line's first text may then
// belong to another column ("Total" of a scholarship).
func (l layout) namesGroup(cells []string) bool {
	for i, cell := range cells {
		if i < len(l.columns) && l.columns[i].field == groupName && cleanText(cell) != "" && !isSumName(cell) {
			return true
		}
	}
	return false
}

// columnSums finds the sums that spreadsheets write below a column of phones.
type columnSums map[int]*columnSum // by column

type columnSum struct {
	all, since   uint64 // of all whole numbers, and of those below the latest sum
	count, newer int    // how many numbers are in all, and in since
}

// take reports whether a line of a table holds the sum of at least two numbers above it. If it does not, take adds the
// line's numbers to the sums.
func (s columnSums) take(cells []string, givesPeople func(column int) bool) bool {
	for i, cell := range cells {
		of, v := s[i], wholeNumberOf(cell)
		if of != nil && givesPeople(i) && digitsIn(cell) >= minDigits && v > 0 && (of.count > 1 && v == of.all || of.newer > 1 && v == of.since) {
			s.cut()
			return true
		}
	}
	for i, cell := range cells {
		if v := wholeNumberOf(cell); v > 0 && givesPeople(i) {
			if s[i] == nil {
				s[i] = &columnSum{}
			}
			s[i].all, s[i].since = s[i].all+v, s[i].since+v
			s[i].count, s[i].newer = s[i].count+1, s[i].newer+1
		}
	}
	return false
}

// cut starts new subtotals in all columns.
func (s columnSums) cut() {
	for _, of := range s {
		of.since, of.newer = 0, 0
	}
}

// wholeNumberOf returns the number in a cell that holds only digits, or 0 for any other cell.
func wholeNumberOf(cell string) uint64 {
	n, err := strconv.ParseUint(cleanText(cell), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (c column) givesPeople() bool {
	return c.field == phones || c.field == onePhone || c.field == chatIDs
}

// sums begin a line of totals, sumKinds may follow them, and footers begin a line that says when the file was made.
var (
	sums = strings.Fields("total totals totais totales subtotal subtotais subtotales sub-total sum suma soma somatório somatorio " +
		"итого всего сумма подытог")
	sumKinds = strings.Fields("geral gerais general generales grand parcial partial общий общая")
	footers  = strings.Fields("gerado gerada emitido emitida impresso exportado exportada generado exported generated printed created " +
		"сформировано создано")
)

// warnTotals warns about the lines of totals that were skipped.
func warnTotals(skipped []int, o Options) {
	if len(skipped) > 0 {
		w := warning(WarnTotals, only(say.WarnTotals))
		w.Lines = skipped
		o.warn(w)
	}
}
