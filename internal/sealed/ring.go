package sealed

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// ErrNoKey says that a data key is not in the ring; perhaps it was made since.
var ErrNoKey = errors.New("its data key is not known")

// Ring holds data keys by number; the highest one seals. It is safe for concurrent use.
type Ring struct {
	mu   sync.RWMutex
	keys map[uint64]cipher.AEAD
	top  uint64
}

// NewDataKey draws a data key.
func NewDataKey() []byte {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails since Go 1.24
	return key
}

// Put adds a data key.
func (r *Ring) Put(n uint64, key []byte) error {
	aead, err := aesGCM(key)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys == nil {
		r.keys = make(map[uint64]cipher.AEAD)
	}
	r.keys[n], r.top = aead, max(r.top, n)
	return nil
}

// Replace puts data keys, by number, in place of all that the ring holds.
func (r *Ring) Replace(keys map[uint64][]byte) error {
	fresh := &Ring{}
	for n, key := range keys {
		if err := fresh.Put(n, key); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys, r.top = fresh.keys, fresh.top
	return nil
}

// Top is the number of the data key that seals.
func (r *Ring) Top() uint64 {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.top
}

// Seal appends plain, sealed for a place, to dst.
func (r *Ring) Seal(dst []byte, place string, plain []byte) []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[r.top].Seal(binary.AppendUvarint(dst, r.top), nil, plain, []byte(place)) //nolint:gosec // the AEAD draws the nonce
}

// Number is the data key that something is sealed with; 0 if it is cut off.
func Number(sealed []byte) uint64 {
	n, _ := binary.Uvarint(sealed)
	return n
}

// Open opens what was sealed for this place. It fails with ErrNoKey.
func (r *Ring) Open(place string, sealed []byte) ([]byte, error) {
	n, head := binary.Uvarint(sealed)
	if head <= 0 {
		return nil, errors.New("it is cut off")
	}
	r.mu.RLock()
	aead := r.keys[n]
	r.mu.RUnlock()
	if aead == nil {
		return nil, fmt.Errorf("data key %d: %w", n, ErrNoKey)
	}
	plain, err := aead.Open(nil, nil, sealed[head:], []byte(place))
	if err != nil {
		return nil, errors.New("what is sealed was changed, or belongs to another place")
	}
	return plain, nil
}
