package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// elsewhere lists documented commands that this test does not run, by their beginnings, and why.
var elsewhere = []struct{ begins, why string }{
	{"git clone", "the network"},
	{"make ", "builds the tree; make test runs it"},
	{"go test", "this is one"},
	{"go get -tool", "the network; e2e/clients generates and uses that client"},
	{"go mod tidy", "of the reader's own module"},
	{"npm install", "the network; e2e/clients generates and uses that client"},
	{"go tool oapi-codegen", "not in the module; e2e/clients generates and uses that client"},
	{"npx openapi-typescript", "the network; e2e/clients generates and uses that client"},
	{"go run ./examples/go-client", "TestFirstHour_TheDocumentedCommandsWorkSideBySide runs it"},
	{"sudo ", "changes the machine; examples/deployment_test.go checks the files"},
	{"systemctl ", "changes the machine; examples/deployment_test.go checks the files"},
	{"kubectl ", "needs a cluster; examples/deployment_test.go checks the files"},
	{"redis-server --port 6390", "a fixed port, for the measurements"},
	{"rollcall-worker bench", "measures for a minute; TestABenchMeasuresBesideABaselineAndLeavesItsRedisEmpty runs it"},
	{"kill -HUP $(pidof", "reaches every worker of the machine; e2e reloads its own"},
}

// refused lists documented commands that must fail here: the exit code, and words of the output.
var refused = map[string]struct {
	code int
	says string
}{
	"rollcall-producer encryption rotate":                                        {1, "set redis.encryption_key first"},
	"rollcall-producer create again.csv":                                         {2, "holds no group"}, // no group has failed
	"rollcall-producer recover --start-over --since 2026-11-01T00:00:00Z":        {1, "no lost data is known"},
	"rollcall-producer unreadable remove pause alpha --no-input":                 {1, "nothing unreadable is named pause alpha"},
	"rollcall-producer webhooks replay evt_0198c0de-0000-7000-8000-000000000002": {1, "0 deliveries of 0 events"},
	`curl -X POST https://rollcall.example.com/v1/groups/$ID/joins -H "Authorization: Bearer $KEY"  -H 'Content-Type: application/json' -d '{"phone": "+5544999999977", "answer": "approve"}'`: {0, "does not ask to join"},
	"rollcall-producer webhooks replay evt_01a20064-…     # one event, to all its webhooks":                                                                                                    {1, "0 deliveries of 0 events"},
}

// stays are the commands that run until they are interrupted, and what they print when they work. For one that prints only
// new events the test makes an event once it prints that it listens.
var stays = []struct{ command, says, listens *regexp.Regexp }{
	{command: regexp.MustCompile(`rollcall-worker dev`), says: regexp.MustCompile(`page is at http`)},
	{command: regexp.MustCompile(`rollcall-worker run|rollcall-worker --config`), says: regexp.MustCompile(`worker_started`)},
	{command: regexp.MustCompile(`rollcall-worker simulate`), says: regexp.MustCompile(`simulating the providers at`)},
	{command: regexp.MustCompile(`rollcall-producer serve`), says: regexp.MustCompile(`serving the page and the API`)},
	{command: regexp.MustCompile(`rollcall-producer watch`), says: regexp.MustCompile(`group|batch`)},
	{command: regexp.MustCompile(`curl -N`), says: regexp.MustCompile(`event:`), listens: regexp.MustCompile(`retry:`)},
}

// ends matches the commands that run a whole sample. They mostly wait, so they run in parallel with the others.
var ends = regexp.MustCompile(`rollcall-worker dev .*--exit-when-done`)

// reader runs the commands of the documents, each document in a folder of its own.
type reader struct {
	*testing.T

	s       *stage
	api     string // of a server that runs for all
	keyed   string // of one that wants documentsKey
	worker  string // where the worker tells its health
	bin     string
	spelled *strings.Replacer // makes a documented command one that runs here
	made    int               // groups
	used    map[string]bool   // of elsewhere and refused
	kept    *running          // the simulator that the commands behind it use
	beside  []*running
}

// running is a command that was started.
type running struct {
	d     testutil.Documented
	text  string // as it is spelled here
	cmd   *exec.Cmd
	files []string // what it writes
	done  chan struct{}
}

const (
	placeholder = `grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10|grp_01a20115-7a72-7d8e-81aa-b5c2451f3601|grp_…|\$ID`
	sheet       = "groupName;phones\nTurma 1;+5544999999991\nTurma 2;+5544999999992, +351912345678\n"
)

