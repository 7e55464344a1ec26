package producercmd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	testutil.Waiting(4)
	testscript.Main(m, map[string]func(){
		producercmd.Name: func() { os.Exit(producercmd.Main(cli.OS())) },
		"world":          func() { os.Exit(world(os.Args[1:])) },
	})
}

// TestScripts runs each script against a Redis of its own. In a script `rollcall-producer` is the
// program and `world` plays what surrounds it: workers, providers, time (see world_test.go).
func TestScripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	workbooks, err := filepath.Abs("../../intake/testdata/workbooks")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			url := redisFor(t)
			testscript.Run(t, testscript.Params{
				Files:               []string{file},
				RequireExplicitExec: true,
				Cmds:                commands,
				Setup: func(env *testscript.Env) error {
					env.Setenv("ROLLCALL_REDIS_URL", url)
					env.Setenv("WORKBOOKS", workbooks)
					env.Setenv("ROLLCALL_DEV_FILE", filepath.Join(env.WorkDir, "no-dev.json"))
					return nil
				},
			})
		})
	}
}

// redisFor returns the address of an empty Redis in memory that other processes can reach.
func redisFor(t *testing.T) string {
	t.Helper()
	server, _ := testutil.Mini(t)
	dir, err := os.MkdirTemp("", "rc") // t.TempDir's path is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	if err := server.Listen(socket); err != nil {
		t.Fatal(err)
	}
	return "unix://" + socket
}

// commands are the commands of scripts, besides testscript's own.
var commands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	// exits CODE PROGRAM ARGS... runs a program that must end with the code.
	"exits": func(ts *testscript.TestScript, _ bool, args []string) {
		want, err := strconv.Atoi(args[0])
		ts.Check(err)
		err = ts.Exec(args[1], args[2:]...)
		got := 0
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			got = exit.ExitCode()
		} else {
			ts.Check(err)
		}
		if got != want {
			ts.Fatalf("got the exit code %d, want %d", got, want)
		}
	},
	// json PATH VALUE compares a value of the one document on stdout: "rows.0.error.code noName".
	"json": func(ts *testscript.TestScript, neg bool, args []string) {
		if got := at(ts, args[0]); (got == args[1]) == neg {
			ts.Fatalf("%s is %q; compared with %q", args[0], got, args[1])
		}
	},
	// keep NAME PATH keeps a value of the document on stdout in a variable.
	"keep": func(ts *testscript.TestScript, _ bool, args []string) { ts.Setenv(args[0], at(ts, args[1])) },
}

// at returns the value at path of the one document on stdout; "len" is a list's length.
func at(ts *testscript.TestScript, path string) string {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	var v any
	ts.Check(d.Decode(&v))
	if _, err := d.Token(); err != io.EOF {
		ts.Fatalf("stdout holds more than one document")
	}
	for step := range strings.SplitSeq(path, ".") {
		switch t := v.(type) {
		case map[string]any:
			v = t[step]
		case []any:
			if step == "len" {
				v = len(t)
				continue
			}
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(t) {
				ts.Fatalf("%s: there are only %d", path, len(t))
			}
			v = t[i]
		default:
			ts.Fatalf("%s: nothing is at %s", path, step)
		}
	}
	return fmt.Sprint(v)
}
