package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// worker is the program, built once from this tree.
var worker string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "rollcall-clients-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if err := testutil.Programs("../..", dir, "./worker"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		worker = filepath.Join(dir, "worker")
		return m.Run()
	}())
}

// report is what a client prints: testdata/go/report.go.
type report struct {
	First, Again string
	Same         bool
	Uploaded     int
	Row          string
	Pages        int
	Listed       []string
	Got          string
	Status       int
	Field, Code  string
	Exported     string
}

func TestGeneratedClients_DoTheMainJob(t *testing.T) {
	t.Parallel()
	api := dev(t)
	document := fetch(t, api+"/openapi.json")
	for language, s := range map[string]struct {
		requires []string   // programs that the machine needs to have
		get      []string   // downloads what the lock file names
		make     [][]string // generates and compiles
		programs map[string][]string
		example  []string
	}{
		"go": {
			get: []string{"go", "mod", "download"},
			make: [][]string{
				{"go", "tool", "oapi-codegen", "-config", "oapi-codegen.yaml", "openapi.json"},
				{"go", "tool", "ogen", "--config", "ogen.yaml", "--target", "rollcallogen", "--package", "rollcallogen", "openapi.json"},
				// Without -trimpath, which would compile the standard library again.
				{"go", "build", "-ldflags=-w", "-o", "bin/", "./..."},
			},
			programs: map[string][]string{"oapi-codegen": {"bin/withoapi"}, "ogen": {"bin/withogen"}},
			example:  []string{"bin/example"},
		},
		"ts": {
			requires: []string{"node", "npm"},
			get:      []string{"npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"},
			make: [][]string{
				{"node_modules/.bin/openapi-typescript", "openapi.json", "--output", "rollcall.d.ts"},
				{"node_modules/.bin/openapi-ts", "--input", "openapi.json", "--output", "heyapi", "--client", "@hey-api/client-fetch"},
				{"node_modules/.bin/tsc"},
			},
			programs: map[string][]string{"openapi-fetch": {"node", "dist/with-openapi-fetch.js"}, "hey-api": {"node", "dist/with-hey-api.js"}},
			example:  []string{"node", "dist/example.js"},
		},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			for _, program := range s.requires {
				if _, err := exec.LookPath(program); err != nil {
					without(t, err.Error())
				}
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", language))); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(dir, "rollcall"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "openapi.json"), document, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := run(t, dir, api, s.get...); err != nil {
				without(t, err.Error())
			}
			for _, command := range s.make {
				if _, err := run(t, dir, api, command...); err != nil {
					t.Fatal(err)
				}
			}
			for generator, program := range s.programs {
				t.Run(generator, func(t *testing.T) {
					out, err := run(t, dir, api, append(program, api, generator)...)
					if err != nil {
						t.Fatal(err)
					}
					var got report
					if err := json.Unmarshal(out, &got); err != nil {
						t.Fatalf("%v in %s", err, out)
					}
					want := report{
						First: "created", Again: "existed", Same: true, Uploaded: 2, Row: "noPhones", Pages: 2,
						Listed: []string{"From a file 2", "From a file 1"}, Got: "Asked for with " + generator,
						Status: http.StatusUnprocessableEntity, Field: "phones", Code: "noPhones", Exported: "groupName;From a file 1;From a file 2;",
					}
					if !reflect.DeepEqual(got, want) {
						t.Errorf("got  %+v\nwant %+v", got, want)
					}
				})
			}
			t.Run("example", func(t *testing.T) {
				out, err := run(t, dir, api, s.example...)
				if err != nil || !strings.HasSuffix(string(out), "ed Turma 12\n") {
					t.Errorf("it says %q, %v", out, err)
				}
			})
		})
	}
}

// docs/api.md shows the programs that TestGeneratedClients_DoTheMainJob runs.
func TestDocs_ShowTheExamplesThatRun(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for fence, path := range map[string]string{"```go\n": "testdata/go/example/main.go", "```ts\n": "testdata/ts/example.ts"} {
		example, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(page, []byte(fence+string(example)+"```\n")) {
			t.Errorf("docs/api.md does not show %s as it is", path)
		}
	}
}

// without ends a test that the machine cannot run; in CI that is a failure.
func without(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("REQUIRE_REAL_REDIS") == "1" {
		t.Fatal(why)
	}
	t.Skip("SKIPPED: THESE CLIENTS WERE NOT TRIED: " + why)
}

// run runs a program in a directory and returns what it says; the error holds that, too.
func run(t *testing.T, dir, api string, command ...string) ([]byte, error) {
	t.Helper()
	program := command[0]
	if strings.Contains(program, "/") {
		program = filepath.Join(dir, program)
	}
	cmd := exec.CommandContext(t.Context(), program, command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "ROLLCALL_API="+api, "ROLLCALL_KEY=rck_of_no_key", "NO_COLOR=1")
	var out, words bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &words
	began := time.Now()
	err := cmd.Run()
	t.Logf("%s: %v", strings.Join(command, " "), time.Since(began).Round(time.Millisecond))
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s%s", strings.Join(command, " "), err, out.Bytes(), words.Bytes())
	}
	return out.Bytes(), err
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, answer.Status, err)
	}
	return body
}

var pageAt = regexp.MustCompile(`the admin page is at (http://[0-9.:]+)/`)

// dev starts `rollcall-worker dev` without a batch and returns the address of its API.
func dev(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(context.Background(), worker, "dev", "--no-sample", "--listen", "127.0.0.1:0", "--personality", "kind")
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "XDG_CACHE_HOME=" + home, "TMPDIR=" + home, "NO_COLOR=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	said := &told{at: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		testutil.RedisEnds(t, home)
	})
	select {
	case at := <-said.at:
		return at
	case <-time.After(testutil.Timeout):
		t.Fatalf("after %v rollcall-worker dev has said only: %s", testutil.Timeout, said)
		return ""
	}
}

// told collects what a program prints. at gets the address of the page when the program prints it.
type told struct {
	mu  sync.Mutex
	all bytes.Buffer
	at  chan string
}

func (s *told) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := pageAt.Match(s.all.Bytes())
	s.all.Write(p)
	if match := pageAt.FindSubmatch(s.all.Bytes()); !known && match != nil {
		s.at <- string(match[1])
	}
	return len(p), nil
}

func (s *told) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}