var comment = regexp.MustCompile(`\s+# .*$`)

var anyGroup = regexp.MustCompile(placeholder)

const documentsKey = "rck_documents"

// files are those that the documents name.
var files = map[string]string{
	"cohort.csv": sheet, "groups.csv": sheet, "turmas.csv": sheet, "classes.csv": strings.ReplaceAll(sheet, "Turma", "Classe"),
	"late.csv": "phone\n+5544999999993\n", "optouts.csv": "phone\n+5544999999988\n", "again.csv": sheet,
}

func TestDocuments_EveryCommandRuns(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	s := newStage(t, script{seed: 77, more: "api: {listen: 127.0.0.1:0}\nwebhooks: [{url: 'https://crm.example/hook', secret: 'whsec_c2VjcmV0LW9mLXRoZS1kb2N1bWVudHMtMTIzNDU2Nzg5MA=='}]\n"})
	config, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	config = bytes.Replace(config, []byte("  - name: alpha\n"), []byte("  - name: alpha\n    pools: [default, sales, school-a]\n    hook_secret: hook-secret-of-the-documents\n"), 1)
	config = bytes.Replace(config, []byte("verify: {"), []byte("verify: {on_absent: review, "), 1)
	if err := os.WriteFile(s.config, config, 0o600); err != nil {
		t.Fatal(err)
	}
	s.order(simulator.Script{Method: "create", Group: "Unsure", Fault: "500-not-created", Times: -1})
	w := s.start("worker", worker, "run", "--config", s.config, "--listen", "127.0.0.1:0", "--log-format", "json", "--log-level", "info")
	r := &reader{T: t, s: s, used: map[string]bool{}, bin: t.TempDir(), worker: w.listens()}
	_, r.api = s.serve("serve")
	ports := []string{testutil.FreeAddr(t), testutil.FreeAddr(t), testutil.FreeAddr(t), testutil.FreeAddr(t)}
	hash := sha256.Sum256([]byte(documentsKey))
	keyed := s.file("keyed.yaml", strings.Replace(string(config), "api: {listen: 127.0.0.1:0}", fmt.Sprintf(`api: {listen: "127.0.0.1:0", keys: [{name: crm, hash: "sha256:%x", role: admin}]}`, hash), 1))
	r.keyed = s.start("keyed", producer, "serve", "--config", keyed, "--listen", "127.0.0.1:0", "--log-format", "json").listens()
	r.spelled = strings.NewReplacer(
		"go run ./worker", "rollcall-worker", "go run ./producer", "rollcall-producer", "examples/", root+"/examples/",
		"http://127.0.0.1:8090", "http://"+ports[0], "http://127.0.0.1:8091", "http://"+ports[1], "rollcall-worker simulate", "rollcall-worker simulate --listen "+ports[2]+" --control "+ports[3],
		"0.0.0.0:8080", "127.0.0.1:0", "127.0.0.1:8080", r.api, "localhost:8080", r.api, "curl -X POST https://rollcall.example.com", "curl -X POST http://"+r.api,
		"--pool sales", "--pool sales --batch sales.csv", // a batch is of one pool
		"redis://127.0.0.1:6379/0", s.script.url, "/run/rollcall/", "",
	)
	for name, text := range map[string]string{
		"rollcall-worker": "exec " + worker + ` "$@"`, "rollcall-producer": "exec " + producer + ` "$@"`,
		"psql": "printf 'groupName,phones\\nTurma 7,+5544999999977\\n'", // stands for the CRM's database
	} {
		if err := os.WriteFile(filepath.Join(r.bin, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	r.run(s.dir, testutil.Documented{Text: "the simulator of all documents"}, "rollcall-worker simulate --instances 4 --time-scale 0.01 --rate-limits off --listen "+ports[0]+" --control "+ports[1])
	ran := 0
	documents := testutil.Documents(t, root)
	delete(documents, "docs/getting-started.md") // TestFirstHour_TheDocumentedCommandsWorkSideBySide runs it
	for name, text := range documents {          // the slowest commands start first
		for _, c := range testutil.CommandsOf(name, text) {
			if text := r.spelled.Replace(c.Text); ends.MatchString(text) {
				dir := filepath.Join(s.dir, strings.ReplaceAll(name, "/", "-"))
				r.folder(dir, config)
				r.beside = append(r.beside, r.run(dir, c, comment.ReplaceAllString(text, "")))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		if commands := testutil.CommandsOf(name, documents[name]); len(commands) > 0 {
			ran += r.read(name, commands, config)
		}
	}
	for _, c := range r.beside {
		r.judge(c)
	}
	for _, e := range elsewhere {
		if !r.used[e.begins] {
			t.Errorf("no document has a command %s", e.begins)
		}
	}
	for text := range refused {
		if !r.used[text] {
			t.Errorf("no document has the command %s", text)
		}
	}
	if ran < 150 {
		t.Errorf("only %d commands were run", ran)
	}
}

// read runs the commands of one document.
func (r *reader) read(name string, commands []testutil.Documented, config []byte) (ran int) {
	begun := time.Now()
	dir := filepath.Join(r.s.dir, strings.ReplaceAll(name, "/", "-"))
	seen := map[string]bool{}
	for _, c := range commands {
		at := slices.IndexFunc(elsewhere, func(e struct{ begins, why string }) bool { return strings.HasPrefix(c.Text, e.begins) })
		if at >= 0 {
			r.used[elsewhere[at].begins] = true
		}
		if _, no := refused[c.Text]; no {
			r.used[c.Text] = true
		}
		if at >= 0 || seen[c.Text] {
			continue
		}
		seen[c.Text] = true
		ran++
		r.folder(dir, config) // as it was: a command may write over it
		r.command(dir, c)
	}
	if r.kept != nil {
		r.interrupt(r.kept)
		r.kept = nil
	}
	r.Logf("%s: %d commands in %v", name, ran, time.Since(begun).Round(time.Millisecond))
	return ran
}

// folder writes the files that the commands may name into a folder.
func (r *reader) folder(dir string, config []byte) {
	err := os.MkdirAll(dir, 0o700)
	for name, text := range files {
		if _, missing := os.Stat(filepath.Join(dir, name)); err == nil && missing != nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
		}
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "rollcall.yaml"), config, 0o600)
	}
	if err != nil {
		r.Fatal(err)
	}
}

// command runs one command to its end, or until its output shows that it works.
func (r *reader) command(dir string, d testutil.Documented) {
	text := strings.TrimSuffix(comment.ReplaceAllString(r.spelled.Replace(d.Text), ""), " &")
	if anyGroup.MatchString(text) {
		text = anyGroup.ReplaceAllLiteralString(text, r.group(text))
	}
	if strings.Contains(text, "Authorization") {
		text = strings.ReplaceAll(text, r.api, r.keyed)
	}
	if strings.Contains(text, `"instance": "alpha"`) { // what it moves
		r.waiting("alpha")
	}
	if strings.HasSuffix(text, " health") { // of a program at its default address
		text += " " + r.worker
	}
	if ends.MatchString(text) { // it was begun before
		return
	}
	for _, one := range stays {
		if !one.command.MatchString(text) {
			continue
		}
		c := r.run(dir, d, text)
		says := func(words *regexp.Regexp) {
			until(r.T, 20*time.Millisecond, d.String()+" says "+words.String(), func() bool {
				select {
				case <-c.done:
					return true
				default:
					return words.MatchString(c.said())
				}
			}, c.said)
		}
		if one.listens != nil {
			says(one.listens)
			r.makes("done", map[string]any{"instance": "alpha"})
		}
		says(one.says)
		if ended := c.cmd.ProcessState; !one.says.MatchString(c.said()) && !ended.Success() {
			r.Errorf("%v\n$ %s\n%s%v, and it does not say %v", d, text, c.said(), ended, one.says)
		}
		if strings.HasSuffix(d.Text, " &") {
			r.kept = c
		} else {
			r.interrupt(c)
		}
		return
	}
	r.judge(r.run(dir, d, text))
}

// run starts a command as a person's shell would.
func (r *reader) run(dir string, d testutil.Documented, text string) *running {
	r.Helper()
	out, err := os.CreateTemp(r.s.dir, "said-*.log")
	if err != nil {
		r.Fatal(err)
	}
	c := &running{d: d, text: text, files: []string{out.Name()}, done: make(chan struct{})}
	if m := regexp.MustCompile(`> (\S+)$`).FindStringSubmatch(text); m != nil {
		c.files = append(c.files, filepath.Join(dir, m[1]))
	}
	c.cmd = exec.Command("bash", "-euo", "pipefail", "-c", text)
	c.cmd.Dir, c.cmd.Stdout, c.cmd.Stderr = dir, out, out
	c.cmd.Env = append(environment(dir), "ROLLCALL_LISTEN=127.0.0.1:0", "ROLLCALL_LOG_LEVEL=info", "ROLLCALL_KEY="+documentsKey, "KEY="+documentsKey, "PATH="+r.bin+":"+os.Getenv("PATH"))
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.cmd.Start(); err != nil {
		r.Fatal(err)
	}
	go func() { _ = c.cmd.Wait(); _ = out.Close(); close(c.done) }()
	r.Cleanup(func() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL); <-c.done })
	return c
}

