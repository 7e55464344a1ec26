package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Flag is a value from the command line. It overrides the environment and the file, so the file's value for its key is
// not read.
type Flag struct {
	Key   string // "redis.url"
	Name  string // "--redis", for faults
	Value string
}

// maxFile is the maximum size of a configuration in bytes. A hundred thousand instances fit.
const maxFile = 64 << 20

// Load reads a configuration: flags first, then the environment, then the file, then the
// defaults. The path "" means no file. The error is Faults, with all faults.
//
// The env function is os.LookupEnv, or a test's own. The configuration's variables are read only through it.
func Load(path string, env func(string) (string, bool), flags ...Flag) (*Config, error) {
	return LoadFor(Uses{}, path, env, flags...)
}

// LoadFor is Load for a program that does not need all of the configuration. It neither reads nor requires the secrets
// of other parts.
func LoadFor(uses Uses, path string, env func(string) (string, bool), flags ...Flag) (*Config, error) {
	var data []byte
	if path != "" {
		var err error
		if data, err = read(path); err != nil {
			if pe, ok := errors.AsType[*os.PathError](err); ok {
				err = pe.Err
			}
			return nil, Faults{{
				File: path, What: fmt.Sprintf("the file cannot be read: %v", err),
				Remedy: "name it with --config or ROLLCALL_CONFIG; examples/rollcall.yaml is one to begin with",
			}}
		}
	}
	return decodeFor(uses, path, data, env, flags)
}

// Default returns the configuration without a file, an environment or flags: no instances, no webhooks.
func Default() *Config {
	c, err := Load("", func(string) (string, bool) { return "", false })
	if err != nil {
		panic("config: the table's own defaults are faulty: " + err.Error()) // a test reads them all
	}
	return c
}

func read(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errors.New("it is larger than 64 MiB")
	}
	return data, err
}

func decodeFor(uses Uses, path string, data []byte, env func(string) (string, bool), flags []Flag) (*Config, error) {
	r := &reader{uses: uses, file: path, env: env, flags: map[string]Flag{}}
	for _, f := range flags {
		r.flags[f.Key] = f
	}
	top := value{r: r, file: path, line: 1}
	if fault, ok := syntax(path, data, &top); !ok {
		return nil, Faults{fault}
	}
	c := &Config{Path: path}
	r.section(top, c.fields(), c.check)
	if len(r.faults) > 0 {
		return nil, Faults(sorted(r.faults))
	}
	c.Warnings = sorted(r.warnings)
	return c, nil
}

// syntax reads the one YAML document into top. An empty file is an empty mapping.
func syntax(path string, data []byte, top *value) (Fault, bool) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		return Fault{}, true
	}
	if err != nil {
		return yamlFault(path, data, err), false
	}
	if len(doc.Content) == 1 {
		root := doc.Content[0]
		if root.Kind != yaml.ScalarNode || root.Tag != "!!null" {
			top.node, top.line = root, root.Line
		}
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		return Fault{File: path, Line: second.Line, What: "a second document begins here (---)", Remedy: "keep one document in one file"}, false
	} else if !errors.Is(err, io.EOF) {
		return yamlFault(path, data, err), false
	}
	return Fault{}, true
}

var yamlLine = regexp.MustCompile(`^line (\d+): `)

// yamlFault returns the YAML parser's error as a fault. The parser counts lines from 1 in most messages, and names
// tokens, but no values.
func yamlFault(path string, data []byte, err error) Fault {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 0
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1]) // the pattern matches digits only
		text = text[len(m[0]):]
	}
	if name, ok := strings.CutPrefix(text, "unknown anchor '"); ok { // the parser repeats what follows the *
		before, _, _ := bytes.Cut(data, []byte("*"+strings.TrimSuffix(name, "' referenced")))
		line = 1 + bytes.Count(before, []byte("\n"))
		return Fault{File: path, Line: line, What: "an alias (*) names no anchor (&)", Remedy: "a value that begins with * or & needs quotes"}
	}
	remedy := "look at the indentation (spaces, never tabs), at the colons and at the quotes, on this line and the one before"
	if strings.Contains(text, "cannot start any token") {
		remedy = "YAML is indented with spaces, never with tabs; a value that begins with @, ` or % needs quotes"
	}
	return Fault{File: path, Line: line, What: "this is not YAML: " + text, Remedy: remedy}
}

// elsewhere returns the section that a misplaced key belongs to, or "".
func elsewhere(name string) string {
	found := ""
	var look func(path string, all []field)
	look = func(path string, all []field) {
		for _, f := range all {
			at := join(path, f.name)
			if f.name == name && found == "" {
				found = orTop(path)
			}
			if f.isSection() {
				switch {
				case f.list:
					at += "[]"
				case f.named != nil:
					at += ".<name>"
				}
				look(at, f.children())
			}
		}
	}
	look("", new(Config).fields())
	return found
}

func orTop(path string) string {
	if path == "" {
		return "the top of the file"
	}
	return path
}
