package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	lineA  = `{"groupName": "A", "phones": ["5544999999999", 79001234567]}`
	lineB  = `{"groupName": "B", "chatIds": ["79001234568@c.us"]}`
	shownA = "1 A [5544999999999 79001234567]\n"
	shownB = "2 B [79001234568@c.us]\n"
)

func TestRead_JSONHoweverItIsFormatted(t *testing.T) {
	t.Parallel()
	pretty := "{\n  \"groupName\": \"A\",\n  \"phones\": [\n    \"5544999999999\",\n    79001234567\n  ]\n}"
	for _, tt := range []struct{ name, format, input, want string }{
		{"one object on one line", "", lineA, shownA},
		{"one object over several lines", "", pretty + "\n", shownA},
		{"one object over several lines, declared as lines", intake.NDJSON, pretty, shownA},
		{"one object behind space and a BOM", "", "\ufeff\n  " + pretty, shownA},
		{"several printed objects", "", pretty + "\n" + lineB, shownA + shownB},
		{"one object a line", "", lineA + "\n" + lineB + "\n", shownA + shownB},
		{"one object a line with blank lines and CRLF", "", lineA + "\r\n\r\n  \r\n" + lineB, shownA + shownB},
		{"an array", "", "[" + lineA + ", " + lineB + "]", shownA + shownB},
		{"a printed array", intake.JSON, "[\n  " + pretty + ",\n  " + lineB + "\n]\n", shownA + shownB},
		{"an array declared as lines", intake.NDJSON, "[" + lineA + "]", shownA},
		{"groups", "", `{"groups": [` + lineA + "," + lineB + "]}", shownA + shownB},
		{"printed groups", "", "{\n \"groups\" : [\n" + lineA + "\n,\n" + lineB + "]\n}\n", shownA + shownB},
		{"brackets and quotes in texts", "", `[{"groupName": "A } ] \" {", "phones": ["5544999999999"]}]`, "1 A } ] \" { [5544999999999]\n"},
		{"keys beside groups are errors", "", `{"pool": {"x": [1]}, "groups": [` + lineB + `], "x": 1}`, "1  !badField pool\n" + shownB + "3  !badField x\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, tt.input, intake.Options{Format: tt.format})
			if diff := cmp.Diff(tt.want, shown(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRead_ABadJSONRowIsAnErrorAndTheOthersAreRead(t *testing.T) {
	t.Parallel()
	large := `{"groupName": "` + strings.Repeat("x", tasks.MaxRowBytes) + `"}`
	for _, tt := range []struct{ name, format, input, want string }{
		{"a bad line", "", lineA + "\n{\"groupName\": \"X\", }\n" + lineB, shownA + "2  !unreadable \n3 B [79001234568@c.us]\n"},
		{"a bad first line", "", "{\"groupName\": \n" + lineB + "\n", "1  !unreadable \n" + shownB},
		{"a line that is not an object", "", lineA + "\nhello\n", shownA + "2  !unreadable \n"},
		{"a first line that is not an object, declared as lines", intake.NDJSON, "hello\n" + lineB, "1  !unreadable \n" + shownB},
		{"broken UTF-8", "", lineA + "\n{\"groupName\": \"\xff\"}\n" + lineB, shownA + "2  !unreadable \n3 B [79001234568@c.us]\n"},
		{"a line over 1 MiB", "", large + "\n" + lineB, "1  !tooLarge \n" + shownB},
		{"an element over 1 MiB", "", "[" + large + "," + lineB + "]", "1  !tooLarge \n" + shownB},
		{"a line cut off", "", lineA + "\n" + lineB[:30], shownA + "2  !unreadable \n"},
		{"an array cut off inside an element", "", "[" + lineA + "," + lineB[:30], shownA + "2  !unreadable \n"},
		{"an array cut off behind an element", "", "[" + lineA, shownA + "2  !unreadable \n"},
		{"groups cut off", "", `{"groups": [` + lineA + "]", shownA + "2  !unreadable \n"},
		{"an object cut off", "", "{\n\"groupName\": \"A\",\n", "1  !unreadable \n"},
		{"an element that is not an object", "", "[" + lineA + ", 3, " + lineB + "]", shownA + "2  !unreadable \n3 B [79001234568@c.us]\n"},
		{"an element with a mistake inside", "", `[{"groupName": "X" "phones": []}, ` + lineB + "]", "1  !unreadable \n" + shownB},
		{"a missing comma", "", "[" + lineA + " " + lineB + "]", shownA + "2  !unreadable \n"},
		{"something behind the list", "", "[" + lineA + "] x", shownA + "2  !unreadable \n"},
		{"something behind the object", "", "{\n\"groupName\": \"A\", \"phones\": [\"5544999999999\", 79001234567]\n}\n}", shownA + "2  !unreadable \n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, tt.input, intake.Options{Format: tt.format})
			if diff := cmp.Diff(tt.want, shown(rows)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecode_TakesEveryDocumentedKey(t *testing.T) {
	t.Parallel()
	r, rowErr := intake.Decode([]byte(`{"groupName": "Turma 12", "phones": ["5544999999999", 79001234567, null, 5.5119E+12], "autoInvite": false,
		"chatIds": ["79001234568@c.us"], "pool": "default", "priority": "high", "idempotencyKey": "deal-812", "externalRef": 812,
		"notBefore": null, "expiresAt": "2026-12-01T00:00:00Z", "inviteMessage": "x", "metadata": {"owner": "ana", "id": 12345678901234567890},
		"rollcall_status": "failed", "profileImage": "x"}`))
	if rowErr != nil {
		t.Fatal(rowErr)
	}
	got := fmt.Sprint(r.GroupName, r.Phones, *r.AutoInvite, r.ChatIDs, r.Pool, r.Priority, r.IdempotencyKey, r.ExternalRef, r.NotBefore, r.ExpiresAt, r.InviteMessage, r.Metadata)
	want := "Turma 12[5544999999999 79001234567 5.5119E+12]false[79001234568@c.us]defaulthighdeal-812812<nil>2026-12-01 00:00:00 +0000 UTCxmap[id:12345678901234567890 owner:ana]"
	if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDecode_NamesTheFieldThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body, field, says string
		code                    tasks.Code
	}{
		{"another spelling of a key", `{"group_name": "A"}`, "group_name", `"groupName"`, tasks.BadField},
		{"a slip of the fingers", `{"groupName": "A", "phons": []}`, "phons", `"phones"`, tasks.BadField},
		{"a word of a spreadsheet", `{"groupName": "A", "telefones": []}`, "telefones", `"phones"`, tasks.BadField},
		{"a key of another program", `{"groupName": "A", "dealOwner": "x"}`, "dealOwner", "metadata", tasks.BadField},
		{"a key twice", `{"groupName": "A", "phones": ["5544999999991"], "phones": ["5544999999992"]}`, "phones", "given twice", tasks.BadField},
		{"a key twice in two cases", `{"phones": ["5544999999991"], "groupName": {}, "PHONES": ["5544999999992"]}`, "PHONES", "given twice", tasks.BadField},
		{"an unknown key without a value", `{"groupName": "A", "dealOwner": null}`, "dealOwner", "metadata", tasks.BadField},
		{"phones in one text", `{"phones": "5544999999999"}`, "phones", "list", tasks.BadField},
		{"a phone that is neither text nor number", `{"phones": ["1", true]}`, "phones", "entry 2", tasks.BadField},
		{"chat ids that are numbers", `{"chatIds": [1]}`, "chatIds", "list of texts", tasks.BadField},
		{"a name that is a number", `{"groupName": 12}`, "groupName", "in quotes", tasks.BadField},
		{"an autoInvite that is neither", `{"autoInvite": 3}`, "autoInvite", "true or false", tasks.BadField},
		{"metadata that is a list", `{"metadata": []}`, "metadata", "object", tasks.BadField},
		{"a time of another form", `{"expiresAt": "21/11/2026"}`, "expiresAt", "2026-11-21T09", tasks.BadTime},
		{"a time that is a number", `{"notBefore": 1790000000}`, "notBefore", "2026-11-21T09", tasks.BadTime},
		{"a list", `[1]`, "", "JSON object", tasks.Unreadable},
		{"null", `null`, "", "JSON object", tasks.Unreadable},
		{"nothing", ``, "", "JSON object", tasks.Unreadable},
		{"a comma too many", `{"groupName": "A",}`, "", "byte", tasks.Unreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, rowErr := intake.Decode([]byte(tt.body))
			wantCode(t, rowErr, tt.code, tt.field)
			if !strings.Contains(rowErr.Message, tt.says) {
				t.Errorf("got %q, want it to say %q", rowErr.Message, tt.says)
			}
		})
	}
}

func TestDecode_NamesEveryKeyThatIsWrong(t *testing.T) {
	t.Parallel()
	_, rowErr := intake.Decode([]byte(`{"group_name": "A", "phones": "+5544999999991", "expiresAt": "soon", "autoInvite": "perhaps", "x": 1, "groupName": "A"}`))
	if rowErr == nil {
		t.Fatal("Decode = nil, want faults")
	}
	var got []string
	for _, fault := range rowErr.All() {
		got = append(got, string(fault.Code)+" "+fault.Field)
	}
	if want := []string{"badField autoInvite", "badTime expiresAt", "badField group_name", "badField phones", "badField x"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, rowErr := intake.Decode([]byte("{" + strings.TrimSuffix(manyKeys(90), ",") + "}")); rowErr == nil || len(rowErr.All()) != 10 {
		t.Errorf("of 90 unknown keys got %v, want 10 faults", rowErr)
	}
}

// manyKeys returns n unknown keys of a JSON object, with a comma behind each.
func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"k%d": 1,`, i)
	}
	return b.String()
}

func TestRead_ReturnsOnlyWholeRowsBeforeAFailure(t *testing.T) {
	t.Parallel()
	for name, input := range map[string]string{
		"csv":    "groupName;phones\nA;5544999999999\nB;5544888",
		"ndjson": lineA + "\n" + lineB[:40],
		"json":   "[" + lineA + "," + lineB[:40],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rows []intake.Row
			var got error
			for row, err := range intake.Read(t.Context(), io.MultiReader(strings.NewReader(input), &failing{io.ErrUnexpectedEOF}), intake.Options{}) {
				if err != nil {
					got = err
					continue
				}
				rows = append(rows, row)
			}
			if len(rows) != 1 || rows[0].Request.GroupName != "A" || !errors.Is(got, io.ErrUnexpectedEOF) {
				t.Errorf("got %s and %v, want A and the failure", shown(rows), got)
			}
		})
	}
}

func TestRead_EndsWithItsContextOrItsCaller(t *testing.T) {
	t.Parallel()
	input := strings.Repeat(lineA+"\n", 10)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows := 0
	var got error
	for _, err := range intake.Read(ctx, strings.NewReader(input), intake.Options{}) {
		if got = err; err == nil {
			rows++
			cancel()
		}
	}
	if rows != 1 || !errors.Is(got, context.Canceled) {
		t.Errorf("got %d rows and %v, want one and the cancellation", rows, got)
	}
	for _, err := range intake.Read(t.Context(), strings.NewReader(input), intake.Options{}) {
		if err != nil {
			t.Error(err)
		}
		break // must not panic: nothing is yielded after a break
	}
}
