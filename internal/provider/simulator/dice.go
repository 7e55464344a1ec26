package simulator

import (
	"hash/fnv"
	"strconv"
)

// dice draws numbers by words: the same seed and the same words always give the same number, whatever else was drawn
// before. So a person's character is stable, and the misbehaviour of an instance does not depend on the timing of
// goroutines.
type dice struct{ seed uint64 }

// bits returns a hash of the words under the seed. It ends with the finalizer of SplitMix64, because with FNV alone,
// neighbouring names would have neighbouring high bits.
func (d dice) bits(words ...string) uint64 {
	h := fnv.New64a()
	for _, w := range words {
		_, _ = h.Write([]byte(w))
		_, _ = h.Write([]byte{0})
	}
	x := h.Sum64() ^ (d.seed * 0x9E3779B97F4A7C15)
	x ^= x >> 30
	x *= 0xBF58476D1CE4E5B9
	x ^= x >> 27
	x *= 0x94D049BB133111EB
	return x ^ x>>31
}

// roll returns a number from [0, 1).
func (d dice) roll(words ...string) float64 { return float64(d.bits(words...)>>11) / (1 << 53) }

// chance returns true with probability p.
func (d dice) chance(p float64, words ...string) bool { return d.roll(words...) < p }

// between returns a duration from [low, high).
func (d dice) between(low, high Duration, words ...string) Duration {
	return low + Duration(d.roll(words...)*float64(high-low))
}

// text returns n characters of the alphabet.
func (d dice) text(n int, alphabet string, words ...string) string {
	out := make([]byte, n)
	for i := range out {
		x := d.bits(append(words, strconv.Itoa(i))...)
		out[i] = alphabet[x%uint64(len(alphabet))]
	}
	return string(out)
}

const (
	decimals = "0123456789"
	hexes    = "0123456789ABCDEF"
	letters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)
