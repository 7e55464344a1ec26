package enqueue

import (
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// refuseUnreadable refuses rows whose earlier request cannot be read for comparison: accepting them could make
// a second group.
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

// unreadable returns the error of a row whose recorded group cannot be read.
func unreadable(row *checked) *tasks.RowError {
	return tasks.NewRowError(codeOf(row), "groupName", say.Phrase{Code: say.RowUnread, Name: row.entry.Group.ID})
}
