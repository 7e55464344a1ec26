package cli_test

import (
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
)

const (
	eventsSource = "../event/event.go"
	eventsPath   = "../../docs/events.md"
)

const eventsHead = `<!-- Generated from the code: go test ./internal/cli -run Events -update -->

# Events of the log

Every line of the log has a field ` + "`event`" + ` with a stable value. Alert on it and not on the message, which may change.
With ` + "`--log-format json`" + ` a line is a JSON object with ` + "`level`" + `, ` + "`time`" + `, ` + "`event`" + `, ` + "`message`" + ` and the fields listed here; it may
have more. No line holds a telephone number, the text of a message to people, or a secret. A line of level
info reports a change, one of warn may need a person, one of error needs one, and debug helps to find a fault.

| event | written when | fields |
|---|---|---|
`

// logLine is a line of the log as the code writes it.
type logLine struct {
	event, message string // the constant's name without "event.", and the message; "" if it is not a constant
	fields         []string
	at             token.Position
}

// faults lists what is wrong with a line.
func (l logLine) faults() []string {
	var all []string
	if l.event == "" {
		all = append(all, "has no EmbedObject(event.…)")
	}
	switch words := len(strings.Fields(l.message)); {
	case words == 0:
		all = append(all, "has no constant message")
	case words > 6:
		all = append(all, fmt.Sprintf("has a message of %d words, want at most 6: put what varies into a field, and the meaning into %s", words, eventsSource))
	}
	return all
}

// text returns the value of a string literal, and "" for any other expression.
func text(e ast.Expr) string {
	if literal, ok := e.(*ast.BasicLit); ok && literal.Kind == token.STRING {
		s, _ := strconv.Unquote(literal.Value)
		return s
	}
	return ""
}

// method returns the called method and what it is called on, or nil if e is no such call.
func method(e ast.Expr) (*ast.CallExpr, *ast.SelectorExpr) {
	if call, ok := e.(*ast.CallExpr); ok {
		if s, ok := call.Fun.(*ast.SelectorExpr); ok {
			return call, s
		}
	}
	return nil, nil
}

// logLines returns the lines of the log that a file writes.
func logLines(files *token.FileSet, file *ast.File) []logLine {
	var all []logLine
	ast.Inspect(file, func(n ast.Node) bool {
		e, _ := n.(ast.Expr)
		end, s := method(e)
		if end == nil {
			return true
		}
		switch s.Sel.Name {
		case "Msg", "Msgf", "MsgFunc":
		case "Send":
			if len(end.Args) > 0 {
				return true
			}
		default:
			return true
		}
		l := logLine{at: files.Position(s.Sel.Pos())}
		if s.Sel.Name == "Msg" && len(end.Args) == 1 {
			l.message = text(end.Args[0])
		}
		for call, s := method(s.X); call != nil; call, s = method(s.X) {
			switch s.Sel.Name {
			case "EmbedObject":
				if of, ok := call.Args[0].(*ast.SelectorExpr); ok {
					if room, ok := of.X.(*ast.Ident); ok && room.Name == "event" {
						l.event = of.Sel.Name
					}
				}
			case "Err":
				l.fields = append(l.fields, "error")
			default:
				if len(call.Args) == 2 && text(call.Args[0]) != "" {
					l.fields = append(l.fields, text(call.Args[0]))
				}
			}
		}
		slices.Reverse(l.fields)
		all = append(all, l)
		return true
	})
	return all
}

// productLog returns the log lines that the code of the programs writes.
func productLog(t *testing.T) []logLine {
	t.Helper()
	var all []logLine
	files := token.NewFileSet()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "node_modules", "e2e", "examples"}, d.Name()):
			return fs.SkipDir
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		all = append(all, logLines(files, file)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 50 {
		t.Fatalf("found only %d lines of the log", len(all))
	}
	return all
}

