package producercmd

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// report collects what becomes of the rows of a create and writes the answer that docs/spreadsheets.md shows.
type report struct {
	r    *rooms
	o    *createOptions
	rows spool
	seen cli.Step
	ids  []string // with --wait: the groups of the rows, where no batch holds them
}

// shownRows is the maximum of rows that a terminal shows. The formats for machines have all rows.
const shownRows = 30

// linesAtOnce is how many lines of a file or a pipe are written at once. There can be millions.
const linesAtOnce = 500

func newReport(r *rooms, o *createOptions) *report { return &report{r: r, o: o} }

func (rep *report) close() { rep.rows.close() }

// step counts a row for the progress.
func (rep *report) step(res enqueue.Result) cli.Step {
	rep.seen.Done++
	if res.Outcome == enqueue.Invalid {
		rep.seen.Failed++
	}
	return rep.seen
}

// wanted reports whether a row is reported. A person who asks for one group by flags wants to know its id.
func (rep *report) wanted(res enqueue.Result) bool {
	return res.Outcome != enqueue.Created || len(res.Unusable) > 0 || rep.o.AllRows || rep.o.File == ""
}

// add takes in one row: written at once as jsonl, kept for the end otherwise.
func (rep *report) add(res enqueue.Result) error {
	if rep.o.Wait && res.ID != "" && (res.Outcome == enqueue.Existed || res.Outcome == enqueue.Updated || rep.o.File == "") {
		rep.ids = append(rep.ids, res.ID)
	}
	switch {
	case !rep.wanted(res):
		return nil
	case rep.r.Format == cli.JSONL:
		return rep.r.Line(res)
	}
	line, err := json.Marshal(res)
	if err != nil {
		return err
	}
	return rep.rows.add(line)
}

// finish waits if it was asked to, writes the answer and settles the exit code.
func (rep *report) finish(ctx context.Context, sum enqueue.Summary) error {
	var ended *ending
	if rep.o.Wait && sum.Created+sum.Existed+sum.Updated > 0 {
		e, err := rep.r.await(ctx, sum.BatchID, rep.ids)
		if err != nil && cli.Code(err) == cli.Interrupted {
			if printing := rep.print(sum, nil); printing != nil {
				return printing
			}
			return cli.Exit(cli.Interrupted, fmt.Errorf("interrupted while waiting; the groups go on: see %s", strings.TrimSpace(Name+" watch "+sum.BatchID)))
		}
		if err != nil {
			return err
		}
		ended = &e
	}
	if err := rep.print(sum, ended); err != nil {
		return err
	}
	if sum.Invalid > 0 || ended != nil && ended.notDone() > 0 {
		return cli.Exit(cli.Partly, nil)
	}
	return nil
}

// waited is the summary with what --wait has seen.
type waited struct {
	enqueue.Summary
	Counts map[group.Status]int `json:"counts,omitempty"`
}

// print writes the answer in the format that was asked for.
func (rep *report) print(sum enqueue.Summary, ended *ending) error {
	w := waited{Summary: sum}
	if ended != nil {
		w.Counts = ended.counts
	}
	switch rep.r.Format {
	case cli.JSONL:
		return rep.r.Line(w)
	case cli.JSON:
		return rep.document(w)
	}
	p := rep.r.Page()
	if sum.BatchID != "" {
		p.Fields("batch", sum.Batch, "id", sum.BatchID)
	}
	updated := ""
	if rep.o.Update {
		updated = fmt.Sprintf(", %d updated", sum.Updated)
	}
	p.Printf("%s: %d created, %d existed%s, %d invalid\n", plural(sum.Total, "row"), sum.Created, sum.Existed, updated, sum.Invalid)
	if sum.People.Total > 0 {
		p.Fields("people", peopleText(sum.People.Total, sum.People.Unusable, sum.People.ByCountry))
	}
	warningsText(p, sum.Warnings)
	if ended != nil {
		p.Printf("%s%s\n", cli.Counts(group.Statuses, ended.counts), cli.MissedOut(ended.missed))
	}
	if err := rep.table(p); err != nil {
		return err
	}
	return p.Flush()
}

