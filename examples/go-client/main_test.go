package main

import (
	"bytes"
	"context"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/producer/enqueue/enqueuetest"
)

// lastLine calls cancel when text has been written to it.
type lastLine struct {
	bytes.Buffer

	text   string
	cancel func()
}

func (l *lastLine) Write(p []byte) (int, error) {
	defer func() {
		if strings.Contains(l.String(), l.text) {
			l.cancel()
		}
	}()
	return l.Buffer.Write(p)
}

func TestOnboard_AsksForAWholeSpreadsheet(t *testing.T) {
	t.Parallel()
	rdb := enqueuetest.Redis(t)
	ctx, cancel := context.WithCancel(t.Context())
	out := &lastLine{text: "groups asked for:", cancel: cancel} // no worker runs here, so onboard would wait for ever
	if err := onboard(ctx, out, rdb, "../turmas.csv", "BR"); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the end of the context", err)
	}
	c, err := enqueue.New(t.Context(), rdb, enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.GetBatch(t.Context(), "turmas.csv")
	if err != nil || b.Total == 0 {
		t.Errorf("got the batch %+v, %v, want groups in it", b, err)
	}
}

func TestOnboard_FailsIfARowIsInvalid(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "wrong.csv")
	if err := os.WriteFile(file, []byte("groupName,phones\nTurma 12,12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := onboard(t.Context(), &out, enqueuetest.Redis(t), file, "BR"); err == nil || !strings.Contains(out.String(), "row 1: ") {
		t.Errorf("got %v and the output %q, want an error and what is wrong with row 1", err, out.String())
	}
}

func TestOne_AsksForOneGroup(t *testing.T) {
	t.Parallel()
	rdb := enqueuetest.Redis(t)
	if res, err := one(t.Context(), rdb); err != nil || res.Outcome != enqueue.Created {
		t.Errorf("got %+v, %v, want a created group", res, err)
	}
	enqueuetest.RequireAccepted(t, rdb, enqueuetest.Want{GroupName: "Turma 13", IdempotencyKey: "deal-813"})
}

func TestRun_WithoutAWorkerDevAsksForAnAddress(t *testing.T) { // not parallel: it sets the environment
	t.Setenv("ROLLCALL_REDIS_URL", "")
	t.Setenv("ROLLCALL_DEV_FILE", filepath.Join(t.TempDir(), "none"))
	if err := run(t.Context(), io.Discard, nil); err == nil || !strings.Contains(err.Error(), "-redis redis://") {
		t.Errorf("got %v, want the advice to give -redis", err)
	}
}

func TestRun_ShowsNoPasswordOfAnInvalidAddress(t *testing.T) {
	t.Parallel()
	for _, password := range []string{"a/planted", "a?planted", "planted#b", "planted%zz"} {
		err := run(t.Context(), io.Discard, []string{"-redis", "redis://user:" + password + "@127.0.0.1:6379/0"})
		if err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: got %v, want an error without the password", password, err)
		}
	}
}

func TestGoClient_ImportsNoInternalPackage(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range file.Imports {
		if strings.Contains(i.Path.Value, "/internal/") {
			t.Errorf("main.go imports %s, which another module cannot", i.Path.Value)
		}
	}
}

var (
	goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")
	space   = regexp.MustCompile(`\s+`)
)

func TestReadme_ItsGoCodeIsInThisExample(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	plain := func(text string) string { return space.ReplaceAllString(text, " ") }
	blocks := goBlock.FindAllStringSubmatch(string(readme), -1)
	if len(blocks) == 0 {
		t.Fatal("the README shows no Go code")
	}
	for _, b := range blocks {
		for part := range strings.SplitSeq(b[1], "\n\n") {
			if !strings.Contains(plain(string(source)), strings.TrimSpace(plain(part))) {
				t.Errorf("this is not in main.go, so nothing compiles it:\n%s", part)
			}
		}
	}
}
