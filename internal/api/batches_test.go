package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// row is the i-th group of a made-up batch.
func row(i int) string {
	return fmt.Sprintf(`{"groupName": "Group %d", "phones": ["+55119%08d", "+55218%08d"]}`, i, i, i)
}

func (a answer) batch(t *testing.T) (d struct {
	enqueue.Summary
	Rows []enqueue.Result
},
) {
	t.Helper()
	a.json(t, &d)
	return d
}

func TestCreateBatch_SentAgainAddsOnlyMissingGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	first := r.do("POST", "/v1/batches?name=cohort", `{"groups": [`+row(1)+","+row(2)+`]}`)
	again := r.do("POST", "/v1/batches?name=cohort", row(1)+"\n"+row(2)+"\n"+row(3), "Content-Type: application/x-ndjson")
	sheet := r.do("POST", "/v1/batches?name=cohort", "groupName;phones\nGroup 3;+5511900000003, +5521800000003\n", "Content-Type: text/csv")
	for i, c := range []struct {
		a                answer
		created, existed int
	}{{first, 2, 0}, {again, 1, 2}, {sheet, 0, 1}} {
		d := c.a.batch(t)
		if c.a.status != http.StatusAccepted || d.Created != c.created || d.Existed != c.existed || d.BatchID != first.batch(t).BatchID || len(d.Rows) != c.existed {
			t.Errorf("run %d: got %d, want 202 with %d created and %d existing in one batch: %s", i+1, c.a.status, c.created, c.existed, c.a.body)
		}
	}
	nameless := r.do("POST", "/v1/batches", "["+row(1)+"]").batch(t)
	if nameless.Batch != "api" || nameless.Created != 1 {
		t.Errorf("without a name: got %+v, want 1 created in the batch api", nameless)
	}
}

func TestCreateBatch_DryRunPlansAndWritesNothing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha", "beta")
	r.do("POST", "/v1/batches?name=cohort", "["+row(1)+"]")
	r.do("POST", "/v1/suppressions", `{"phones": ["+5521800000003"]}`)
	body := "[" + row(1) + "," + row(2) + "," + row(3) + "," + row(3) + `,{"groupName": "x"}, {"groupName": "y", "instance": "alpha", "phones": ["5544999999999", "12"]}]`
	var plan struct {
		Total, Created, Existed, Invalid int
		People                           enqueue.People
		Places                           map[string]struct{ Groups int }
		DryRun                           bool
		EtaAt                            *time.Time
	}
	r.do("POST", "/v1/batches?name=cohort&dryRun=true", body).json(t, &plan)
	if plan.Total != 6 || plan.Created != 3 || plan.Existed != 2 || plan.Invalid != 1 || !plan.DryRun || plan.EtaAt == nil {
		t.Errorf("got the plan %+v, want 6 rows: 3 created, 2 existing, 1 invalid, with an estimate", plan)
	}
	if p := plan.People; p.Total != 10 || p.Unusable != 1 || p.ByCountry["BR"] != 9 || p.Written["plus"] != 8 || p.Written["bare"] != 1 || p.Suppressed != 1 || plan.Places["pool:default"].Groups != 2 || plan.Places["alpha"].Groups != 1 {
		t.Errorf("got the people %+v and places %+v, want 10 people, 1 of them unusable and 1 suppressed", plan.People, plan.Places)
	}
	var page groupPage
	if r.do("GET", "/v1/groups", "").json(t, &page); len(page.Items) != 1 {
		t.Errorf("after the dry run there are %d groups, want the 1 from before", len(page.Items))
	}
}

func TestExportBatch_ItsFileCanBeUploaded(t *testing.T) {
	t.Parallel()
	r := setup(t)
	in := r.do("POST", "/v1/batches?name=first", `[`+row(1)+`,`+row(2)+`]`).batch(t)
	for format, kind := range map[string]string{"csv": "text/csv", "ndjson": "application/x-ndjson"} {
		out := r.do("GET", "/v1/batches/"+in.BatchID+"/export?format="+format, "")
		if !strings.Contains(string(out.body), "rollcall_status") {
			t.Errorf("the export as %s lacks rollcall_status: %s", format, out.body)
		}
		back := r.do("POST", "/v1/batches?name=again-"+format, string(out.body), "Content-Type: "+kind)
		if d := back.batch(t); d.Created != 2 || d.Invalid != 0 {
			t.Errorf("uploading the export as %s: got %d, want 2 created and none invalid: %s", format, back.status, back.body)
		}
	}
}

