package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// reader walks the nodes of a file along the table of fields and gathers faults.
type reader struct {
	file     string
	env      func(string) (string, bool)
	flags    map[string]Flag
	faults   []Fault
	warnings []Fault
	merges   int
	uses     Uses
	lenient  bool // within an unused part
}

// mapping is a mapping that was read, for checks of its keys against each other.
type mapping struct {
	value

	keys map[string]value
}

// at returns the value of a key. If the key is not written, it returns the mapping's own value with the key's path.
func (m mapping) at(name string) value {
	if v, ok := m.keys[name]; ok {
		return v
	}
	v := m.value
	v.path = join(v.path, name)
	return v
}

// has reports whether the key is written.
func (m mapping) has(name string) bool { _, ok := m.keys[name]; return ok }

// section reads a mapping. v.node is nil if the mapping is not written.
func (r *reader) section(v value, children []field, check func(mapping)) {
	m := r.mapping(v, children)
	for _, c := range children {
		r.field(c, m)
	}
	if check != nil {
		check(m)
	}
}

// field reads one key of a mapping.
func (r *reader) field(f field, m mapping) {
	if f.anyway && r.lenient {
		r.lenient = false
		defer func() { r.lenient = true }()
	}
	v, written := m.keys[f.name]
	if over, ok := r.override(f, join(m.path, f.name)); ok {
		v, written = over, true
	}
	switch {
	case f.list:
		if written && !v.null() {
			r.list(f, v)
		}
	case f.named != nil:
		if written && !v.null() {
			r.named(f, v)
		}
	case f.open != nil:
		if written && !v.null() {
			below, check := f.open()
			r.section(v, below, check)
		}
	case f.fields != nil:
		if !written || v.null() {
			v = m.at(f.name)
			v.node = nil
		}
		r.section(v, f.fields, f.check)
	case f.secret != nil:
		r.secret(f, m, v, written)
	case written && v.null():
		v.fault("the key has no value", "give one, or remove the line")
	case written:
		f.read(v)
	case f.dflt != "":
		f.read(r.defaultOf(f, m))
	case f.isRequired():
		m.fault(f.name+" is missing", "add it")
	}
}

func (r *reader) list(f field, v value) {
	items, ok := v.items()
	if !ok {
		return
	}
	defer r.within(f.part)()
	for _, item := range items {
		below, check := f.open()
		r.section(item, below, check)
	}
}

// within begins to read a part that stands inside another one, and returns the function that ends it. A key without a
// part of its own is as lenient as the list that it is in.
func (r *reader) within(p part) func() {
	before := r.lenient
	if p != common {
		r.lenient = r.uses.unused(p)
	}
	return func() { r.lenient = before }
}

// named reads a mapping whose keys are names.
func (r *reader) named(f field, v value) {
	if v.node.Kind != yaml.MappingNode {
		v.fault("expected names with keys below them, found "+kindOf(v.node), "indent the names below it, as docs/configuration.md shows")
		return
	}
	lines := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		k := v.node.Content[i]
		name := v.child(join(v.path, k.Value), k)
		if first := lines[k.Value]; first > 0 {
			name.fault(fmt.Sprintf("the name stands here twice, first on line %d", first), "write the keys of both into one")
			continue
		}
		lines[k.Value] = k.Line
		below, check := f.named(name)
		entry := r.resolve(v.child(name.path, v.node.Content[i+1]))
		entry.line = k.Line
		if entry.null() {
			entry.node = nil
		}
		r.section(entry, below, check)
	}
}

// mapping returns a mapping with its known keys, and adds a fault for every other key.
func (r *reader) mapping(v value, children []field) mapping {
	m := mapping{value: v, keys: map[string]value{}}
	if v.node == nil {
		return m
	}
	if v.node.Kind != yaml.MappingNode {
		v.fault("expected keys with values, found "+kindOf(v.node), "indent the keys below it, as docs/configuration.md shows")
		return m
	}
	known := knownKeys(children)
	lines := map[string]int{}
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		k := v.node.Content[i]
		name := k.Value
		child := r.resolve(v.child(join(v.path, name), v.node.Content[i+1]))
		child.line = k.Line
		switch {
		case k.Kind == yaml.ScalarNode && k.Tag == "!!merge":
			r.merge(v, child, known, m.keys)
		case k.Kind != yaml.ScalarNode:
			child.path = v.path
			child.fault("a key must be a single word", "see docs/configuration.md for the keys")
		case !slices.Contains(known, name):
			child.path = v.path
			child.fault(noKey(name, known), keyRemedy(name, known))
		case lines[name] > 0:
			child.fault(fmt.Sprintf("the key stands here twice, first on line %d", lines[name]), "remove one of the two")
		default:
			lines[name] = k.Line
			m.keys[name] = child
		}
	}
	return m
}

// merge adds the keys of a YAML merge (<<: *anchor) that the mapping itself does not have.
func (r *reader) merge(at, from value, known []string, keys map[string]value) {
	r.merges++
	if r.merges > 1000 {
		at.fault("there are too many merges (<<)", "write the keys out")
		return
	}
	sources := []value{from}
	if from.node.Kind == yaml.SequenceNode {
		sources, _ = from.items()
	}
	for _, s := range sources {
		if s.node.Kind != yaml.MappingNode {
			s.fault("a merge (<<) needs the anchor of a mapping", "write <<: *name, and &name at the mapping it means")
			continue
		}
		for i := 0; i+1 < len(s.node.Content); i += 2 {
			name := s.node.Content[i].Value
			if _, written := keys[name]; written || !slices.Contains(known, name) || writtenIn(at.node, name) {
				continue
			}
			child := r.resolve(at.child(join(at.path, name), s.node.Content[i+1]))
			child.line = s.node.Content[i].Line
			keys[name] = child
		}
	}
}

