package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// TestCheck_BoundsEveryText tries each bound of a request from both sides.
func TestCheck_BoundsEveryText(t *testing.T) {
	t.Parallel()
	keys := func(n int) string {
		all := make([]string, n)
		for i := range all {
			all[i] = `"k` + strings.Repeat("x", i) + `":1`
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	long := func(n int) string { return `"` + strings.Repeat("é", n) + `"` }
	link := func(n int) string { return `"{{.Link}}` + strings.Repeat("é", n-len("{{.Link}}")) + `"` }
	for _, c := range []struct {
		name, key, fits, not string
		field                string
		code                 tasks.Code
	}{
		{"metadata's depth", "metadata", deep(8), deep(9), "metadata", tasks.BadField},
		{"metadata's depth through lists", "metadata", `{"a":[[[[[[[1]]]]]]]}`, `{"a":[[[[[[[[1]]]]]]]]}`, "metadata", tasks.BadField},
		{"metadata's keys", "metadata", keys(64), keys(65), "metadata", tasks.BadField},
		{"metadata's size", "metadata", `{"a":"` + strings.Repeat("x", 16<<10-8) + `"}`, `{"a":"` + strings.Repeat("x", 16<<10-7) + `"}`, "metadata", tasks.BadField},
		{"metadata's numbers", "metadata", `{"a":[1e308]}`, `{"a":[1e400]}`, "metadata", tasks.BadField},
		{"the invitation", "inviteMessage", link(4096), link(4097), "inviteMessage", tasks.BadField},
		{"the reference", "externalRef", long(255), long(256), "externalRef", tasks.BadField},
		{"the key", "idempotencyKey", long(255), long(256), "idempotencyKey", tasks.BadField},
		{"the pool", "pool", long(255), long(256), "pool", tasks.BadField},
		{"a chat id", "chatIds", `["` + strings.Repeat("1", 255) + `"]`, `["` + strings.Repeat("1", 256) + `"]`, "chatIds", tasks.BadField},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			check := func(value string) *tasks.RowError {
				r, err := intake.Decode([]byte(`{"groupName":"T","phones":["+5544999999999"],"` + c.key + `":` + value + `}`))
				if err != nil {
					return err
				}
				_, err = intake.Check(r, intake.Rules{Now: time.Now()})
				return err
			}
			if err := check(c.fits); err != nil {
				t.Errorf("at the bound: got %v, want no error", err)
			}
			if err := check(c.not); err == nil || err.Code != c.code || err.Field != c.field {
				t.Errorf("beyond the bound: got %+v, want %s of %s", err, c.code, c.field)
			}
		})
	}
}

func TestCheck_BoundsUnusablePeople(t *testing.T) {
	t.Parallel()
	r := tasks.GroupRequest{GroupName: "T", Phones: []tasks.Phone{"+5544999999999"}}
	for i := range tasks.MaxEntries {
		r.Phones = append(r.Phones, tasks.Phone("x"+strings.Repeat("y", i%200)+strings.Repeat("z", i/200)))
	}
	if _, err := intake.Check(r, intake.Rules{Now: time.Now()}); err == nil || err.Code != tasks.TooManyPhones {
		t.Errorf("%d entries: got %v, want tooManyPhones", len(r.Phones), err)
	}
}

// TestDecode_LooksForTenNearestKeysAtMost compares the allocations for many unknown keys with those for few.
//
//nolint:paralleltest // allocations are counted
func TestDecode_LooksForTenNearestKeysAtMost(t *testing.T) {
	body := func(n int) []byte {
		var keys strings.Builder
		for i := range n {
			keys.WriteString(`"phonez` + strings.Repeat("a", i%30) + strings.Repeat("b", i/30%30) + strings.Repeat("c", i/900) + `":1,`)
		}
		return []byte(`{` + keys.String() + `"groupName":"T"}`)
	}
	few := testing.AllocsPerRun(3, func() { _, _ = intake.Decode(body(10)) })
	many := testing.AllocsPerRun(3, func() { _, _ = intake.Decode(body(1000)) })
	if many > few+1000*8 {
		t.Errorf("a thousand unknown keys cost %.0f allocations, ten %.0f; want at most 8 more a key", many, few)
	}
}

func TestRead_AnObjectWithoutAGroupIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{"group": [{"groupName": "T", "phones": ["+5544999999999"]}]}`, "{\n \"foo\": 1\n}"} {
		var last error
		for row, err := range intake.Read(t.Context(), strings.NewReader(text), intake.Options{Format: intake.JSON}) {
			if last = err; err == nil {
				t.Errorf("%s: got the row %+v, want none", text, row)
			}
		}
		if last == nil || !strings.Contains(last.Error(), `{"groups": [`) {
			t.Errorf("%s: got %v, want an error that shows the form of a body", text, last)
		}
	}
}
