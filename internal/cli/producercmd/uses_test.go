package producercmd_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// foreign is a worker's configuration, none of whose secrets this machine has.
const foreign = `instances:
  - {name: alpha, provider: zapi, instance_id: "${UNSET_ID}", token: "${UNSET_TOKEN}", client_token_file: absent, pools: [default]}
  - {name: beta, provider: greenapi, base_url: "${UNSET_URL}", instance_id: "1101", token_file: absent}
  - {name: gamma, provider: greenapi, instance_id: "1102", token_file: absent, hook_secret: "${UNSET_DOOR}", forward: [{url: "${UNSET_FORWARD}"}]}
webhooks:
  - {url: "${UNSET_HOOK}", secret: "${UNSET_SECRET}"}
api:
  keys:
    - {name: crm, hash: "${UNSET_HASH}", role: operator, pools: ["${UNSET_POOL}"]}
    - {name: form, hash_file: absent, role: operator}
`

// used lists all commands, with arguments that take them as far as Redis. The value is the variable
// of foreign that a command demands; "" means none.
var used = map[string]string{
	"create --name Turma --phone +5544999999999": "", "create --name Turma --phone +5544999999999 --dry-run": "",
	"create --name Turma --phone +5544999999999 --dry-run --check-numbers": "UNSET_TOKEN",
	"status": "", "explain grp_x": "", "list": "", "watch nothing": "", "export nothing": "", "add grp_x --phone +5544999999999": "", "retry grp_x": "", "cancel grp_x": "", "move grp_x --to-instance alpha": "", "edit grp_x --name Turma": "",
	"resolve grp_x --abandon": "", "pause alpha": "", "resume alpha": "", "pace alpha": "", "suppress list": "",
	"suppress add +5544999999999": "", "suppress remove +5544999999999": "", "evidence +5544999999999": "",
	"hooks --url https://rollcall.example": "UNSET_DOOR", "hooks --url https://rollcall.example --set": "UNSET_TOKEN", "hooks --unset": "UNSET_TOKEN",
	"serve --listen 127.0.0.1:0": "UNSET_HASH", "mcp": "", "key new --name a --role viewer": "", "encryption rotate": "", "recover": "", "unreadable list": "", "unreadable export group grp_x": "", "unreadable remove group grp_x": "",
	"webhooks": "", "webhooks list": "", "webhooks failures": "", "webhooks replay": "", "webhooks enable x": "", "audit": "", "version": "", "health": "",
}

func TestProducer_ACommandDemandsOnlyTheSecretsThatItUses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(path, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	conn := testutil.Connect(t, "memory:")
	for line, demanded := range used {
		code, said := command(t, line, nil, "--config", path, "--redis", conn.Shared())
		switch {
		case demanded == "" && (strings.Contains(said, "UNSET") || strings.Contains(said, "_file") || strings.Contains(said, "cannot be read")):
			t.Errorf("%s: %s", line, said)
		case demanded != "" && (code != cli.BadUsage || !strings.Contains(said, demanded)):
			t.Errorf("%s: exit %d, want 2 and the demand for %s: %s", line, code, demanded, said)
		case strings.Contains(said, "unknown command"), strings.Contains(said, "unknown flag"):
			t.Errorf("%s: %s", line, said)
		}
	}
	var walk func(c *cobra.Command, path string)
	walk = func(c *cobra.Command, path string) {
		for _, below := range c.Commands() {
			if name := strings.TrimSpace(path + " " + below.Name()); below.HasSubCommands() {
				walk(below, name)
			} else if name != "help" && !strings.HasPrefix(name, "completion") && !anyBegins(used, name) {
				t.Errorf("the command %s is not in used; add it", name)
			}
		}
	}
	walk(producercmd.New(&cli.IO{}), "")
}

// command runs a line of used with more arguments in this environment, and returns all that it writes.
func command(t *testing.T, line string, env map[string]string, more ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	o := &cli.IO{
		Args: append(append(strings.Fields(line), "--no-input"), more...), In: strings.NewReader(""), Out: &out, Err: &out,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }, Width: func() int { return 0 },
		Signals: func() (<-chan os.Signal, func()) { return make(chan os.Signal), func() {} },
		Now:     time.Now, CacheDir: func() (string, error) { return t.TempDir(), nil }, LimitHeap: func(int64) {},
	}
	return producercmd.Main(o), out.String()
}

func TestProducer_NoCommandShowsTheRedisPassword(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(path, []byte("retention: 24h\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	places := []string{"flag", "variable", "file"}
	for i, password := range []string{
		"planted/needle", "planted?needle", "planted#needle", "planted@needle", "6379/needle",
		"planted%2Fneedle%3F%23%40", // percent-encoded: the address is valid, but no Redis answers
	} {
		url := "redis://user:" + password + "@127.0.0.1:1/0"
		file := filepath.Join(t.TempDir(), "rollcall.yaml")
		if err := os.WriteFile(file, []byte("redis: {url: '"+url+"'}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		// Each command gets each password in one place; the places take turns.
		for j, line := range slices.Sorted(maps.Keys(used)) {
			place, env, args := places[(i+j)%len(places)], map[string]string{}, []string{"--config", path}
			switch place {
			case "flag":
				args = append(args, "--redis", url)
			case "variable":
				env["ROLLCALL_REDIS_URL"] = url
			case "file":
				args = []string{"--config", file}
			}
			code, said := command(t, line, env, args...)
			if strings.Contains(said, "needle") || strings.Contains(said, "planted") {
				t.Errorf("%s with %s in the %s: exit %d: %s", line, password, place, code, said)
			}
		}
	}
}

func anyBegins(all map[string]string, name string) bool {
	for line := range all {
		if line == name || strings.HasPrefix(line, name+" ") {
			return true
		}
	}
	return false
}