// said returns all output of a command.
func (c *running) said() string {
	var all strings.Builder
	for _, name := range c.files {
		text, _ := os.ReadFile(name) // it may not be there yet
		all.Write(text)
	}
	return all.String()
}

// judge waits for the end of a command and checks it.
func (r *reader) judge(c *running) {
	r.Helper()
	select {
	case <-c.done:
	case <-time.After(testutil.Timeout):
		r.Fatalf("%v\n$ %s\n%sit does not end", c.d, c.text, c.said())
	}
	want, no := refused[c.d.Text]
	if code := c.cmd.ProcessState.ExitCode(); code != want.code || no && !strings.Contains(c.said(), want.says) {
		r.Errorf("%v\n$ %s\n%sexit %d, want %d %s", c.d, c.text, c.said(), code, want.code, want.says)
	}
	if m := apiProblem.FindString(c.said()); m != "" && !no && strings.Contains(c.text, "curl") {
		r.Errorf("%v\n$ %s\nis answered %s", c.d, c.text, c.said())
	}
}

// apiProblem matches an error answer, for which curl exits with 0.
var apiProblem = regexp.MustCompile(`"status": ?[45]\d\d`)

// interrupt ends a command by Ctrl-C.
func (r *reader) interrupt(c *running) {
	r.Helper()
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGINT) // it may have ended
	select {
	case <-c.done:
	case <-time.After(testutil.Timeout):
		r.Fatalf("%v\n$ %s\n%sit does not end by Ctrl-C", c.d, c.text, c.said())
	}
	const interrupted = 130
	signalled := c.cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled() //nolint:forcetypeassert // of this system
	if code := c.cmd.ProcessState.ExitCode(); code != 0 && code != interrupted && !signalled {
		r.Errorf("%v\n$ %s\n%sexit %d by Ctrl-C", c.d, c.text, c.said(), code)
	}
}

