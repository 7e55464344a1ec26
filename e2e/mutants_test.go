package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/e2e/check"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// mutant is a deliberate fault: an edit of one production file that is active only if the program has the mutant's name.
// So one build, with an overlay, holds all mutants, and the tree does not change.
type mutant struct {
	name     string
	rule     check.Rule // that must catch it
	file     string
	old, new string // On(…) reports whether the mutant is active
}

var mutants = []mutant{
	{
		"lost", check.NothingLost, "internal/store/accept.go",
		`if e.Outcome != Created {`, `if e.Outcome != Created || mutant.On("lost") && e.Group.Row%4 == 3 {`,
	},
	{
		"retry-on-500", check.OneGroup, "internal/steps/create.go",
		`case e.Class == provider.NotSent:`, `case e.Class == provider.NotSent, mutant.On("retry-on-500") && e.Class == provider.Unknown:`,
	},
	{
		"invite-again", check.OneInvite, "internal/steps/invite.go",
		`if e.Class == provider.Unknown {`, `if mutant.On("invite-again") && e.Class == provider.Unknown {
		e.Class = provider.NotSent
	}
	if e.Class == provider.Unknown {`,
	},
	{
		"no-floor", check.Floor, "internal/dispatch/dispatcher.go",
		`pace, ends := d.opts.Health.Pace(is.instance, is.kind, is.pace)`, `pace, ends := d.opts.Health.Pace(is.instance, is.kind, is.pace)
		if mutant.On("no-floor") {
			pace.Every = 0
		}`,
	},
	{
		"no-last-check", check.LetAlone, "internal/store/people.go",
		`if v != nil {`, `if v != nil && !mutant.On("no-last-check") {`,
	},
	{
		"batch-ends-early", check.BatchEndsOnce, "internal/store/index.go",
		`redis.NewScript(countersSource + indexSource)`, `redis.NewScript(mutant.Edit("batch-ends-early", countersSource, "f[2] + f[3] + f[4] == f[1]", "f[2] + f[3] + f[4] > 0") + indexSource)`,
	},
	{
		"no-fence", check.ForwardOnly, "internal/store/update.go",
		`written, err := swapScript.Run(`, `if mutant.On("no-fence") {
		if g.Rev%2 == 0 { // a late worker writes what it held
			go func() {
				time.Sleep(2 * time.Second)
				rs.rdb.Set(context.WithoutCancel(ctx), recordKey(g.ID), value, 0)
			}()
		}
		return true, rs.rdb.Set(ctx, recordKey(g.ID), value, 0).Err()
	}
	written, err := swapScript.Run(`,
	},
	{
		"token-in-redis", check.NoSecrets, "internal/app/instances.go",
		`Name: i.Name, Provider: string(i.Provider), Pools`, `Name: i.Name, Provider: string(i.Provider) + mutant.If("token-in-redis", i.Credentials["token"].Reveal()), Pools`,
	},
	{
		"mute", check.SaysWhy, "internal/group/group.go",
		`g.Error = &Error{Code: code, At: now.UTC(), Message: message, Remedy: remedy}`, `g.Error = &Error{Code: code, At: now.UTC(), Message: message, Remedy: remedy}
	if mutant.On("mute") {
		g.Error.Remedy.Code = ""
	}`,
	},
	{
		"forget-next", check.NothingForEver, "internal/steps/delivery.go",
		`if len(next) == 0 {`, `if len(next) == 0 || mutant.On("forget-next") {`,
	},
	{"deadly", 0, "internal/steps/create.go", // no rule catches it: see the test of poison
		`created, err = d.in.Provider.CreateGroup(`, `if mutant.On("deadly") && d.g.Name == "Deadly" {
			os.Exit(9)
		}
		created, err = d.in.Provider.CreateGroup(`},
}

// mutantSource is a package that exists only in the overlay. The program's name selects the mutant.
const mutantSource = `package mutant

import (
	"os"
	"path/filepath"
	"strings"
)

func On(name string) bool { return strings.HasSuffix(filepath.Base(os.Args[0]), "-is-"+name) }

func If(name, text string) string {
	if On(name) {
		return text
	}
	return ""
}

func Edit(name, text, from, to string) string {
	if !strings.Contains(text, from) {
		panic("the mutant " + name + " has nothing to edit")
	}
	if On(name) {
		return strings.Replace(text, from, to, 1)
	}
	return text
}
`

