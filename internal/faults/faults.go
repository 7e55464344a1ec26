// Package faults groups failed groups by their fault, and says in plain words what happened and what helps. It
// knows our own errors, the network's, and those that the providers add (docs/providers.md).
//
//	refused:number ── a group's fault: the code of its error, and what caused it
//	        └─ a Cause of the catalogue, or "other-<hash>" of words that are not listed
package faults

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/say"
)

// causes is the catalogue: the common causes with what the providers add to them, and the providers' own. Read
// searches it in order: for our codes, then for words, then for a status.
var causes = catalogue(common, all.Providers())

// catalogue orders the causes: the providers' own, the common ones, then the vague ones.
func catalogue(common []spec.Cause, providers []*spec.Provider) []spec.Cause {
	shared := slices.Clone(common)
	var own, vague []spec.Cause
	for _, p := range providers {
		for _, c := range p.Causes {
			if i := slices.IndexFunc(shared, func(one spec.Cause) bool { return one.Key == c.Key }); i >= 0 {
				shared[i].Says = slices.Concat(shared[i].Says, c.Says)
				shared[i].Codes = slices.Concat(shared[i].Codes, c.Codes)
				shared[i].Status = cmp.Or(shared[i].Status, c.Status)
				continue
			}
			if c.Vague {
				vague = append(vague, c)
			} else {
				own = append(own, c)
			}
		}
	}
	return slices.Concat(own, shared, vague)
}

// Read finds the cause behind an HTTP status and what was said: by our code, or by the words of a provider or
// the network. ok is false for what is not listed.
func Read(status int, said say.Phrase) (c spec.Cause, ok bool) {
	if said.Is(say.CallFailed, say.ProviderSays) && len(said.Why) > 0 {
		status, said = said.N, said.Why[0]
	}
	for _, c := range causes {
		if said.Is(c.Codes...) {
			return c, true
		}
	}
	lower := strings.ToLower(said.Text)
	for _, c := range causes {
		for _, words := range c.Says {
			if strings.Contains(lower, words) {
				return c, true
			}
		}
	}
	for _, c := range causes {
		if c.Status != 0 && (c.Status == status || strings.Contains(lower, fmt.Sprintf("http %d", c.Status))) {
			return c, true
		}
	}
	return spec.Cause{}, false
}

// Causes returns the whole catalogue, in the order in which it is searched.
func Causes() []spec.Cause { return causes }

// Lookup finds a cause by its key.
func Lookup(key string) (spec.Cause, bool) {
	for _, c := range causes {
		if c.Key == key {
			return c, true
		}
	}
	return spec.Cause{}, false
}

// Of returns the fault of a group that failed or is in review, and "" for every other group. Groups of one fault
// have one cause and one remedy.
func Of(g *group.Group) string {
	if g.Error == nil || g.Status != group.Failed && g.Status != group.Review {
		return ""
	}
	code := string(g.Error.Code)
	switch g.Error.Code {
	case group.CodeRefused, group.CodeGaveUp:
		if a := g.Latest(); a != nil {
			return code + ":" + keyOf(a.HTTPStatus, a.Error)
		}
	case group.CodeUnverifiable:
		if m := g.Error.Message; m.Is(say.ErrorListsUnread, say.ErrorRollUnread) && len(m.Why) > 0 {
			return code + ":" + keyOf(0, m.Why[0])
		}
	default:
	}
	return code
}

func keyOf(status int, said say.Phrase) string {
	if c, ok := Read(status, said); ok {
		return c.Key
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(string(said.Code) + shape(said.Text))) // never fails
	return fmt.Sprintf("other-%08x", h.Sum32())
}

// shape replaces the digits of a text, because numbers and ids differ each time.
func shape(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= '0' && r <= '9', r == '•':
			if !strings.HasSuffix(b.String(), "#") {
				b.WriteByte('#')
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Parse takes a fault apart: the error's code and the cause's key, which may be "".
func Parse(fault string) (group.Code, string) {
	code, cause, _ := strings.Cut(fault, ":")
	return group.Code(code), cause
}

// Retryable reports whether it is safe to retry all groups of a fault: they certainly do not exist, and a create may
// succeed. Groups of other faults need a decision each.
func Retryable(code group.Code) bool {
	switch code {
	case group.CodeRefused, group.CodeNoMembers, group.CodeGaveUp:
		return true
	default:
		return false
	}
}

// Corrigible reports whether a fault is in the request itself, so that only a corrected request helps.
func Corrigible(fault string) bool {
	_, key := Parse(fault)
	cause, ok := Lookup(key)
	return ok && (cause.Scope == spec.OfRequest || cause.Scope == spec.OfPerson)
}

// Undecided reports whether the groups of a fault are in review, where a person decides on each. Groups of other faults
// have failed.
func Undecided(code group.Code) bool {
	switch code {
	case group.CodeAmbiguous, group.CodeUnverifiable, group.CodeDuplicate, group.CodePoison:
		return true
	default:
		return false
	}
}
