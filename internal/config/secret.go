package config

import (
	"fmt"
	"io"
	"log/slog"
)

// mask is what is shown in a secret's place.
const mask = "•••"

// Secret is a value that does not show itself: not when printed in any way, not in JSON, YAML or
// a log. The zero value is "not given" and shows as nothing.
type Secret struct {
	// A pointer, because fmt prints the unexported fields of a struct that holds a Secret without calling its methods.
	// Of a pointer it prints only the address.
	text *string
}

// NewSecret wraps a secret text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal is the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Given says whether there is a text at all.
func (s Secret) Given() bool { return s.text != nil }

// Equal compares the texts.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return mask
}

// GoString is for %#v.
func (s Secret) GoString() string { return fmt.Sprintf("config.Secret(%q)", s.String()) }

// Format answers every verb alike.
func (s Secret) Format(f fmt.State, verb rune) {
	text := s.String()
	if verb == 'v' && f.Flag('#') {
		text = s.GoString()
	}
	_, _ = io.WriteString(f, text)
}

// MarshalText is for JSON and everything built on it, zerolog among them.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML is for YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue is for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
