package cli

import (
	"fmt"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
)

// Counts says how many are in each state, in the given order.
func Counts[S ~string](order []S, counts map[S]int) string {
	var parts []string
	for _, s := range order {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// GroupState returns the state of a group in words, and for a partly done group how many people missed out.
func GroupState(d group.Document) string {
	if d.Worst != group.WorstPartly {
		return string(d.Status)
	}
	return string(d.Status) + MissedOut(group.MissedOut(d.Counts))
}

// MissedOut returns the suffix of a state: how many people are neither in their group nor invited to it; "" for none.
func MissedOut(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return ", 1 person missed out"
	}
	return fmt.Sprintf(", %d people missed out", n)
}
