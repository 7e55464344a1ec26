package sealed

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
)

const keyBytes = 32 // AES-256

var keyID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// Masters are the master keys of the configuration; the first one seals.
type Masters []Master

// Master is one master key.
type Master struct {
	ID   string
	aead cipher.AEAD
}

// Parse reads "id:base64" words. Its errors never hold a key.
func Parse(text string) (Masters, error) {
	var all Masters
	for i, word := range strings.Fields(text) {
		id, secret, ok := strings.Cut(word, ":")
		if !ok || !keyID.MatchString(id) {
			return nil, fmt.Errorf("key %d does not begin with its id: small letters, digits and dashes, then a colon", i+1)
		}
		key, err := base64.StdEncoding.DecodeString(secret)
		if err != nil || len(key) != keyBytes {
			return nil, fmt.Errorf("key %d is not base64 of 32 bytes behind its id", i+1)
		}
		if all.find(id) != nil {
			return nil, fmt.Errorf("key %d has the id of another one", i+1)
		}
		aead, err := aesGCM(key)
		if err != nil {
			return nil, err
		}
		all = append(all, Master{ID: id, aead: aead})
	}
	return all, nil
}

// Wrap seals a data key with the first master key.
func (m Masters) Wrap(place string, key []byte) string {
	sealed := m[0].aead.Seal(nil, nil, key, []byte(place)) //nolint:gosec // the AEAD draws the nonce
	return m[0].ID + ":" + base64.StdEncoding.EncodeToString(sealed)
}

// MissingError says which master key is not in the configuration.
type MissingError struct{ ID string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("data in Redis is sealed with the key %q, which redis.encryption_key does not have: write that key too, after the first one", e.ID)
}

// Unwrap opens what Wrap sealed.
func (m Masters) Unwrap(place, text string) ([]byte, error) {
	id, secret, _ := strings.Cut(text, ":")
	master := m.find(id)
	if master == nil {
		return nil, &MissingError{ID: id}
	}
	sealed, err := base64.StdEncoding.DecodeString(secret)
	if err == nil {
		sealed, err = master.aead.Open(nil, nil, sealed, []byte(place))
	}
	if err != nil {
		return nil, fmt.Errorf("the key %q in redis.encryption_key is another one than it was sealed with: write the one that had this id then", id)
	}
	return sealed, nil
}

func (m Masters) find(id string) *Master {
	for i := range m {
		if m[i].ID == id {
			return &m[i]
		}
	}
	return nil
}

// aesGCM draws a nonce for each seal and puts it in front.
func aesGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
