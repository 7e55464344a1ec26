package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wires are instances of `rollcall-worker dev`, one of each provider of which the stage (newStage) has none.
var wires = []string{"sim-evolution-1", "sim-gowa-1"}

// TestWorkerDev_SixtyGroupsThroughEveryWireOnAHostileDay runs 60 groups through the simulator of each of them
// while about one call in five misbehaves: none is lost, none is made twice, none wrongly failed.
func TestWorkerDev_SixtyGroupsThroughEveryWireOnAHostileDay(t *testing.T) {
	t.Parallel()
	const each = 60
	seed := uint64(15)
	if *seedFlag != 0 {
		seed = *seedFlag
	}
	var rows bytes.Buffer
	enc := json.NewEncoder(&rows)
	for i := range each {
		for w, instance := range wires {
			var phones []string
			for j := range 2 + i%5 {
				phones = append(phones, []string{"+55119%08d", "+7900%07d", "+52155%08d", "+1202555%04d"}[(i+j)%4])
				phones[j] = fmt.Sprintf(phones[j], (i*len(wires)+w)*8%9000+j+100)
			}
			if err := enc.Encode(map[string]any{"groupName": fmt.Sprintf("%s %02d", instance, i), "instance": instance, "phones": phones}); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "wires.ndjson")
	if err := os.WriteFile(path, rows.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), worker, "dev", path, "--exit-when-done", "--listen", "off", "--personality", "hostile", "--seed", fmt.Sprint(seed))
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "ROLLCALL_DEV_FILE="+filepath.Join(cmd.Dir, "dev.json"))
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 3 {
		t.Fatalf("exit %d, %v; it said:\n%s", code, err, said.String())
	}
	verdict := regexp.MustCompile(`the simulators[^\n]*`).FindString(string(out))
	t.Logf("seed %d: %s", seed, verdict)
	for _, want := range []string{"the simulators agree", "lost 0, duplicates 0", "twice 0", "wrongly reported 0"} {
		if !strings.Contains(verdict, want) {
			t.Errorf("%q is missing in:\n%s", want, out)
		}
	}
	counts := map[string]int{}
	for _, found := range regexp.MustCompile(`(\d+) (done|review|failed)`).FindAllStringSubmatch(groupsLine.FindString(string(out)), -1) {
		counts[found[2]], _ = strconv.Atoi(found[1])
	}
	t.Logf("%v of %d groups", counts, each*len(wires))
	if n := each * len(wires); counts["failed"] > 0 || counts["done"]+counts["review"] != n || counts["done"] < n*9/10 {
		t.Errorf("%v of %d groups:\n%s", counts, n, out)
	}
}

// groupsLine matches the line of a report with the outcomes of the groups.
var groupsLine = regexp.MustCompile(`(?m)^groups\s[^\n]*$`)
