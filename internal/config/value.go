package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// value is one value and where it stands.
type value struct {
	r    *reader
	file string
	path string
	line int
	node *yaml.Node
	// literal says that the value comes from a flag, a variable or a default: variables in it are not replaced.
	literal bool
}

func (v value) child(path string, n *yaml.Node) value {
	v.path, v.node, v.line = path, n, n.Line
	return v
}

func (v value) null() bool {
	return v.node != nil && v.node.Kind == yaml.ScalarNode && v.node.Tag == "!!null"
}

func (v value) fault(what, remedy string) { v.r.faults = append(v.r.faults, v.finding(what, remedy)) }

// warn adds a warning of a setting that works but is probably not intended.
func (v value) warn(what, remedy string) {
	v.r.warnings = append(v.r.warnings, v.finding(what, remedy))
}

func (v value) finding(what, remedy string) Fault {
	return Fault{File: v.file, Line: v.line, Key: v.path, What: what, Remedy: remedy}
}

// raw returns what is written, before variables are replaced: the only form that a fault may repeat.
func (v value) raw() string { return strconv.Quote(cut(v.node.Value)) }

// text returns the single value, with variables replaced. Quotes do not matter: `off` is the word off, never a boolean.
func (v value) text() (string, bool) {
	if v.node.Kind != yaml.ScalarNode {
		v.fault("expected one value, found "+kindOf(v.node), "write a single value")
		return "", false
	}
	if v.literal {
		return v.node.Value, true
	}
	return expand(v, v.node.Value)
}

// scalarText returns v's text if v is a single value. Otherwise it returns false and adds no fault.
func scalarText(v value) (string, bool) {
	if v.node.Kind != yaml.ScalarNode {
		return "", false
	}
	return v.text()
}

// items returns the elements of a list.
func (v value) items() ([]value, bool) {
	if v.node.Kind != yaml.SequenceNode {
		v.fault("expected a list, found "+kindOf(v.node), "write [a, b], or one line with a dash for each")
		return nil, false
	}
	all := make([]value, 0, len(v.node.Content))
	for i, n := range v.node.Content {
		item := v.child(fmt.Sprintf("%s[%d]", v.path, i), n)
		if v.literal {
			item.line = v.line
		}
		all = append(all, v.r.resolve(item))
	}
	return all, true
}

// str reads a text that must not be empty and that ok accepts.
func str(to *string, ok func(v value, text string) bool) func(value) {
	return func(v value) {
		text, good := v.text()
		switch {
		case !good:
		case strings.TrimSpace(text) == "":
			v.fault("it is empty", "give it a value, or remove the line")
		case ok == nil || ok(v, text):
			*to = text
		}
	}
}

// word reads one of the given words.
func word[T ~string](to *T, words ...T) func(value) {
	return func(v value) {
		text, ok := v.text()
		if !ok {
			return
		}
		all := make([]string, len(words))
		for i, w := range words {
			if T(text) == w {
				*to = w
				return
			}
			all[i] = string(w)
		}
		remedy := "write " + strings.Join(all, " or ")
		if w := nearest(text, all); w != "" {
			remedy = fmt.Sprintf("did you mean %s?", w)
		}
		v.fault(v.raw()+" is not possible here", remedy)
	}
}

func boolean(to *bool) func(value) {
	return func(v value) {
		text, ok := v.text()
		if !ok {
			return
		}
		switch strings.ToLower(text) {
		case "true":
			*to = true
		case "false":
			*to = false
		default:
			v.fault(v.raw()+" is neither true nor false", "write true or false")
		}
	}
}

// whole reads a whole number of 0 or more.
func whole(to *int) func(value) {
	return func(v value) {
		text, ok := v.text()
		if !ok {
			return
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			v.fault(v.raw()+" is not a whole number from 0 up", "write one, for example 20")
			return
		}
		*to = n
	}
}

// number reads a number from lowest to highest.
func number(to *float64, lowest, highest float64) func(value) {
	return func(v value) {
		text, ok := v.text()
		if !ok {
			return
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || !(n >= lowest && n <= highest) { // NaN is in no range
			v.fault(fmt.Sprintf("%s is not a number from %g to %g", v.raw(), lowest, highest), "write one with a point, for example "+v.example(lowest))
			return
		}
		*to = n
	}
}

func (v value) example(lowest float64) string {
	if lowest >= 1 {
		return "2"
	}
	return "0.2"
}

// duration reads a Go duration of at least shortest.
func duration(to *time.Duration, shortest time.Duration) func(value) {
	return func(v value) {
		if d, ok := v.duration(shortest); ok {
			*to = d
		}
	}
}

// durationWithin reads a Go duration from shortest to longest.
func durationWithin(to *time.Duration, shortest, longest time.Duration) func(value) {
	return func(v value) {
		d, ok := v.duration(shortest)
		switch {
		case !ok:
		case d > longest:
			v.fault(fmt.Sprintf("%s is too long, at most %v is possible", v.raw(), longest), "write a shorter one")
		default:
			*to = d
		}
	}
}

func (v value) duration(shortest time.Duration) (time.Duration, bool) {
	text, ok := v.text()
	if !ok {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		v.fault(v.raw()+" is not a duration", durationRemedy(text))
	case d < 0:
		v.fault(v.raw()+" is negative", "write it without the minus sign")
	case d < shortest:
		v.fault(fmt.Sprintf("%s is too short, at least %v is needed", v.raw(), shortest), "write a longer one")
	default:
		return d, true
	}
	return 0, false
}

func durationRemedy(text string) string {
	if _, err := strconv.Atoi(text); err == nil && len(text) < 10 {
		return fmt.Sprintf("add the unit, for example %ss", text)
	}
	if n, err := strconv.Atoi(strings.TrimSuffix(text, "d")); err == nil && n >= 0 && n < 100_000 {
		return fmt.Sprintf("days have no unit here: write %dh", 24*n)
	}
	return "write one with its unit, for example 90s, 5m or 1h30m"
}

// durations reads a list of durations. If growing is set, each must be longer than the one before.
func durations(to *[]time.Duration, growing bool) func(value) {
	return func(v value) {
		items, ok := v.items()
		if !ok {
			return
		}
		if len(items) == 0 {
			v.fault("the list is empty", "give at least one duration")
			return
		}
		var all []time.Duration
		for _, item := range items {
			d, ok := item.duration(0)
			if !ok {
				return
			}
			if growing && len(all) > 0 && d <= all[len(all)-1] {
				item.fault(fmt.Sprintf("%s must be later than %v", item.raw(), all[len(all)-1]), "order the list from early to late, each once")
				return
			}
			all = append(all, d)
		}
		*to = all
	}
}

func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias of itself"
	}
	return "a single value"
}

func scalar(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

// cut shortens a text that a fault repeats.
func cut(text string) string {
	const maxLength = 60
	if r := []rune(text); len(r) > maxLength {
		return string(r[:maxLength]) + "…"
	}
	return text
}
