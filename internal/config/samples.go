package config

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// samples are all secrets that ever stood in our documents and examples, and the words that stand
// there in a secret's place. Everybody knows them, so none of them may work.
var samples = []string{
	"foo", "rck_for_the_simulators_only", "sim-hook-secret",
	"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	"password", "PASSWORD", "secret", "SECRET", "key", "KEY", "changeme",
}

const (
	sampleWhat   = "it is a sample from rollcall's documents, which everybody knows"
	sampleRemedy = "make one of your own: openssl rand -base64 24"
)

// isSample says that a secret, or one of several in one text, is known to everybody.
func isSample(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		if _, key, ok := strings.Cut(word, ":"); ok && slices.Contains(samples, key) { // of an encryption key, behind its id
			return true
		}
		return slices.Contains(samples, word) || slices.Contains(samples, strings.TrimPrefix(word, whsec))
	})
}

// isSampleHash says that a hash is that of a key that everybody knows.
func isSampleHash(hash string) bool {
	return slices.ContainsFunc(samples, func(s string) bool {
		sum := sha256.Sum256([]byte(s))
		return hash == "sha256:"+hex.EncodeToString(sum[:])
	})
}

// refuseSample is the fault of a secret that is a sample.
func refuseSample(v value, text string) bool {
	if !isSample(text) {
		return false
	}
	v.fault(sampleWhat, sampleRemedy)
	return true
}

// passwordOf is the password in an address, "" where none can be read.
func passwordOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	password, _ := u.User.Password()
	return password
}
