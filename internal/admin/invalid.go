package admin

import (
	"strconv"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// shownInvalid is how many invalid rows a batch's page shows. The CSV file has all stored ones.
const shownInvalid = 50

// invalidRows has the rows of a batch that were not accepted.
type invalidRows struct {
	Rows []invalidRow // the first
	Kept int
	Of   int // all that were invalid
}

// More returns how many are not shown.
func (i invalidRows) More() int { return i.Of - len(i.Rows) }

type invalidRow struct{ store.InvalidRow }

// Said returns what is wrong and what to do.
func (r invalidRow) Said() say.Phrase {
	if why := say.Phrase(r.Why); !why.Zero() {
		return why
	}
	return say.Words(r.Code)
}

func (p *Page) invalidOf(v *visit, batch string, of int) (invalidRows, error) {
	found := invalidRows{Of: of}
	if of == 0 {
		return found, nil
	}
	rows, err := p.invalidStored(v, batch)
	found.Kept = len(rows)
	for _, r := range rows[:min(len(rows), shownInvalid)] {
		found.Rows = append(found.Rows, invalidRow{r})
	}
	return found, err
}

// invalidStored returns the stored invalid rows of a batch that the visitor may see.
func (p *Page) invalidStored(v *visit, batch string) ([]store.InvalidRow, error) {
	b, err := v.shown().BatchRecord(v.ctx(), batch)
	if err != nil {
		return nil, err
	}
	return p.Store.Index.InvalidRows(v.ctx(), b)
}

// invalidCSV answers with all stored invalid rows, in the visitor's language.
func (p *Page) invalidCSV(v *visit) error {
	rows, err := p.invalidStored(v, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="invalid-rows.csv"`)
	g := v.tongue()
	out, err := intake.NewSheet(v.w, intake.Form{}, g.text("plan-row"), g.text("plan-line"), g.text("column"), g.text("code"), g.text("plan-why"))
	if err != nil {
		return err
	}
	for _, r := range rows { // errors are sticky: the client may have left
		_ = out.Write(strconv.Itoa(r.Row), lineText(r.Line), phone.Mask(r.Field), r.Code, g.voice(v.now).Say(invalidRow{r}.Said()))
	}
	_ = out.Close()
	return nil
}

// lineText returns the line where a row begins in its file; "" for a row without a file.
func lineText(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line)
}
