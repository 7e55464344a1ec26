package config

import "strings"

// nearest returns the word that a mistyped one probably means, or "" if none is close.
func nearest(typed string, words []string) string {
	typed = strings.ToLower(strings.ReplaceAll(typed, "-", "_"))
	best, bound := "", max(1, len(typed)/3)+1
	for _, w := range words {
		if d := distance(typed, w); d < bound {
			best, bound = w, d
		}
	}
	return best
}

// distance returns how many letters must be changed, added or left out, or swapped with a neighbour, to make b of a.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		now[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			now[j+1] = min(last[j]+cost, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
