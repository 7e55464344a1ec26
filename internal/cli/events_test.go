package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/cli"
)

const eventsPath = "../../docs/events.md"

const eventsHead = `<!-- Generated from the code: go test ./internal/cli -run Events -update -->

# Events of the log

Every line of the log that stands here has a field ` + "`event`" + ` whose value is stable: alert on it, not on the
message, which may be written better some day. With ` + "`--log-format json`" + ` a line is a JSON object with ` + "`level`" + `,
` + "`time`" + `, ` + "`event`" + `, ` + "`message`" + ` and the fields listed here; more may come. No line holds a telephone number, a text
that somebody wrote to people, or a secret. Info is a change, warn says that a person may need to act, error
that they do; debug is for whoever looks for something.

| event | level | message | fields |
|---|---|---|---|
`

// line is a line of the log as the code writes it.
type line struct {
	level, message, where string
	fields                []string
}

// text is a string of the code, also one put together of several; "" for what is none.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(e.Value)
		return s
	case *ast.BinaryExpr:
		if a, b := text(e.X), text(e.Y); a != "" && b != "" {
			return a + b
		}
	}
	return ""
}

// lines finds all calls of Msg with a constant message, in all that goes into the programs.
func lines(t *testing.T) []line {
	t.Helper()
	var all []line
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "e2e" || d.Name() == "simulator") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); !ok || s.Sel.Name != "Msg" || text(call.Args[0]) == "" {
				return true
			}
			l := line{message: text(call.Args[0]), where: path}
			for at := ast.Expr(call); at != nil; {
				c, ok := at.(*ast.CallExpr)
				if !ok {
					break
				}
				s, ok := c.Fun.(*ast.SelectorExpr)
				if !ok {
					break
				}
				switch name := s.Sel.Name; name {
				case "Debug", "Info", "Warn", "Error":
					l.level = strings.ToLower(name)
				case "Err":
					l.fields = append(l.fields, "error")
				default:
					if len(c.Args) == 2 && text(c.Args[0]) != "" {
						l.fields = append(l.fields, text(c.Args[0]))
					}
				}
				at = s.X
			}
			slices.Reverse(l.fields)
			all = append(all, l)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestEventsOfTheLogHaveStableNamesThatTheDocumentLists(t *testing.T) {
	t.Parallel()
	found := lines(t)
	if len(found) < 50 {
		t.Fatalf("found %d lines of the log only", len(found))
	}
	named, seen := cli.Events(), map[string]bool{}
	var rows []string
	for _, l := range found {
		name := named[l.message]
		if name == "" {
			t.Errorf("%s: %q has no stable name; give it one in internal/cli/events.go", l.where, l.message)
			continue
		}
		if !seen[l.message] {
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, l.level, strings.ReplaceAll(l.message, "|", `\|`), strings.Join(l.fields, ", ")))
		}
		seen[l.message] = true
	}
	for message, name := range named {
		if !seen[message] {
			t.Errorf("%s: nothing logs %q any more", name, message)
		}
	}
	slices.Sort(rows)
	want := eventsHead + strings.Join(rows, "")
	if *update {
		if err := os.WriteFile(eventsPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(eventsPath); err != nil || string(have) != want {
		t.Errorf("docs/events.md is stale (%v); write it anew: go test ./internal/cli -run Events -update", err)
	}
}

func TestALineOfTheLogCarriesItsEventsName(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := zerolog.New(&out).Hook(cli.NameEvents)
	log.Info().Str("group", "grp_1").Msg("group created")
	log.Info().Msg("a text of somebody else")
	var first, second map[string]any
	d := json.NewDecoder(&out)
	if err := d.Decode(&first); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&second); err != nil {
		t.Fatal(err)
	}
	if first["event"] != "group_created" || first["group"] != "grp_1" || second["event"] != nil {
		t.Errorf("got %v and %v", first, second)
	}
}
