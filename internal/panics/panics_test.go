package panics_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/panics"
)

func cellAt(cells []string, i int) string { return cells[i] }

func TestCatch_SaysWhatPanickedAndWhere(t *testing.T) {
	t.Parallel()
	read := func(i int) (text string, err error) {
		defer panics.Catch(&err)
		return cellAt([]string{"Turma 12"}, i), nil
	}
	if text, err := read(0); text != "Turma 12" || err != nil {
		t.Errorf("without a panic: got %q, %v", text, err)
	}
	_, err := read(1)
	if err == nil {
		t.Fatal("the panic is no error")
	}
	said := err.Error()
	for _, want := range []string{"panic: runtime error: index out of range [1] with length 1 (", "panics_test.TestCatch_", "panics_test.go:"} {
		if !strings.Contains(said, want) {
			t.Errorf("got %q, want %q in it", said, want)
		}
	}
	if strings.Contains(said, "runtime.") || strings.Contains(said, "\n") {
		t.Errorf("got %q, want one line without the runtime's own functions", said)
	}
}
