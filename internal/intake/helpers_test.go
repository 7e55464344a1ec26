package intake_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func now() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// rowsOf reads a whole input that must be usable.
func rowsOf(t *testing.T, input string, o intake.Options) []intake.Row {
	t.Helper()
	rows, err := readAll(t, input, o)
	if err != nil {
		t.Fatalf("got %v, want a usable input", err)
	}
	return rows
}

func readAll(t *testing.T, input string, o intake.Options) ([]intake.Row, error) {
	t.Helper()
	var rows []intake.Row
	for row, err := range intake.Read(t.Context(), strings.NewReader(input), o) {
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// shown writes one row per line, for comparing: number, name, phones, chat ids, and the code and field of its error.
func shown(rows []intake.Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d %s", r.N, r.Request.GroupName)
		if len(r.Request.Phones) > 0 {
			fmt.Fprintf(&b, " %v", r.Request.Phones)
		}
		if len(r.Request.ChatIDs) > 0 {
			fmt.Fprintf(&b, " %v", r.Request.ChatIDs)
		}
		if r.Err != nil {
			fmt.Fprintf(&b, " !%s %s", r.Err.Code, r.Err.Field)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func wantUnusable(t *testing.T, input string, o intake.Options, sentence string) {
	t.Helper()
	_, err := readAll(t, input, o)
	var e *intake.Unusable
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an unusable input", err)
	}
	if !strings.Contains(e.Error(), sentence) {
		t.Errorf("got %q, want %q in it", e, sentence)
	}
}

func wantCode(t *testing.T, err *tasks.RowError, code tasks.Code, field string) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want %s", code)
	}
	if err.Code != code || err.Field != field {
		t.Errorf("got %s in %q (%s), want %s in %q", err.Code, err.Field, err.Message, code, field)
	}
}
