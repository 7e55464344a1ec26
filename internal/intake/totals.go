package intake

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/say"
)

// isTotal recognises a line of totals ("Total;35") or a footer of the export ("Gerado em 28/11/2026"):
// it begins with such a word and holds no phone.
func (l layout) isTotal(cells []string) bool {
	first := 0
	for first < len(cells) && strings.TrimSpace(cells[first]) == "" {
		first++
	}
	if first == len(cells) {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimSpace(cells[first]), " ")
	word = strings.TrimRightFunc(word, unicode.IsPunct)
	is := func(other string) bool { return strings.EqualFold(word, other) }
	sum, footer := slices.ContainsFunc(sums, is), slices.ContainsFunc(footers, is)
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

func (c column) givesPeople() bool {
	return c.field == phones || c.field == onePhone || c.field == chatIDs
}

// sums begin a line of totals; footers begin a line that says when the file was made.
var (
	sums = strings.Fields("total totals totais totales subtotal subtotais subtotales sub-total sum suma soma somatório somatorio " +
		"итого всего сумма подытог")
	footers = strings.Fields("gerado gerada emitido emitida impresso exportado exportada generado exported generated printed created " +
		"сформировано создано")
)

// warnTotals warns of the lines of totals that were skipped.
func (l *lines) warnTotals(o Options) {
	if len(l.totals) > 0 {
		w := warning(WarnTotals, only(say.WarnTotals))
		w.Lines = l.totals
		o.warn(w)
	}
}
