package wire

import "testing"

func TestRedact_HidesWhatWeSentAndKeepsTheProvidersWords(t *testing.T) {
	t.Parallel()
	redact := redactor(nil)
	for _, tt := range []struct{ text, sent, want string }{
		{"rate overlimit", "over", "rate overlimit"},
		{`group "over" is refused`, "over", `group "•••" is refused`},
		{"over", "over", "•••"},
		{"overlimit of over", "over", "overlimit of •••"},
		{"Turma 12 – Café: too long", "Turma 12 – Café", "•••: too long"},
		{"Cafés", "Café", "Cafés"},
		{"🎓: no", "🎓", "•••: no"},
		{"nothing was sent", " ", "nothing was sent"},
	} {
		if got := redact(tt.text, []string{tt.sent}); got != tt.want {
			t.Errorf("%q without %q: got %q, want %q", tt.text, tt.sent, got, tt.want)
		}
	}
}
