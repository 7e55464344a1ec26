package workercmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestDev_RunsTheSampleToItsEndAndReportsOneDocument(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	if code := p.run("dev", "--exit-when-done", "--output", "json", "--listen", "off", "--personality", "kind", "--log-level", "debug"); code != cli.Done {
		t.Errorf("exit %d, want 0", code)
	}
	var doc struct {
		group.BatchDocument
		Groups []group.Document
	}
	d := json.NewDecoder(strings.NewReader(p.out.String()))
	if err := d.Decode(&doc); err != nil || d.More() {
		t.Fatalf("want one document (%v):\n%s", err, p.out.String())
	}
	if doc.Name != "sample" || doc.Status != "done" || doc.Total != 12 || doc.Counts[group.Done] != 12 || len(doc.Groups) != 12 || doc.FinishedAt == nil {
		t.Errorf("got the batch %+v with %d groups, want sample with 12 groups, all done", doc.BatchDocument, len(doc.Groups))
	}
	numbers := regexp.MustCompile(`\d{4,}`)
	for _, g := range doc.Groups {
		if g.Status != group.Done || g.GroupID == "" || !strings.HasPrefix(g.InviteLink, "https://chat.whatsapp.com/") {
			t.Errorf("group %s: got %s, id %q, link %q; want done, with an id and a link", g.GroupName, g.Status, g.GroupID, g.InviteLink)
		}
		for _, m := range g.Members {
			if m.Status != group.Added {
				t.Errorf("group %s: a member is %s, want added", g.GroupName, m.Status)
			}
			digits := strings.Join(numbers.FindAllString(m.Phone, -1), "")
			if strings.Contains(p.err.String(), digits[4:]) {
				t.Error("the log holds the number of a member")
			}
		}
	}
	if _, err := os.Stat(p.env["ROLLCALL_DEV_FILE"]); err == nil {
		t.Error("the dev file is left although the worker has ended")
	}
}

func TestDev_ReportsTheTruthWithHostileSimulators(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	code := p.run("dev", file(t, "two.ndjson", twoGroups), "--exit-when-done", "--listen", "off", "--personality", "hostile", "--seed", "6")
	if code != cli.Done && code != cli.Partly {
		t.Errorf("exit %d, want 0 or 3; it said:\n%s", code, p.err.String())
	}
	want(t, p.out.String(), "GROUP\tSTATUS\tINSTANCE\tPEOPLE", "two.ndjson", "the simulators agree", "lost 0, duplicates 0", "twice 0", "wrongly reported 0", "finished")
}

const twoGroups = `{"groupName": "Um", "phones": ["+5544900011122", "+5544900011123", "+5544900011124"]}
{"groupName": "Dois", "phones": ["+5544900011125", "+79001234567", "+5215538788192"]}
`

func TestDev_ReportsBadRowsAndGoesOn(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	path := file(t, "turmas.csv", "groupName;phones\nUm;+5544900011122\nDois;\n;+5544900011122\n")
	if code := p.run("dev", path, "--exit-when-done", "--listen", "off", "--personality", "kind"); code != cli.Partly {
		t.Errorf("exit %d, want 3", code)
	}
	want(t, p.err.String(), "turmas.csv, row 2: noPhones: ", "turmas.csv, row 3: noName: ", "1 group accepted", "2 rows invalid")
	want(t, p.out.String(), "Um\tdone", "2 invalid", "the simulators agree: 1 group exist")
}

func TestDev_ServesCommandsInOtherTerminals(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	p.start("dev", "--no-sample", "--listen", "127.0.0.1:0", "--personality", "kind")
	p.says("in another terminal")
	dev, err := p.io().FindDev(t.Context())
	if err != nil || dev.PID != os.Getpid() {
		t.Fatalf("FindDev: got %+v, %v, want this process", dev, err)
	}
	if text := get(t, dev.API+"/"); !strings.Contains(text, "/instances/") || !strings.Contains(text, "/ledger.") {
		t.Errorf("the index is %q, want the addresses of the instances and of the ledger", text)
	}
	if text := get(t, dev.API+"/readyz"); text != "ok\n" {
		t.Errorf("readyz answers %q, want ok", text)
	}
	other := newProcess(t)
	other.env = p.env
	if code := producercmd.Main(other.io("create", "--name", "Turma 1", "--phone", "+5544900011122", "--batch", "other", "--wait")); code != cli.Done {
		t.Errorf("create: exit %d, want 0; it said:\n%s", code, other.err.String())
	}
	want(t, other.err.String(), "using the Redis of the `rollcall-worker dev` that runs here")
	p.signals <- syscall.SIGINT
	if code := p.wait(); code != cli.Done {
		t.Errorf("exit %d, want 0", code)
	}
	want(t, p.out.String(), "everything: 1 group", "Turma 1\tdone", "1 added", "the simulators agree: 1 group exist")
	if _, err := p.io().FindDev(t.Context()); err == nil {
		t.Error("FindDev finds a worker that has ended")
	}
	if dir := filepath.Dir(strings.TrimPrefix(dev.Redis, "unix://")); !strings.Contains(dir, "rollcall-") {
		t.Errorf("Redis is at %s, want a socket in a directory of rollcall", dev.Redis)
	} else if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s is left behind", dir)
	}
}

