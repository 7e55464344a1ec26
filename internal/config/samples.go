package config

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// samples are all secrets that were ever in our documents and examples, and the words that stand for a secret there.
// They are public, so rollcall accepts none of them.
var samples = []string{
	"foo", "rck_for_the_simulators_only", "sim-hook-secret",
	"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
	"password", "PASSWORD", "secret", "SECRET", "key", "KEY", "changeme",
}

const (
	sampleWhat   = "it is a sample from rollcall's documents, which are public"
	sampleRemedy = "make one of your own: openssl rand -base64 24"
)

// isSample reports whether a secret, or one of several in one text, is a public sample.
func isSample(text string) bool {
	return slices.ContainsFunc(strings.Fields(text), func(word string) bool {
		if _, key, ok := strings.Cut(word, ":"); ok && slices.Contains(samples, key) { // an encryption key without its id
			return true
		}
		return slices.Contains(samples, word) || slices.Contains(samples, strings.TrimPrefix(word, whsec))
	})
}

// isSampleHash reports whether a hash is the hash of a public sample key.
func isSampleHash(hash string) bool {
	return slices.ContainsFunc(samples, func(s string) bool {
		sum := sha256.Sum256([]byte(s))
		return hash == "sha256:"+hex.EncodeToString(sum[:])
	})
}

// refuseSample reports whether a secret is a sample, and adds a fault if it is.
func refuseSample(v value, text string) bool {
	if !isSample(text) {
		return false
	}
	v.fault(sampleWhat, sampleRemedy)
	return true
}

// passwordOf returns the password in an address, or "" if it has none or cannot be read.
func passwordOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	password, _ := u.User.Password()
	return password
}
