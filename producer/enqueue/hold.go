package enqueue

import (
	"iter"
	"slices"
)

// heldBytes is the approximate maximum of bytes of rows that a run puts aside.
const heldBytes = 32 << 20

// waiting holds the rows that a run puts aside until the input ends. A row with a new name or key may refer to a group
// of an earlier run, unless another row of the input names that group, and that other row may come later.
type waiting struct {
	rows     []Row
	bytes    int
	maxBytes int             // as weigh counts them
	twins    map[string]bool // the names and keys of the rows, as twinOf returns them
	decide   bool            // the input has ended or pauses, or too many rows wait: no row is put aside
}

// hold puts a row aside if means is true (the row refers to a group of an earlier run), or if a row with the same name
// or key is aside already. It reports whether it put the row aside.
func (w *waiting) hold(row *checked, means bool) bool {
	twin := twinOf(row.entry)
	if w.decide || !means && !w.twins[twin] {
		return false
	}
	if w.twins == nil {
		w.twins = map[string]bool{}
	}
	w.twins[twin], row.held = true, true
	w.rows = append(w.rows, row.read())
	w.bytes += weigh(row.asked)
	return true
}

// read returns the row as it was read.
func (row *checked) read() Row {
	return Row{N: row.row, Line: row.line, Comma: row.comma, Request: row.asked}
}

// full reports whether too many rows wait.
func (w *waiting) full() bool { return w.bytes >= w.maxBytes }

// take removes and returns the rows that wait. The run then decides on them from what it has read so far.
func (w *waiting) take() []Row {
	rows := w.rows
	w.rows, w.bytes, w.twins = nil, 0, nil
	return rows
}

// present returns the rows that were not put aside.
func present(rows []checked) []checked {
	return slices.DeleteFunc(rows, func(row checked) bool { return row.held })
}

// chunks divides rows as collect does.
func chunks(rows []Row) iter.Seq[[]Row] {
	return func(yield func([]Row) bool) {
		from, weight := 0, 0
		for i, row := range rows {
			weight += weigh(row.Request)
			if i+1-from == chunkRows || weight >= chunkBytes || i+1 == len(rows) {
				if !yield(rows[from : i+1]) {
					return
				}
				from, weight = i+1, 0
			}
		}
	}
}
