package producercmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// foreign is a configuration of the workers', of which this machine has no secret.
const foreign = `instances:
  - {name: alpha, provider: zapi, instance_id: "${UNSET_ID}", token: "${UNSET_TOKEN}", client_token_file: absent, pools: [default]}
  - {name: beta, provider: greenapi, base_url: "${UNSET_URL}", instance_id: "1101", token_file: absent}
webhooks:
  - {url: "${UNSET_HOOK}", secret: "${UNSET_SECRET}"}
`

// used are all commands, with arguments that let them get as far as Redis. The value says which
// variable a command demands all the same; "" is none.
var used = map[string]string{
	"create --name Turma --phone +5544999999999": "", "create --name Turma --phone +5544999999999 --dry-run": "",
	"create --name Turma --phone +5544999999999 --dry-run --check-numbers": "UNSET_TOKEN",
	"status": "", "explain grp_x": "", "list": "", "watch nothing": "", "export nothing": "", "retry grp_x": "", "cancel grp_x": "", "move grp_x --to-instance alpha": "",
	"resolve grp_x --abandon": "", "pause alpha": "", "resume alpha": "", "pace alpha": "", "suppress list": "",
	"suppress add +5544999999999": "", "suppress remove +5544999999999": "", "evidence +5544999999999": "",
	"hooks --url https://rollcall.example": "", "hooks --url https://rollcall.example --set": "UNSET_TOKEN", "hooks --unset": "UNSET_TOKEN",
	"serve --listen nowhere": "", "key new --name a --role viewer": "", "encryption rotate": "", "recover": "",
	"webhooks": "", "webhooks list": "", "webhooks failures": "", "webhooks replay": "", "webhooks enable x": "", "audit": "", "version": "",
}

func TestProducer_ACommandDemandsOnlyTheSecretsThatItUses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(path, []byte(foreign), 0o600); err != nil {
		t.Fatal(err)
	}
	conn := testutil.Connect(t, "memory:")
	run := func(line string) (code int, said string) {
		var out bytes.Buffer
		o := &cli.IO{
			Args: append(strings.Fields(line), "--config", path, "--redis", conn.Shared(), "--no-input"), In: strings.NewReader(""), Out: &out, Err: &out,
			LookupEnv: func(string) (string, bool) { return "", false }, Width: func() int { return 0 },
			Signals: func() (<-chan os.Signal, func()) { return make(chan os.Signal), func() {} },
			Now:     time.Now, CacheDir: func() (string, error) { return t.TempDir(), nil }, LimitHeap: func(int64) {},
		}
		return producercmd.Main(o), out.String()
	}
	for line, demanded := range used {
		code, said := run(line)
		switch {
		case demanded == "" && (strings.Contains(said, "UNSET") || strings.Contains(said, "_file") || strings.Contains(said, "cannot be read")):
			t.Errorf("%s: %s", line, said)
		case demanded != "" && (code != cli.BadUsage || !strings.Contains(said, demanded)):
			t.Errorf("%s: exit %d: %s", line, code, said)
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
				t.Errorf("%s is not in this table", name)
			}
		}
	}
	walk(producercmd.New(&cli.IO{}), "")
}

func anyBegins(all map[string]string, name string) bool {
	for line := range all {
		if line == name || strings.HasPrefix(line, name+" ") {
			return true
		}
	}
	return false
}