// mutated builds both programs with all mutants in them, once.
var mutated = sync.OnceValues(func() (dir string, err error) {
	dir = filepath.Join(filepath.Dir(worker), "mutated")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", err
	}
	root, err := filepath.Abs("..")
	if err != nil {
		return "", err
	}
	texts := map[string]string{}
	for _, m := range mutants {
		text, ok := texts[m.file]
		if !ok {
			source, err := os.ReadFile(filepath.Join(root, m.file))
			if err != nil {
				return "", err
			}
			text = strings.Replace(string(source), "import (", "import (\n\t\"github.com/rollcallhq/rollcall/internal/mutant\"", 1)
		}
		if strings.Count(text, m.old) != 1 {
			return "", fmt.Errorf("the mutant %s does not fit %s any more: it holds %q %d times", m.name, m.file, m.old, strings.Count(text, m.old))
		}
		if strings.Contains(m.new, "os.Exit") && !strings.Contains(text, "\"os\"") {
			text = strings.Replace(text, "import (", "import (\n\t\"os\"", 1)
		}
		texts[m.file] = strings.Replace(text, m.old, m.new, 1)
	}
	texts["internal/mutant/mutant.go"] = mutantSource
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range texts {
		path := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(root, file)] = path
	}
	doc, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), doc, 0o600); err != nil {
		return "", err
	}
	return dir, testutil.Programs(root, dir, "-overlay="+filepath.Join(dir, "overlay.json"), "./worker", "./producer")
})

// mutantOf is a program as a mutant; "none" is the same build without one.
func mutantOf(t *testing.T, program, name string) string {
	t.Helper()
	dir, err := mutated()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, program+"-is-"+name)
	if err := os.Link(filepath.Join(dir, program), path); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	return path
}

func TestTheCheckerCatchesAMutantOfEveryRule(t *testing.T) {
	t.Parallel()
	none := mutant{name: "none"}
	caught := map[check.Rule]bool{}
	var mu sync.Mutex
	t.Run("mutants", func(t *testing.T) {
		for _, m := range append([]mutant{none}, mutants...) {
			if m.rule == 0 && m.name != none.name {
				continue
			}
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				findings := liveAs(t, m.name)
				if m.name == none.name {
					for _, f := range findings {
						t.Errorf("without a mutant nothing is to be found: %v", f)
					}
					return
				}
				for _, f := range findings {
					if f.Rule == m.rule {
						t.Logf("caught among %d findings: %v", len(findings), f)
						mu.Lock()
						caught[m.rule] = true
						mu.Unlock()
						return
					}
				}
				t.Errorf("%v does not catch the mutant; findings: %v", m.rule, findings)
			})
		}
	})
	if len(caught) != 10 {
		t.Errorf("%d of 10 rules have caught a mutant", len(caught))
	}
}

// liveAs runs some work with two workers and a producer that are mutants, and checks the result.
func liveAs(t *testing.T, name string) []check.Finding {
	t.Helper()
	s := newStage(t, script{
		// Long enough that both workers have creates to make, though one starts a second later.
		seed: 21, create: "600ms", timeout: "2s",
		quirks:  []quirk{blocked(0.6), lag(100 * time.Millisecond), takes(20 * time.Millisecond)},
		trouble: slices.Concat(trouble("create", 0.3, "500-but-created", "500-not-created"), trouble("send", 0.3, "500-but-created")),
	})
	s.leaky = name == "token-in-redis"
	const n = 24
	lonely := "5511900000001" // has no WhatsApp, so their group fails
	s.person(lonely, false, false)
	file := s.requests("Mutant", n, nil)
	more := s.file("lonely.ndjson", fmt.Sprintf(`{"groupName":"Lonely","phones":["+%s"]}`+"\n", lonely))
	for _, f := range []string{file, more} {
		if r := s.run(mutantOf(t, "producer", name), "create", f, "--config", s.config); r.code != 0 {
			t.Fatal(r)
		}
	}
	// After the request is accepted and before the create, a person asks not to be contacted.
	alone := fmt.Sprintf("55119%08d", (s.seed%100*8+1)*100_000+5)
	if r := s.produce("suppress", "add", alone, "--reason", "asked us to"); r.code != 0 {
		t.Fatal(r)
	}
	since := time.Now()
	program := mutantOf(t, "worker", name)
	for _, who := range []string{"one", "two"} {
		s.start(who, program, "run", "--config", s.config, "--listen", "off", "--log-format", "json")
	}
	if name == "none" {
		s.settle()
	} else {
		// Some mutants never come to an end: then the test checks what is there. It ends long before the
		// sweeper's first pass, which would hide what was forgotten.
		deadline := time.Now().Add(13 * time.Second)
		until(t, 200*time.Millisecond, "the day is over", func() bool {
			return s.counts().open() == 0 || time.Now().After(deadline)
		}, func() string { return "" })
	}
	return s.examine(s.redis.Client(), examination{
		rows: n + 1, alone: map[string]time.Time{simulator.Account(alone): since},
		// A loaded machine may stamp an arrival late, so a third of the floor is let pass.
		pace: 400 * time.Millisecond,
	})
}