func TestCreateBatch_TruncatedBodyKeepsTheRowsBefore(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for kind, body := range map[string]string{
		"application/json":     `{"groups": [` + row(1) + "," + row(2) + `, {"groupName": "Gr`,
		"application/x-ndjson": row(1) + "\n" + row(2) + "\n" + `{"groupName": "Gr`,
		"text/csv":             "groupName,phones\nGroup 1,+5511900000001\nGroup 2,+5511900000002\n\"Gr",
	} {
		a := r.do("POST", "/v1/batches?name="+strings.ReplaceAll(kind, "/", "-"), body, "Content-Type: "+kind)
		p := a.problem(t, http.StatusBadRequest)
		if d := p.Batch; d == nil || d.Created != 2 || d.Total != 3 || d.BatchID == "" || !strings.Contains(p.Detail, "2 groups were created") {
			t.Errorf("%s: got %s, want a problem with 2 of 3 rows created", kind, a.body)
		}
	}
}

// upload sends the beginning of a batch over a connection that the test can cut. read returns the answer.
func (r *rig) upload(head, body string) (conn *net.TCPConn, read func() answer) {
	r.t.Helper()
	address := strings.TrimPrefix(r.url, "http://")
	c, err := net.Dial("tcp", address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	conn = c.(*net.TCPConn)
	_, err = fmt.Fprintf(conn, "POST /v1/batches?name=cut HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-ndjson\r\n%s\r\n\r\n%s", address, head, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return conn, func() answer {
		r.t.Helper()
		_ = conn.SetReadDeadline(time.Now().Add(testutil.Timeout))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			r.t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			r.t.Fatal(err)
		}
		return answer{resp.StatusCode, resp.Header, data}
	}
}

// underWay is how many rows begin sends. They are larger than the beginning of a file from which the server
// recognises the format.
const underWay = 30

// begin sends rows, keeps the request open, and waits until the given number of rows is accepted.
func (r *rig) begin(accepted int) (read func() answer) {
	r.t.Helper()
	var some strings.Builder
	for i := range underWay {
		some.WriteString(strings.Replace(row(i), "{", `{"inviteMessage": "{{.Link}}`+strings.Repeat("x", 4000)+`", `, 1) + "\n")
	}
	_, read = r.upload("Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n", some.Len(), some.String()))
	testutil.Until(r.t, fmt.Sprintf("%d rows are accepted", accepted), func() bool {
		n, _, err := r.store.Index.Totals(context.Background())
		return err == nil && n[group.Queued] >= accepted
	})
	return read
}

func TestCreateBatch_CutConnectionKeepsTheRowsBefore(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]struct{ head, body string }{
		"in a chunk":        {"Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s", 100_000, row(1)+"\n"+row(2)+"\n"+`{"groupN`)},
		"before the end":    {"Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n", len(row(1)+"\n"+row(2)+"\n"), row(1)+"\n"+row(2)+"\n")},
		"before its length": {"Content-Length: 100000", row(1) + "\n" + row(2) + "\n" + `{"groupN`},
	} {
		r := setup(t)
		conn, read := r.upload(cut.head, cut.body)
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		a := read()
		p := a.problem(t, http.StatusBadRequest)
		if d := p.Batch; d == nil || d.Created != 2 || d.BatchID == "" || !strings.Contains(p.Detail, "2 groups were created") {
			t.Errorf("%s: got %s, want a problem with 2 rows created", name, a.body)
		}
		again := r.do("POST", "/v1/batches?name=cut", row(1)+"\n"+row(2)+"\n"+row(3), "Content-Type: application/x-ndjson").batch(t)
		if again.Created != 1 || again.Existed != 2 {
			t.Errorf("%s, sent again: got %+v, want 1 created and 2 existing", name, again)
		}
	}
}

func TestCreateBatch_StalledUploadIsCutOffWithATimeout(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) { c.Stall = 3 * time.Second })
	_, read := r.upload("Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\n\r\n", len(row(1))+1, row(1)))
	a := read()
	p := a.problem(t, http.StatusRequestTimeout)
	if d := p.Batch; d == nil || d.Created != 1 {
		t.Errorf("got %s, want a problem with 1 row created", a.body)
	}
}

func TestClose_TellsAnUploadUnderWayWhatWasCreated(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) { c.Stall = time.Hour })
	read := r.begin(1)
	r.api.Close()
	a := read()
	p := a.problem(t, http.StatusServiceUnavailable)
	n, _, err := r.store.Index.Totals(t.Context())
	if d := p.Batch; err != nil || d == nil || d.Created == 0 || d.Created != n[group.Queued] || a.header.Get("Retry-After") == "" {
		t.Errorf("got %s, want a problem with Retry-After and %d rows created (%v)", a.body, n[group.Queued], err)
	}
}

func TestCreateBatch_OversizedRowIsABadRowNotABadBatch(t *testing.T) {
	t.Parallel()
	r := setup(t)
	body := row(1) + "\n" + `{"groupName": "` + strings.Repeat("x", 2<<20) + `"}` + "\n" + row(2) + "\n"
	a := r.do("POST", "/v1/batches?name=x", body, "Content-Type: application/x-ndjson")
	d := a.batch(t)
	if a.status != http.StatusAccepted || d.Created != 2 || d.Invalid != 1 || d.Rows[0].Error.Code != "tooLarge" {
		t.Errorf("got %d, want 202 with 2 created and 1 row that is tooLarge: %s", a.status, a.body)
	}
	if !json.Valid(a.body) {
		t.Error("the answer is not JSON")
	}
}

