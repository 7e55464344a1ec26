package config

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is shown instead of a secret.
const mask = "•••"

// Secret is a value that is never shown: not when printed in any way, not in JSON, YAML or a log. The zero value means
// "not given" and is shown as an empty text.
type Secret struct {
	// A pointer, because fmt prints the unexported fields of a struct that holds a Secret without calling its methods.
	// Of a pointer it prints only the address.
	text *string
}

// NewSecret returns a text as a Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Given reports whether there is a text.
func (s Secret) Given() bool { return s.text != nil }

// Equal reports whether the texts are equal.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return mask
}

// GoString hides the text from %#v.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%q)", s.String()) }

// Format hides the text from every verb.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	_, _ = io.WriteString(f, text)
}

// MarshalText hides the text from JSON and from everything built on it, such as zerolog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML hides the text from YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue hides the text from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
