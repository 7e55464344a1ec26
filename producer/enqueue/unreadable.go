package enqueue

import (
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
			row.err = &tasks.RowError{Code: tasks.Removed, Field: "idempotencyKey", Message: "this request was accepted before as group " +
				row.entry.Group.ID + ", and a person removed its record, which could not be read; its group may exist at WhatsApp. " +
				"Look there first. To create it all the same, give the request a new idempotencyKey, or the file a new batch name."}
		case store.Unclear:
			row.err = &tasks.RowError{Code: tasks.Conflict, Field: "idempotencyKey", Message: "what this idempotencyKey was used for " +
				"cannot be read, so nothing was created; `rollcall-producer unreadable list` shows it."}
		}
	}
}

// unreadable is the error of a row whose group is recorded and cannot be read.
func unreadable(row *checked) *tasks.RowError {
	return &tasks.RowError{Code: codeOf(row), Field: "groupName", Message: "the record of this row's group (" + row.entry.Group.ID +
		") cannot be read, so they cannot be compared; `rollcall-producer unreadable list` shows it."}
}