func TestCreateBatch_DecodesTheCharsetOfTheRequest(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.do("POST", "/v1/batches?name=koi", "groupName;phones\n\xe7\xd2\xd5\xd0\xd0\xc1;+5511900000001\n", "Content-Type: text/csv; charset=koi8-r")
	var page groupPage
	r.do("GET", "/v1/groups", "").json(t, &page)
	if len(page.Items) != 1 || page.Items[0].GroupName != "Группа" {
		t.Errorf("got %+v, want the group Группа", page.Items)
	}
	if res := r.do("POST", "/v1/batches?name=x", "groupName;phones\nA;+5511900000001\n", "Content-Type: text/csv; charset=windows-9"); res.status != 415 {
		t.Errorf("an unknown charset: got %d, want 415", res.status)
	}
}

func TestCreateBatch_ReadsAWorkbook(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for file, kind := range map[string]string{
		"libreoffice.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"libreoffice.ods":  "application/vnd.oasis.opendocument.spreadsheet",
	} {
		body, err := os.ReadFile(filepath.Join("..", "intake", "testdata", "workbooks", file))
		if err != nil {
			t.Fatal(err)
		}
		a := r.do("POST", "/v1/batches?region=BR&sheet=turmas&name="+file, string(body), "Content-Type: "+kind)
		d := a.batch(t)
		if a.status != http.StatusAccepted || d.Created != 2 || d.Invalid != 1 || len(d.Warnings) != 4 || d.Warnings[0].Code != "otherSheets" {
			t.Errorf("%s: got %d, want 202 with 2 created, 1 invalid and 4 warnings: %s", file, a.status, a.body)
		}
		if a := r.do("POST", "/v1/batches?sheet=Alunos&name="+file, string(body), "Content-Type: "+kind); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), "no sheet called") {
			t.Errorf("%s with an unknown sheet: got %d, want 422: %s", file, a.status, a.body)
		}
	}
	csv := r.do("POST", "/v1/batches", "groupName;phones\nA;+5511900011001\n", "Content-Type: application/vnd.oasis.opendocument.spreadsheet")
	if csv.status != http.StatusUnprocessableEntity || !strings.Contains(string(csv.body), "not a workbook") {
		t.Errorf("a CSV declared as a workbook: got %d, want 422: %s", csv.status, csv.body)
	}
}

func TestCreateBatch_RefusesABodyWithoutGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, body := range []string{`{}`, `{"group": [` + row(1) + `]}`, `{"groups": []}`, `[]`} {
		if a := r.do("POST", "/v1/batches?name=none", body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422: %s", body, a.status, a.body)
		}
	}
	if a := r.do("GET", "/v1/batches", ""); strings.Contains(string(a.body), `"none"`) {
		t.Errorf("a body without groups created a batch: %s", a.body)
	}
}

func TestCreateGroup_TellsCreatedFromExisted(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, want := range []string{"created", "existed"} {
		a := r.do("POST", "/v1/groups", row(1), "Idempotency-Key: deal-812")
		if got := a.header.Get("Rollcall-Outcome"); a.status != http.StatusAccepted || got != want {
			t.Errorf("got %d with the outcome %q, want 202 with %q", a.status, got, want)
		}
	}
}

func TestCreateGroup_KeepsMetadataNumbersAsWritten(t *testing.T) {
	t.Parallel()
	r := setup(t)
	a := r.do("POST", "/v1/groups", `{"groupName": "T", "phones": ["+5544999999999"], "metadata": {"id": 9007199254740993, "price": 1.10}}`)
	for _, got := range []string{string(a.body), string(r.do("GET", "/v1/groups", "").body)} {
		if !strings.Contains(got, `9007199254740993`) || !strings.Contains(got, `1.10`) {
			t.Errorf("got %s (%d), want both numbers as written", got, a.status)
		}
	}
	var made struct{ ID string }
	if err := json.Unmarshal(a.body, &made); err != nil {
		t.Fatal(err)
	}
	a = r.do("PATCH", "/v1/groups/"+made.ID, `{"metadata": {"id": 9007199254740995, "prices": [2.20]}}`)
	for _, got := range []string{string(a.body), string(r.do("GET", "/v1/groups", "").body)} {
		if !strings.Contains(got, `9007199254740995`) || !strings.Contains(got, `2.20`) {
			t.Errorf("after an edit: got %s (%d), want both numbers as written", got, a.status)
		}
	}
	if a := r.do("POST", "/v1/groups", `{"groupName": "T", "phones": ["+5544999999999"], "metadata": {"total": 1e400}}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("1e400: got %d, want 422: %s", a.status, a.body)
	}
	if a := r.do("GET", "/v1/groups", ""); a.status != http.StatusOK {
		t.Errorf("the list after 1e400: got %d, want 200: %s", a.status, a.body)
	}
}
