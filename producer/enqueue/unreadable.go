package enqueue

import (
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// refuseUnreadable refuses the rows whose request was accepted before and can be compared with nothing:
// a second group could be made of it.
func refuseUnreadable(rows []checked) {
	for i := range rows {
		row := &rows[i]
		if row.err != nil {
			continue
		}
		switch row.entry.Outcome {
		case store.Removed:
			row.err = tasks.NewRowError(tasks.Removed, "idempotencyKey", say.Phrase{Code: say.RowRemoved, Name: row.entry.Group.ID})
		case store.Unclear:
			row.err = tasks.NewRowError(tasks.Conflict, "idempotencyKey", say.Phrase{Code: say.RowUnclear})
		}
	}
}

// unreadable is the error of a row whose group is recorded and cannot be read.
func unreadable(row *checked) *tasks.RowError {
	return tasks.NewRowError(codeOf(row), "groupName", say.Phrase{Code: say.RowUnread, Name: row.entry.Group.ID})
}