// table lists the rows that need attention.
func (rep *report) table(p *cli.Page) error {
	var rows [][]string
	hidden := 0
	err := rep.rows.each(func(line []byte) error {
		var res enqueue.Result
		if err := json.Unmarshal(line, &res); err != nil {
			return err
		}
		if res.Outcome == enqueue.Existed && len(res.Unusable) == 0 && !rep.o.AllRows && rep.o.File != "" {
			return nil // a file that is sent again has thousands of such rows
		}
		if rep.r.OutTTY && len(rows) >= shownRows {
			hidden++
			return nil
		}
		if !rep.r.OutTTY && rows == nil {
			p.Printf("\n")
			rows = [][]string{{"ROW", "LINE", "OUTCOME", "GROUP", "ERROR", "WHAT TO DO"}}
		}
		row := []string{strconv.Itoa(res.Row), lineText(res), string(res.Outcome), res.ID, "", ""}
		if res.Error != nil {
			row[4], row[5] = string(res.Error.Code), res.Error.Message
		}
		if res.Error == nil && res.Changes != nil {
			row[5] = updatedWords(*res.Changes)
		}
		if res.Error != nil || res.Changes != nil || len(res.Unusable) == 0 {
			rows = append(rows, row)
		}
		if c := res.Changes; c != nil {
			for _, who := range c.New {
				rows = append(rows, []string{row[0], row[1], row[2], res.ID, "", "new: " + who})
			}
			for _, who := range c.Gone {
				rows = append(rows, []string{row[0], row[1], row[2], res.ID, "", "gone: " + who + ", who stays in the group"})
			}
		}
		for _, u := range unusableOf(res) {
			rows = append(rows, []string{row[0], row[1], row[2], res.ID, u.Code, u.Message})
		}
		if rep.r.OutTTY || len(rows) < linesAtOnce {
			return nil
		}
		p.Lines(rows)
		rows = rows[:0]
		return p.Flush()
	})
	if err != nil || len(rows) == 0 {
		return err
	}
	if !rep.r.OutTTY {
		p.Lines(rows)
		return nil
	}
	p.Printf("\n")
	for _, row := range rows { // what to do must not be cut off at the terminal's edge
		where := row[0]
		if row[1] != "" {
			where += " (line " + row[1] + ")"
		}
		p.Printf("row %s %s: %s\n", where, row[2], cli.Plain(cmp.Or(row[5], row[3])))
	}
	if hidden > 0 {
		p.Printf("and %d more; --output json shows all of them\n", hidden)
	}
	return nil
}

// lineText returns the line of a row in its file; "" if that is the row's number.
func lineText(res enqueue.Result) string {
	if res.Line == 0 || res.Line == res.Row {
		return ""
	}
	return strconv.Itoa(res.Line)
}

// unusableOf returns the people of a row who cannot be used, unless the row's own error names them.
func unusableOf(res enqueue.Result) []enqueue.Unusable {
	invalid := res.Outcome == enqueue.Invalid
	if invalid && len(res.Unusable) == 1 && res.Error.Code == tasks.BadPhone {
		return nil
	}
	all := slices.Clone(res.Unusable)
	for i, u := range all {
		all[i].Message = cli.Plain(strconv.Quote(u.Input)) + ": " + u.Message
		if !invalid {
			all[i].Message = "without " + all[i].Message
		}
	}
	return all
}

// document writes the one document, its rows from the spool: a file of any size is reported in
// constant memory.
func (rep *report) document(head any) error {
	data, err := json.MarshalIndent(head, "", "  ")
	if err != nil {
		return err
	}
	out := rep.r.Out
	if _, err := fmt.Fprintf(out, "%s,\n  \"rows\": [", bytes.TrimSuffix(data, []byte("\n}"))); err != nil {
		return err
	}
	separator := "\n    "
	err = rep.rows.each(func(line []byte) error {
		_, err := fmt.Fprintf(out, "%s%s", separator, line)
		separator = ",\n    "
		return err
	})
	if err != nil {
		return err
	}
	end := "]\n}\n"
	if separator[0] == ',' {
		end = "\n  " + end
	}
	_, err = io.WriteString(out, end)
	return err
}

// updatedWords says what an update took over and what stays as it was.
func updatedWords(c enqueue.Changes) string {
	text := "1 person added"
	if n := len(c.New); n != 1 {
		text = fmt.Sprintf("%d people added", n)
	}
	for _, f := range c.Fields {
		if f == "names" {
			text += "; names taken over"
		} else {
			text += "; " + f + " differs and stays as it was"
		}
	}
	return text
}

// peopleText counts people, the usable ones by country.
func peopleText(total, unusable int, byCountry map[string]int) string {
	text := strconv.Itoa(total)
	if unusable > 0 {
		text += fmt.Sprintf(", %d cannot be used", unusable)
	}
	countries := slices.SortedFunc(maps.Keys(byCountry), func(a, b string) int {
		return cmp.Or(cmp.Compare(byCountry[b], byCountry[a]), cmp.Compare(a, b))
	})
	for i, country := range countries {
		if i == maxCountries {
			return text + ", …"
		}
		text += fmt.Sprintf(", %s %d", country, byCountry[country])
	}
	return text
}

// maxCountries is the maximum of countries that peopleText names.
const maxCountries = 8

// warningsText shows warnings, each with the first rows or lines that it is about.
func warningsText(p *cli.Page, warnings []enqueue.Warning) {
	for _, w := range warnings {
		warningText(p, w)
	}
}

func warningText(p *cli.Page, w enqueue.Warning) {
	where := ""
	switch {
	case len(w.Rows) > 0:
		where = ", " + numbered(len(w.Rows), "row") + " " + listed(w.Rows)
	case len(w.Lines) > 0:
		where = ", " + numbered(len(w.Lines), "line") + " " + listed(w.Lines)
	}
	p.Printf("warning (%s)%s: %s\n", w.Code, where, cli.Plain(w.Message))
}

// numbered returns the word in front of one number or several.
func numbered(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

// listed names the first few rows.
func listed(rows []int) string {
	const few = 10
	words := make([]string, 0, few+1)
	for i, n := range rows {
		if i == few {
			return strings.Join(words, ", ") + ", …"
		}
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
