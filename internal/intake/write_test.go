package intake_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func export(t interface {
	Helper()
	Fatal(args ...any)
}, format string, records ...intake.Record,
) string {
	t.Helper()
	var out bytes.Buffer
	w, err := intake.NewWriter(&out, intake.Form{Format: format}, "status", "message")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func failed() intake.Record {
	no, end := false, time.Date(2026, 12, 1, 9, 0, 0, 0, time.FixedZone("", -3*3600))
	given := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	return intake.Record{
		Request: tasks.GroupRequest{
			GroupName: "=HYPERLINK(\"x\")", Phones: []tasks.Phone{"+5544999999999", "11 3000-0000; ramal 12"}, ChatIDs: []string{"1@lid"},
			AutoInvite: &no, Pool: "default", Priority: tasks.High, IdempotencyKey: "deal-812", ExternalRef: "-812",
			ExpiresAt: &end, InviteMessage: "Olá & <bem-vindo>!\n{{.Link}}", Metadata: map[string]any{"owner": "ana"},
			Consent: &tasks.Consent{Source: "crm form 7", At: &given}, Setup: whole(),
		},
		Outcome: []string{"failed", "@refused\nby \"X\""},
	}
}

func TestWriter_AnExportIsReadAsTheRequestsItHolds(t *testing.T) {
	t.Parallel()
	want := failed().Request
	want.IdempotencyKey = "" // a corrected row is a new one
	want.Phones = []tasks.Phone{"+5544999999999", "11 3000-0000  ramal 12"}
	for _, format := range []string{intake.CSV, intake.NDJSON} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			rows := rowsOf(t, export(t, format, failed()), intake.Options{})
			if len(rows) != 1 || rows[0].Err != nil {
				t.Fatalf("got %s", shown(rows))
			}
			got := rows[0].Request
			if format == intake.NDJSON {
				want := want
				want.Phones = failed().Request.Phones
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("request (-want +got):\n%s", diff)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriter_AddsTheOutcomeInColumnsThatReadIgnores(t *testing.T) {
	t.Parallel()
	got := export(t, intake.CSV, failed())
	want := `"groupName","phones","chatIds","names","autoInvite","instance","pool","priority","externalRef","notBefore","expiresAt","inviteMessage","metadata","consentSource","consentAt","description","photo","admins","welcomeMessage","onlyAdminsSend","onlyAdminsEdit","onlyAdminsAdd","approveJoins","rollcall_status","rollcall_message"` + "\n" +
		`"'=HYPERLINK(""x"")","'+5544999999999, 11 3000-0000  ramal 12","1@lid","","false","","default","high","'-812","","2026-12-01T12:00:00Z","Olá & <bem-vindo>!` + "\n" +
		`{{.Link}}","{""owner"":""ana""}","crm form 7","2026-11-20T10:00:00Z","Notices","https://school.example/logo.jpg","'+5544999999999","Welcome to {{.GroupName}}","true","false","true","false","failed","'@refused` + "\n" + `by ""X"""` + "\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("CSV (-want +got):\n%s", diff)
	}
	got = export(t, intake.NDJSON, failed())
	if !strings.HasPrefix(got, `{"groupName":"=HYPERLINK(\"x\")","phones":["+5544999999999",`) || !strings.HasSuffix(got, `,"rollcall_status":"failed","rollcall_message":"@refused\nby \"X\""}`+"\n") {
		t.Errorf("got %s", got)
	}
}

func TestWriter_AnEmptyExportHasAHeader(t *testing.T) {
	t.Parallel()
	if got := export(t, intake.CSV); !strings.HasPrefix(got, `"groupName",`) || strings.Count(got, "\n") != 1 {
		t.Errorf("got %q", got)
	}
	if _, err := intake.NewWriter(nil, intake.Form{Format: "xlsx"}); err == nil {
		t.Error("NewWriter accepts the format xlsx")
	}
}

// No cell of an export begins like a formula, and reading the export gives every text as it was.
func TestWriter_NoCellBeginsLikeAFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.OneOf(rapid.StringMatching(`['=+@\-a]{0,4}[a-z"',;=+\n]{0,6}[a-z]`), rapid.Just("\n''a")).Draw(rt, "name")
		out := export(rt, intake.CSV, intake.Record{
			Request: tasks.GroupRequest{GroupName: name, Phones: []tasks.Phone{"+5544999999999"}, ExternalRef: name},
			Outcome: []string{name, name},
		})
		records, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		if err != nil {
			rt.Fatal(err)
		}
		for _, cell := range records[1] {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				rt.Fatalf("the cell %q begins like a formula", cell)
			}
		}
		for row, err := range intake.Read(t.Context(), strings.NewReader(out), intake.Options{}) {
			if err != nil || row.Err != nil || row.Request.ExternalRef != strings.TrimSpace(name) {
				rt.Fatalf("%q came back as %q with %v %v", name, row.Request.ExternalRef, row.Err, err)
			}
		}
	})
}
