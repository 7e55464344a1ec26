package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"strings"
)

const (
	keyPrefix   = "rck_"
	keyRandom   = 32 // base62 digits: 190 bits
	keyChecksum = 6  // base62 digits that hold a CRC-32
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// NewKey makes a key. Prefix and checksum let scanners for leaked secrets recognise it without
// a request; a double click selects all of it. Only its holder knows it: the configuration has only its KeyHash.
func NewKey() string {
	var b strings.Builder
	b.WriteString(keyPrefix)
	for b.Len() < len(keyPrefix)+keyRandom {
		var one [1]byte
		_, _ = rand.Read(one[:])                 // never fails since Go 1.24
		if n := int(one[0]); n < 4*len(base62) { // larger values would make some digits more frequent
			b.WriteByte(base62[n%len(base62)])
		}
	}
	return b.String() + checksum(b.String())
}

// WellFormedKey reports whether a text has the form of NewKey, checksum included. A server also takes other
// keys whose hash is configured.
func WellFormedKey(text string) bool {
	const size = len(keyPrefix) + keyRandom + keyChecksum
	return len(text) == size && strings.HasPrefix(text, keyPrefix) && checksum(text[:size-keyChecksum]) == text[size-keyChecksum:]
}

func checksum(text string) string {
	n := crc32.ChecksumIEEE([]byte(text))
	var digits [keyChecksum]byte
	for i := keyChecksum - 1; i >= 0; i-- {
		digits[i] = base62[n%uint32(len(base62))]
		n /= uint32(len(base62))
	}
	return string(digits[:])
}

// KeyHash returns the form in which the configuration keeps a key.
func KeyHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "sha256:" + hex.EncodeToString(sum[:])
}