func TestDev_AnInterruptIsNeitherSuccessNorFailure(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	never := strings.ReplaceAll(twoGroups, "}\n", `, "notBefore": "2099-01-01T00:00:00Z"}`+"\n") // so that it cannot end first
	p.start("dev", file(t, "two.ndjson", never), "--exit-when-done", "--listen", "off")
	p.says("2 groups accepted")
	p.signals <- syscall.SIGINT
	if code := p.wait(); code != cli.Interrupted {
		t.Errorf("exit %d, want 130", code)
	}
}

func TestDev_SendsEventsToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://crm.example/hook", "http://192.168.1.2:9000/", "127.0.0.1:9000", "ftp://127.0.0.1/"} {
		p := newProcess(t)
		if code := p.run("dev", "--no-sample", "--listen", "off", "--webhook", url); code != cli.BadUsage {
			t.Errorf("%s: exit %d, want 2", url, code)
		}
		want(t, p.err.String(), "not an address on this machine")
	}
}

func TestDev_NeverCallsARealProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, host := range []string{"https://api.z-api.io", "http://simulator.example:8090", "http://192.168.1.2:8090"} {
		p := newProcess(t)
		yaml := strings.Replace(w.yaml(redisInMemory(t)), w.url, host, 1)
		if code := p.run("dev", "--config", file(t, "rollcall.yaml", yaml)); code != cli.BadUsage {
			t.Errorf("exit %d, want 2", code)
		}
		want(t, p.err.String(), "instance alpha is at "+host+", and dev never calls a real provider")
	}
}

func TestDev_RunsTheInstancesOfAConfigurationOnThisMachine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProcess(t)
	path := file(t, "rollcall.yaml", w.yaml(redisInMemory(t)))
	if code := p.run("dev", file(t, "two.ndjson", twoGroups), "--exit-when-done", "--listen", "off", "--config", path); code != cli.Done {
		t.Errorf("exit %d, want 0; it said:\n%s", code, p.err.String())
	}
	if got := len(w.Ledger().Groups); got != 2 {
		t.Errorf("%d groups, want 2", got)
	}
	if strings.Contains(p.out.String(), "the simulators") {
		t.Error("dev compares with the simulators of another process, want no comparison")
	}
}

// A person tries a configuration in dev. What a producer with it would refuse must not be created.
func TestDev_RefusesWhatItsConfigurationRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := newProcess(t)
	path := file(t, "rollcall.yaml", w.yaml(redisInMemory(t))+"require_consent: true\n")
	if code := p.run("dev", file(t, "two.ndjson", twoGroups), "--exit-when-done", "--listen", "off", "--config", path); code != cli.Partly {
		t.Errorf("exit %d, want %d; it said:\n%s", code, cli.Partly, p.err.String())
	}
	want(t, p.err.String(), "row 1: badField", "row 2: badField", "2 rows invalid")
	if got := len(w.Ledger().Groups); got != 0 {
		t.Errorf("%d groups, want none", got)
	}
}

func TestDev_RefusesAnInstallationsRedis(t *testing.T) {
	t.Parallel()
	conn := testutil.Connect(t, "memory:")
	st, err := store.Open(t.Context(), conn.Client(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Presence.Announce(t.Context(), []store.Announcement{{Name: "vendas", SeenAt: time.Now()}}); err != nil {
		t.Fatal(err)
	}
	p := newProcess(t)
	if code := p.run("dev", "--redis", conn.Shared(), "--listen", "off"); code != cli.BadUsage {
		t.Errorf("exit %d, want 2", code)
	}
	want(t, p.err.String(), "belongs to an installation (instances vendas)", "--redis redis://127.0.0.1:6379/9")
}

func TestDev_RefusesAnAddressThatItCannotUse(t *testing.T) {
	t.Parallel()
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, test := range map[string]struct {
		listen string
		code   int
		says   string
	}{
		"a taken address": {taken.Addr().String(), cli.Failed, "address already in use; choose another --listen"},
		"everywhere":      {"0.0.0.0:8080", cli.BadUsage, "dev has no keys, so it listens on loopback only"},
		"no address":      {"8080", cli.BadUsage, "write host:port"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if code := p.run("dev", "--no-sample", "--listen", test.listen); code != test.code {
				t.Errorf("exit %d, want %d", code, test.code)
			}
			want(t, p.err.String(), test.says)
		})
	}
}

func TestDev_NamesTheDirectoryThatItCannotMake(t *testing.T) {
	testutil.RealRedis(t) // dev needs the directory only where there is a redis-server
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	p := newProcess(t)
	p.start("dev", "--no-sample", "--listen", "off")
	p.says("Redis is in memory")
	want(t, p.err.String(), "make a directory for Redis", "absent")
}

func TestDev_RefusesUnusableArguments(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"a file that is not there":      {[]string{"no-such-file.csv"}, "no-such-file.csv: no such file"},
		"a region that is no country":   {[]string{"--region", "XX"}, "--region \"XX\" is not a country"},
		"a directory":                   {[]string{"."}, "is a directory"},
		"an unknown personality":        {[]string{"--personality", "kindly"}, "want kind, realistic or hostile"},
		"nothing to wait for":           {[]string{"--exit-when-done", "--no-sample"}, "there is nothing for --exit-when-done to wait for"},
		"a file without a known header": {[]string{"--exit-when-done", file(t, "x.csv", "a;b\n1;2\n")}, "no column we know"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if code := p.run(append([]string{"dev", "--listen", "off"}, test.args...)...); code != cli.BadUsage {
				t.Errorf("exit %d, want 2", code)
			}
			want(t, p.err.String(), test.says)
		})
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