// group makes a group in the state that a command needs.
func (r *reader) group(command string) (id string) {
	switch {
	case strings.Contains(command, "resolve"):
		return r.makes("review", map[string]any{"groupName": "Unsure", "instance": "gamma"})
	case strings.Contains(command, "/joins"): // of a provider that answers requests
		return r.makes("done", map[string]any{"instance": "alpha"})
	case strings.Contains(command, " add "):
		return r.makes("done", map[string]any{"instance": "gamma"})
	case strings.Contains(command, "retry"):
		id = r.waiting("gamma")
		r.ask(http.MethodPost, "/v1/groups/"+id+"/cancel", nil)
	case strings.Contains(command, "unreadable"):
		id = r.waiting("gamma")
		if err := r.s.redis.Client().Set(r.Context(), "rollcall:{"+id+"}", "1.x|damaged", 0).Err(); err != nil {
			r.Fatal(err)
		}
	default:
		id = r.waiting("gamma")
	}
	return id
}

// waiting makes a group that is not created for years.
func (r *reader) waiting(instance string) (id string) {
	return r.makes("queued", map[string]any{"notBefore": "2099-01-01T00:00:00Z", "instance": instance})
}

// makes asks for a group, and waits until it has a status.
func (r *reader) makes(status string, asked map[string]any) (id string) {
	r.made++
	if asked["groupName"] == nil {
		asked["groupName"] = fmt.Sprintf("Document %d", r.made)
	}
	asked["phones"], asked["autoInvite"], asked["idempotencyKey"] = []string{"+5544999999999"}, false, fmt.Sprint(r.made)
	id = r.ask(http.MethodPost, "/v1/groups", asked).ID
	is := ""
	until(r.T, 20*time.Millisecond, "a group is "+status, func() bool {
		is = r.ask(http.MethodGet, "/v1/groups/"+id, nil).Status
		return is == status
	}, func() string { return is })
	return id
}

func (r *reader) ask(method, path string, body any) (g struct{ ID, Status string }) {
	data, err := json.Marshal(body)
	if err != nil {
		r.Fatal(err)
	}
	req, err := http.NewRequestWithContext(r.Context(), method, "http://"+r.api+path, bytes.NewReader(data))
	if err != nil {
		r.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&g); err != nil {
		r.Fatal(err)
	}
	return g
}