func writtenIn(m *yaml.Node, name string) bool {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == name {
			return true
		}
	}
	return false
}

// resolve follows an alias. An alias of an alias does not exist in YAML.
func (r *reader) resolve(v value) value {
	if v.node.Kind == yaml.AliasNode && v.node.Alias != nil {
		v.node = v.node.Alias
	}
	return v
}

// override returns the value of a flag or an environment variable, which override the file.
func (r *reader) override(f field, path string) (value, bool) {
	if flag, ok := r.flags[path]; ok {
		return value{r: r, file: flag.Name, path: path, node: scalar(flag.Value), literal: true}, true
	}
	if f.env != "" {
		if text, ok := r.env(f.env); ok && text != "" {
			return value{r: r, file: "$" + f.env, path: path, node: scalar(text), literal: true}, true
		}
	}
	return value{}, false
}

// defaults has the parsed defaults of the table, by their text. Thousands of instances share the nodes, so the nodes
// are never changed.
var defaults sync.Map

func (r *reader) defaultOf(f field, m mapping) value {
	v := m.at(f.name)
	v.literal = true
	if known, ok := defaults.Load(f.dflt); ok {
		v.node = known.(*yaml.Node)
		return v
	}
	var doc yaml.Node
	// A test reads them all.
	if err := yaml.Unmarshal([]byte(f.dflt), &doc); err != nil || len(doc.Content) != 1 {
		m.fault(fmt.Sprintf("the default of %s is unreadable: %v", f.name, err), "this is a fault of rollcall: please report it")
		return value{}
	}
	v.node = doc.Content[0]
	defaults.Store(f.dflt, v.node)
	return v
}

// secret reads a key whose text must not be shown, or its twin that names a file. It reads nothing if the program does
// not use the secret.
func (r *reader) secret(f field, m mapping, v value, written bool) {
	defer r.within(f.part)()
	switch r.uses.of(f.part) {
	case Unused:
		return
	case Optional:
		before := len(r.faults)
		defer func() {
			if len(r.faults) > before {
				r.faults = r.faults[:before]
				*f.secret = Secret{}
			}
		}()
	}
	twin, fromFile := m.keys[f.name+fileTwin]
	switch {
	case written && v.file != r.file: // a flag or a variable overrides both
	case written && fromFile:
		twin.fault(fmt.Sprintf("%s and %s are both given", f.name, f.name+fileTwin), "remove one of the two")
		return
	case fromFile:
		if text, ok := readSecretFile(twin); ok {
			r.take(f, twin, text)
		}
		return
	case !written && f.dflt != "":
		v = r.defaultOf(f, m)
	case !written:
		if f.isRequired() {
			m.fault(f.name+" is missing", fmt.Sprintf("add %s: ${VARIABLE}, or %s: PATH", f.name, f.name+fileTwin))
		}
		return
	}
	if text, ok := v.text(); ok {
		if text == "" {
			v.fault("it is empty", "give it a value, or remove the line")
			return
		}
		r.take(f, v, text)
	}
}

func (r *reader) take(f field, v value, text string) {
	if refuseSample(v, text) {
		return
	}
	*f.secret = NewSecret(text)
	if f.vet != nil {
		f.vet(v, text)
	}
}

const maxSecret = 64 << 10

func readSecretFile(v value) (string, bool) {
	path, ok := v.text()
	if !ok {
		return "", false
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(v.r.file), path)
	}
	file, err := os.Open(path) //nolint:gosec // the user names it
	if err == nil {
		defer file.Close() //nolint:errcheck // only read
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(file, maxSecret+1)); err == nil {
			text := strings.TrimRight(string(data), "\r\n")
			switch {
			case text == "":
				v.fault("the file is empty", "write the secret into it")
			case len(data) > maxSecret:
				v.fault("the file is larger than 64 KiB, so it is not a secret", "name the file that holds the secret alone")
			default:
				return text, true
			}
			return "", false
		}
	}
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		err = pe.Err
	}
	v.fault(fmt.Sprintf("the file cannot be read: %v", err), "correct the path (a relative one starts at the directory of this file) or the file's permissions")
	return "", false
}

func knownKeys(children []field) []string {
	var known []string
	for _, c := range children {
		known = append(known, c.name)
		if c.secret != nil {
			known = append(known, c.name+fileTwin)
		}
	}
	return known
}

// noKey returns the fault of an unknown key. It repeats the name only if it resembles a key, because any other may be a
// secret in the wrong place.
func noKey(name string, known []string) string {
	if nearest(name, known) != "" || elsewhere(name) != "" {
		return fmt.Sprintf("there is no key %q here", cut(name))
	}
	return "there is no such key here"
}

func keyRemedy(typed string, known []string) string {
	if w := nearest(typed, known); w != "" {
		return fmt.Sprintf("did you mean %s?", w)
	}
	if at := elsewhere(typed); at != "" {
		return "it belongs to " + at
	}
	return "the keys here are " + strings.Join(known, ", ")
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
