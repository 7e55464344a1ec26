package enqueue_test

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// allowed lists the modules that a program with the client carries, each with its reason. A change that
// adds one adds its reason.
var allowed = map[string]string{
	"github.com/rollcallhq/rollcall":  "ourselves",
	"github.com/redis/go-redis/v9":    "the caller has it already",
	"github.com/cespare/xxhash/v2":    "of go-redis",
	"go.uber.org/atomic":              "of go-redis",
	"golang.org/x/sys":                "of go-redis and asynq",
	"github.com/hibiken/asynq":        "the queue",
	"github.com/robfig/cron/v3":       "of asynq",
	"github.com/spf13/cast":           "of asynq",
	"golang.org/x/time":               "of asynq",
	"google.golang.org/protobuf":      "of asynq and phonenumbers",
	"github.com/google/uuid":          "ids",
	"github.com/nyaruka/phonenumbers": "what a telephone number is",
	"golang.org/x/text":               "encodings of spreadsheets",
	"golang.org/x/sync":               "reading while Redis writes",
	"github.com/cenkalti/backoff/v4":  "how long an instance rests",
	"github.com/fxamacker/cbor/v2":    "how records are written",
	"github.com/x448/float16":         "of cbor",
}

func TestClient_CarriesOnlyAllowedModules(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}} {{.ImportPath}}", ".")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var used []string
	for line := range strings.Lines(string(out)) {
		module, pkg, _ := strings.Cut(strings.TrimSpace(line), " ")
		if module == "" || pkg == "" { // the standard library has no module
			continue
		}
		used = append(used, module)
		if allowed[module] == "" {
			t.Errorf("the client needs %s of %s, which is not allowed", pkg, module)
		}
	}
	for module := range allowed {
		if !slices.Contains(used, module) {
			t.Errorf("%s is allowed but not needed: remove it", module)
		}
	}
}

// A program that imports the client must be free to use any patch release of Go.
func TestModule_DemandsNoPatchReleaseOfGo(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.GoVersion}}").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if version := strings.TrimSpace(string(out)); !regexp.MustCompile(`^1\.[0-9]+(\.0)?$`).MatchString(version) {
		t.Errorf("go.mod says go %s, want a first release such as 1.26.0", version)
	}
}
