package provider

import "fmt"

// Token is a secret of the configuration: an instance token, a client token. fmt, the encoding
// packages and the loggers print it as dots. Only Reveal returns the value. Call Reveal only where a request is built.
type Token string

const hidden = "•••"

// Reveal returns the secret itself.
func (t Token) Reveal() string { return string(t) }

// String returns dots, or "" for a token that is not set.
func (t Token) String() string {
	if t == "" {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (t Token) GoString() string { return t.String() }

// Format hides the secret from every verb, even from %x, which does not call String.
func (t Token) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(t.String())) }

// MarshalText hides the secret from JSON, YAML and the loggers.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
