package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// hour runs the commands of docs/getting-started.md in an empty clone.
type hour struct {
	t       *testing.T
	root    string   // of the tree
	env     []string // of every terminal
	dir     string
	spelled *strings.Replacer // makes a documented command one that runs here
}

var (
	terminals = regexp.MustCompile(`(?m)^## (Terminal \d)[^\n]*$`)
	shBlock   = regexp.MustCompile("(?s)```sh\n(.*?)```")
	devRecipe = regexp.MustCompile(`(?m)^\s*(ROLLCALL_WEBHOOK_SECRET=\S+ go run \./examples/webhook-receivers/go)$`)
	receives  = regexp.MustCompile(`listening at (http://127\.0\.0\.1:\d+/)`)
	servedAt  = regexp.MustCompile(`(?:page is|page and the API) at http://(127\.0\.0\.1:\d+)`)
)

// commands returns the documented commands by terminal. A line that ends with \ continues on the next.
func (h *hour) commands() map[string][]string {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.root, "docs/getting-started.md"))
	if err != nil {
		h.t.Fatal(err)
	}
	all := map[string][]string{}
	heads := terminals.FindAllStringSubmatchIndex(string(text), -1)
	for i, at := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		} else if n := bytes.Index(text[at[1]:], []byte("\n## ")); n >= 0 {
			end = at[1] + n
		}
		name := string(text[at[2]:at[3]])
		for _, block := range shBlock.FindAllSubmatch(text[at[1]:end], -1) {
			for line := range strings.SplitSeq(strings.TrimSpace(strings.ReplaceAll(string(block[1]), "\\\n", " ")), "\n") {
				if !strings.HasPrefix(line, "git clone") {
					all[name] = append(all[name], line)
				}
			}
		}
	}
	return all
}

// terminal is a command that keeps running.
type terminal struct {
	h    *hour
	log  string
	done chan struct{}
	cmd  *exec.Cmd
}

func (h *hour) shell(ctx context.Context, command string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", h.spelled.Replace(command))
	cmd.Dir, cmd.Env = h.root, h.env
	return cmd
}

func (h *hour) open(command string) *terminal {
	h.t.Helper()
	t := &terminal{h: h, log: filepath.Join(h.dir, fmt.Sprintf("%d.log", rand.Uint64())), done: make(chan struct{})}
	out, err := os.Create(t.log)
	if err != nil {
		h.t.Fatal(err)
	}
	t.cmd = h.shell(context.Background(), "exec env "+command)
	t.cmd.Stdout, t.cmd.Stderr = out, out
	if err := t.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() { _ = t.cmd.Wait(); _ = out.Close(); close(t.done) }()
	h.t.Cleanup(t.interrupt)
	return t
}

// interrupt presses Ctrl-C and waits until the command has ended.
func (t *terminal) interrupt() {
	_ = t.cmd.Process.Signal(os.Interrupt)
	select {
	case <-t.done:
	case <-time.After(testutil.Timeout):
		_ = t.cmd.Process.Kill()
		<-t.done
		t.h.t.Errorf("it does not end by Ctrl-C:\n%s", t.text())
	}
}

func (t *terminal) text() string {
	data, _ := os.ReadFile(t.log)
	return string(data)
}

// says waits for output that matches a pattern, and returns the pattern's first group.
func (t *terminal) says(pattern *regexp.Regexp) (found string) {
	t.h.t.Helper()
	until(t.h.t, 50*time.Millisecond, pattern.String()+" is said", func() bool {
		if m := pattern.FindStringSubmatch(t.text()); m != nil {
			found = m[1]
		}
		return found != ""
	}, t.text)
	return found
}

// runs runs a command, which must succeed, and returns its output.
func (h *hour) runs(command string) string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), testutil.Timeout)
	defer cancel()
	out, err := h.shell(ctx, command).CombinedOutput()
	if err != nil {
		h.t.Errorf("$ %s\n%s%v", command, out, err)
	}
	return string(out)
}

// forwarder stands in for a receiver that does not run yet. Requests to address wait until to gets the receiver's
// own address.
func forwarder(t *testing.T) (address string, to func(base string)) {
	t.Helper()
	known := make(chan struct{})
	var target *url.URL
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-known:
			httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), func(base string) {
		t.Helper()
		var err error
		if target, err = url.Parse(base); err != nil {
			t.Fatal(err)
		}
		close(known)
	}
}

func TestFirstHour_TheDocumentedCommandsWorkSideBySide(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-w", "-o", bin+"/", "./examples/go-client", "./examples/webhook-receivers/go")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	receiver, forwardTo := forwarder(t)
	programs := []string{
		"go run ./worker", worker, "go run ./producer", producer, "go run ./examples/go-client", bin + "/go-client",
		"go run ./examples/webhook-receivers/go", bin + "/go", "127.0.0.1:9000", receiver,
	}
	h := &hour{t: t, root: root, dir: dir, env: append(environment(dir), "LISTEN=127.0.0.1:0"), spelled: strings.NewReplacer(programs...)}
	all := h.commands()
	if len(all["Terminal 1"]) != 1 || len(all["Terminal 3"]) < 6 || len(all["Terminal 4"]) != 1 {
		t.Fatalf("docs/getting-started.md has other commands than this test knows: %q", all)
	}

	dev := h.open(all["Terminal 1"][0])
	api := dev.says(servedAt) // 8080, unless this machine uses it
	told := h.open(dev.says(devRecipe))
	forwardTo(told.says(receives))
	h.spelled = strings.NewReplacer(append(programs, "127.0.0.1:8080", api)...)
	beside := h.open(all["Terminal 4"][0])
	other := beside.says(servedAt)
	if other == api {
		t.Errorf("both serve at %s", api)
	}
	var said strings.Builder
	for _, c := range all["Terminal 3"] {
		said.WriteString(h.runs(c))
	}
	for _, want := range []string{"40 created", `"groupName":"Turma 12"`, "created grp_", "Turma 13"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("nothing says %s:\n%s", want, said.String())
		}
	}
	for _, c := range all["Terminal 3"] { // the same again is the same
		if out := h.runs(c); strings.Contains(out, "created grp_") || strings.Contains(out, " 40 created") {
			t.Errorf("$ %s\n%s", c, out)
		}
	}
	if out := h.runs("curl -sS http://" + other + "/v1/groups?status=queued,creating,verifying,inviting,done"); !strings.Contains(out, `"groupName":"Turma 13"`) {
		t.Errorf("the server beside it says %s", out)
	}
	told.says(regexp.MustCompile(`(?m)^evt_\S+ (group\.created) `))
	told.says(regexp.MustCompile(`(?m)^evt_\S+ (member\.invited) `))
}
