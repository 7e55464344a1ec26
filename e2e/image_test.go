package e2e

import (
	"bytes"
	"debug/buildinfo"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nonroot is the user of the image.
const nonroot = 65532

// container is the file system of the image, made as the Dockerfile makes it. Programs run in it as the image's
// user, and see nothing of this machine but its network.
type container struct {
	*stage
	root string
}

func newContainer(t *testing.T) *container {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may change the root directory")
	}
	m := &container{stage: newStage(t, script{seed: 77, zone: "zone: America/Sao_Paulo\n      "})}
	m.root = filepath.Join(m.dir, "image")
	for _, dir := range []string{"usr/bin", "tmp", "run/rollcall", "etc/rollcall"} {
		if err := os.MkdirAll(filepath.Join(m.root, dir), 0o755); err != nil { //nolint:gosec // others look in
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"tmp", "run/rollcall"} {
		if err := os.Chown(filepath.Join(m.root, dir), nonroot, nonroot); err != nil {
			t.Fatal(err)
		}
	}
	for program, built := range map[string]string{"rollcall-worker": worker, "rollcall-producer": producer} {
		if err := os.Link(built, filepath.Join(m.root, "usr/bin", program)); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// put writes a file of the image that everybody may read.
func (m *container) put(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.root, name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// command is a program in the image, with an environment that has a PATH and nothing else.
func (m *container) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command("/usr/bin/"+program, args...)
	cmd.Env, cmd.Dir = []string{"PATH=/usr/bin"}, "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: m.root, Credential: &syscall.Credential{Uid: nonroot, Gid: nonroot}, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// says runs a program in the image and returns its standard output.
func (m *container) says(code int, program string, args ...string) string {
	m.t.Helper()
	cmd := m.command(program, args...)
	var out, warned strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &warned
	err := cmd.Run()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		m.t.Fatalf("%s %s: %v, want exit %d\n%s%s", program, strings.Join(args, " "), err, code, out.String(), warned.String())
	}
	return out.String()
}

func TestImage_TheProgramsRunInARootWithNothingElse(t *testing.T) {
	t.Parallel()
	m := newContainer(t)
	for _, program := range []string{"rollcall-worker", "rollcall-producer"} {
		if said := m.says(0, program, "version"); !strings.HasPrefix(said, program+" ") {
			t.Errorf("%s version said %s", program, said)
		}
	}

	// The first start makes a key once. The configuration takes its hash from a file.
	newKey := []string{"key", "new", "--name", "page", "--role", "admin", "--hash-file", "/run/rollcall/page"}
	key, _, _ := strings.Cut(m.says(0, "rollcall-producer", newKey...), "\n")
	if again := m.says(0, "rollcall-producer", newKey...); strings.Contains(again, "rck_") {
		t.Errorf("the second start made another key: %s", again)
	}
	text, err := os.ReadFile(m.config)
	if err != nil {
		t.Fatal(err)
	}
	m.put("etc/rollcall/rollcall.yaml", string(text)+"\napi:\n  keys:\n    - {name: page, hash_file: /run/rollcall/page, role: admin}\n")

	// Zones come with the program: the configuration names one.
	if said := m.says(0, "rollcall-worker", "check", "--config", "/etc/rollcall/rollcall.yaml", "--no-input"); !strings.Contains(said, "America/Sao_Paulo") {
		t.Errorf("check does not name the zone: %s", said)
	}
	if said := m.says(1, "rollcall-worker", "health", "127.0.0.1:1"); !strings.Contains(said, "refused") {
		t.Errorf("health of a program that does not run said %s", said)
	}
	in := func(cmd *exec.Cmd) (address string) {
		t.Helper()
		out, err := os.Create(filepath.Join(m.dir, filepath.Base(cmd.Path)+".log"))
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_, _ = cmd.Process.Kill(), cmd.Wait()
			_ = out.Close()
			if said, _ := os.ReadFile(out.Name()); t.Failed() {
				t.Logf("%s said:\n%s", cmd.Path, said)
			}
		})
		return listens(t, cmd.Path, func() string { said, _ := os.ReadFile(out.Name()); return string(said) })
	}
	probe := in(m.command("rollcall-worker", "run", "--config", "/etc/rollcall/rollcall.yaml", "--listen", "127.0.0.1:0"))
	server := in(m.command("rollcall-producer", "serve", "--config", "/etc/rollcall/rollcall.yaml", "--listen", "127.0.0.1:0"))
	for _, address := range []string{probe, server} {
		for _, args := range [][]string{{"health", address}, {"health", "--ready", address}} {
			until(t, 100*time.Millisecond, strings.Join(args, " "), func() bool { return m.command("rollcall-worker", args...).Run() == nil }, func() string { return "" })
		}
	}

	// An upload is spooled in /tmp, the only directory that they write to.
	m.person("5544999990001", true, true)
	m.person("5544999990002", true, true)
	upload, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+server+"/v1/batches?name=image", strings.NewReader("groupName,phones\nTurma 1,+5544999990001\nTurma 2,+5544999990002\n"))
	if err != nil {
		t.Fatal(err)
	}
	upload.Header.Set("Authorization", "Bearer "+key)
	upload.Header.Set("Content-Type", "text/csv")
	answer, err := http.DefaultClient.Do(upload)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusAccepted {
		t.Fatalf("the upload was answered %s %s, %v", answer.Status, body, err)
	}
	until(t, 100*time.Millisecond, "both groups are done", func() bool { return m.counts().groups["done"] == 2 },
		func() string { return fmt.Sprint(m.counts().groups) })
}