// namedEvent is a constant of package event.
type namedEvent struct{ constant, value, meaning string }

// namedEvents returns the constants of package event with what their comments say.
func namedEvents(t *testing.T) []namedEvent {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), eventsSource, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []namedEvent
	for _, d := range file.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, s := range group.Specs {
			spec := s.(*ast.ValueSpec)
			e := namedEvent{constant: spec.Names[0].Name, value: text(spec.Values[0])}
			said := strings.TrimSpace(spec.Doc.Text())
			if e.meaning, ok = strings.CutPrefix(said, e.constant+" is written when "); !ok || strings.Contains(said, "\n") || !strings.HasSuffix(said, ".") {
				t.Errorf(`%s: the comment %q is not one line "%s is written when …."`, eventsSource, said, e.constant)
			}
			e.meaning = strings.TrimSuffix(e.meaning, ".")
			all = append(all, e)
		}
	}
	return all
}

func TestEvents_EachLogLineHasAnEventAndAShortMessage(t *testing.T) {
	t.Parallel()
	messages, used := map[string]string{}, map[string]bool{}
	for _, l := range productLog(t) {
		for _, fault := range l.faults() {
			t.Errorf("%s: the line of the log %s", l.at, fault)
		}
		if other, ok := messages[l.event]; ok && other != l.message {
			t.Errorf("%s: event.%s has the message %q here and %q elsewhere", l.at, l.event, l.message, other)
		}
		messages[l.event], used[l.event] = l.message, true
	}
	values := map[string]bool{}
	for _, e := range namedEvents(t) {
		if !used[e.constant] {
			t.Errorf("no line of the log has event.%s", e.constant)
		}
		if values[e.value] {
			t.Errorf("two constants have the value %q", e.value)
		}
		values[e.value] = true
	}
}

func TestEvents_FaultyLinesAreFound(t *testing.T) {
	t.Parallel()
	for line, faulty := range map[string]bool{
		`d.Log.Info().EmbedObject(event.GroupCreated).Str("group", id).Msg("group created")`: false,
		`log(d.Log.Info()).EmbedObject(event.GroupCreated).Msg("group created")`:             false,
		`d.Client.Send(ctx, message)`:                                                                          false,
		`d.Log.Info().Str("group", id).Msg("group created")`:                                                   true,
		`d.Log.Info().EmbedObject(other.GroupCreated).Msg("group created")`:                                    true,
		`d.Log.Info().EmbedObject(name).Msg("group created")`:                                                  true,
		`d.Log.Info().EmbedObject(event.GroupCreated).Msg(message)`:                                            true,
		`d.Log.Info().EmbedObject(event.GroupCreated).Msgf("group %s created", id)`:                            true,
		`d.Log.Info().EmbedObject(event.GroupCreated).Send()`:                                                  true,
		`d.Log.Info().EmbedObject(event.GroupCreated).Msg("group created; the next step is to see who is in")`: true,
	} {
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, "", "package p\nfunc f() {\n"+line+"\n}", 0)
		if err != nil {
			t.Fatal(err)
		}
		var faults []string
		for _, l := range logLines(files, file) {
			faults = append(faults, l.faults()...)
		}
		if len(faults) > 0 != faulty {
			t.Errorf("%s: got the faults %q, want faulty %v", line, faults, faulty)
		}
	}
}

func TestEvents_TheDocumentListsThem(t *testing.T) {
	t.Parallel()
	fields := map[string][]string{}
	for _, l := range productLog(t) {
		for _, f := range l.fields {
			if !slices.Contains(fields[l.event], f) {
				fields[l.event] = append(fields[l.event], f)
			}
		}
	}
	var rows []string
	for _, e := range namedEvents(t) {
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |\n", e.value, e.meaning, strings.Join(fields[e.constant], ", ")))
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
		t.Errorf("docs/events.md is stale (%v); generate it: go test ./internal/cli -run Events -update", err)
	}
}
