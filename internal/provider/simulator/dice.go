package simulator

import (
	"hash/fnv"
	"strconv"
)

// dice draws by name instead of by turn: the same seed and the same words always give the same
// number, whatever else was drawn before. That is what makes a person's character stable and
// the misbehaviour of an instance independent of goroutine timing.
type dice struct{ seed uint64 }

// bits hashes the words under the seed; the finalizer is that of SplitMix64, because FNV alone
// leaves neighbouring names with neighbouring high bits.
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

// roll draws from [0, 1).
func (d dice) roll(words ...string) float64 { return float64(d.bits(words...)>>11) / (1 << 53) }

// chance is true with probability p.
func (d dice) chance(p float64, words ...string) bool { return d.roll(words...) < p }

// between draws from [low, high).
func (d dice) between(low, high Duration, words ...string) Duration {
	return low + Duration(d.roll(words...)*float64(high-low))
}

// text draws n characters of the alphabet.
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