func TestImage_BringsItsOwnAuthorities(t *testing.T) {
	t.Parallel()
	for _, program := range []string{worker, producer} {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		names := make([]string, len(info.Deps))
		for i, dep := range info.Deps {
			names[i] = dep.Path
		}
		if !slices.Contains(names, "golang.org/x/crypto/x509roots/fallback") {
			t.Errorf("%s has no certificate authorities for an image from scratch", filepath.Base(program))
		}
	}
}

// mostBytes is how large a released program may be, on linux/amd64.
const mostBytes = 35_000_000

// untrimmed returns how many bytes of a program are names of this machine's directories. A release has none: it is
// built with -trimpath, and the tests' programs are not (testutil.Programs says why).
func untrimmed(t *testing.T, program []byte) int {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	module, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	goroot, modules, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	n := 0
	for directory, trimmed := range map[string]string{goroot + "/src/": "", modules + "/": "", module + "/": "github.com/rollcallhq/rollcall/"} {
		n += bytes.Count(program, []byte(directory)) * (len(directory) - len(trimmed))
	}
	return n
}

// text/template and golang.org/x/net/trace, which needs it, find methods by their names: with one of them in a program
// the linker keeps every exported method of every type, ten megabytes.
func TestImage_TheProgramsAreSmall(t *testing.T) {
	t.Parallel()
	for _, program := range []string{worker, producer} {
		text, err := os.ReadFile(program)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(text) - untrimmed(t, text); runtime.GOARCH == "amd64" && n > mostBytes {
			t.Errorf("%s has %d bytes without the directories of this machine, want at most %d", filepath.Base(program), n, mostBytes)
		}
		for _, function := range []string{"text/template.(*state)", "golang.org/x/net/trace.(*trace)"} { // in the table of lines, which a stripped program has too
			if bytes.Contains(text, []byte(function)) {
				t.Errorf("%s has %s", filepath.Base(program), function)
			}
		}
	}
	for _, file := range []string{"../Dockerfile", "../.goreleaser.yaml", "../Makefile"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, flag := range []string{"grpcnotrace", "nethttpomithttp2", "-s -w -funcalign=16"} {
			if !bytes.Contains(text, []byte(flag)) {
				t.Errorf("%s builds programs without %s", file, flag)
			}
		}
	}
}
