package config

import (
	"fmt"
	"regexp"
	"strings"
)

// variable finds "${NAME}", its escape "$${", and a malformed "${". It does not find "${{": no name begins with a
// brace, and a price before a template's action is written "R${{…".
var variable = regexp.MustCompile(`\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{[^{]|\$\{$`)

// expand returns a text with its variables replaced. A missing or malformed one is a fault of v.
func expand(v value, text string) (string, bool) {
	if !strings.Contains(text, "${") {
		return text, true
	}
	ok := true
	out := variable.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$${" {
			return "${"
		}
		name := strings.TrimSuffix(strings.TrimPrefix(found, "${"), "}")
		if m := variable.FindStringSubmatch(found); m[1] == "" {
			v.fault("a ${ without a variable's name and a closing brace", "write ${NAME}, or $${ for the two characters themselves")
			ok = false
			return ""
		}
		got, set := v.r.env(name)
		if !set && v.r.lenient {
			ok = false
		} else if !set {
			v.fault(fmt.Sprintf("the environment variable %s is not set", name), "set it for this process, or write the value here")
			ok = false
		}
		return got
	})
	return out, ok
}
