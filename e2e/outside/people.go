package outside

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
)

// Kind is what a person's account lets a stranger do.
type Kind string

// The three kinds of people that matter to somebody who makes groups.
const (
	Addable    Kind = "addable"    // is in the group as soon as it is made
	Blocks     Kind = "blocks"     // has WhatsApp, but only contacts may add them: needs an invite
	NoWhatsApp Kind = "noWhatsApp" // has no account
)

// Person is one account, or the lack of one.
type Person struct {
	Phone  string // the digits WhatsApp knows them by, which need not be the digits typed
	LID    string // the number's stand-in, "…@lid"; empty without an account
	Kind   Kind
	Hidden bool // member lists show the LID in place of the number
}

// Census says who everybody is. People nobody has set are drawn from the seed and their number, so
// the same number is the same person in every group and every run of a seed.
type Census struct {
	Seed uint64
	// Shares of the people nobody has set. The rest can be added.
	BlocksShare, NoWhatsAppShare, HiddenShare float64

	mu  sync.Mutex
	set map[string]Person
}

// Set says who somebody is, in whatever spelling of their number.
func (c *Census) Set(digits string, kind Kind) {
	p := c.draw(Fold(digits))
	p.Kind, p.Hidden = kind, false
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.set == nil {
		c.set = map[string]Person{}
	}
	c.set[p.Phone] = p.settle()
}

// Person is who has this number, in whatever spelling.
func (c *Census) Person(digits string) Person {
	phone := Fold(digits)
	c.mu.Lock()
	p, ok := c.set[phone]
	c.mu.Unlock()
	if ok {
		return p
	}
	return c.draw(phone)
}

func (c *Census) draw(phone string) Person {
	p := Person{Phone: phone, Kind: Addable, Hidden: chance(c.Seed, "hidden", phone) < c.HiddenShare}
	switch x := chance(c.Seed, "kind", phone); {
	case x < c.NoWhatsAppShare:
		p.Kind = NoWhatsApp
	case x < c.NoWhatsAppShare+c.BlocksShare:
		p.Kind = Blocks
	}
	return p.settle()
}

func (p Person) settle() Person {
	p.LID = ""
	if p.Kind != NoWhatsApp {
		p.LID = fmt.Sprintf("1%014d@lid", hash(0, "lid", p.Phone)%1e14)
	}
	return p
}

// Fold gives the digits WhatsApp itself uses for a number. In Brazil the area codes from 31 on kept
// the eight-digit form when the ninth digit came, Mexico has a 1 and Argentina a 9 after the country
// code. Whoever compares what they typed with what a member list shows has to know this.
func Fold(digits string) string {
	switch {
	case strings.HasPrefix(digits, "55") && len(digits) == 13 && digits[4] == '9' && digits[2:4] >= "31":
		return digits[:4] + digits[5:]
	case strings.HasPrefix(digits, "55") && len(digits) == 12 && digits[4] >= '6' && digits[2:4] < "31":
		return digits[:4] + "9" + digits[4:]
	case strings.HasPrefix(digits, "52") && len(digits) == 12:
		return "521" + digits[2:]
	case strings.HasPrefix(digits, "54") && len(digits) == 12:
		return "549" + digits[2:]
	}
	return digits
}

// hash is the only dice: what it gives depends on the words alone, not on who asked first, so a
// seed means the same in every interleaving.
func hash(seed uint64, words ...string) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, seed, "/", strings.Join(words, "/"))
	// FNV's high bits move little for a change in the last byte; one round of splitmix64 spreads it.
	x := h.Sum64() + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// chance is hash as a number from 0 to 1.
func chance(seed uint64, words ...string) float64 {
	return float64(hash(seed, words...)>>11) / (1 << 53)
}
