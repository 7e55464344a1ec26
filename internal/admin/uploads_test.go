package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// send sends a file as a browser does. With an empty name, the form has no file.
func (r *rig) send(name string, file []byte, pairs ...string) answer {
	r.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for pair := range slices.Chunk(pairs, 2) {
		if err := form.WriteField(pair[0], pair[1]); err != nil {
			r.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return r.doBody(http.MethodPost, "/batches/new", &body, "Content-Type: "+form.FormDataContentType())
}

// awaits reloads a page until its text holds a part, and returns the text.
func (r *rig) awaits(path, part string) string {
	r.t.Helper()
	page := ""
	testutil.Until(r.t, path+" says "+part, func() bool {
		page = text(r.get(path).body)
		return strings.Contains(page, part)
	}, func() string { return page })
	return page
}

const cohort = "name;phones\r\nTurma 1;+5544999999991\r\nTurma 2;+5544999999992, +351912345678, 12\r\n;+5544999999993\r\n"

func TestUploadPage_LimitsTheFieldsBesideTheFile(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	half := strings.Repeat("x", 32<<10)
	if a := r.send("turma.csv", []byte(cohort), "batch", half, "sheet", half, "dates", "dmy"); a.status != http.StatusBadRequest {
		t.Errorf("fields of more than 64 KiB: got %d, want 400", a.status)
	}
}

// The error names the flags of create; each such flag stands in the label of a field of the form.
func TestUploadPage_RefusedFileShowsTheFieldsThatItsErrorNames(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	refused := r.send("cohort.csv", []byte("Turma;Aluno;Telefone;Celular\nA;Ana;+5544999999991;+5544999999992\n")).body
	wants(t, refused, "--one-row-is person", "<details open", "(--one-row-is)", "(--region)", "(--update)")
	if strings.Contains(r.get("/batches/new").body, "<details open") {
		t.Error("the empty form shows the fields that few files need, want them folded")
	}
}

// A file on a slow line takes longer than the 30 s of a request.
func TestUploadPage_AFileMayOutlastItsRequest(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "cohort.csv")
	if err == nil {
		_, err = part.Write([]byte(cohort))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, expire := context.WithCancel(auth.As(t.Context(), auth.Who{Role: auth.Admin}))
	defer expire()
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/batches/new", &expiring{&body, expire})
	req.Header.Set("Content-Type", form.FormDataContentType())
	answer := httptest.NewRecorder()
	r.page.ServeHTTP(answer, req)
	if to := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/uploads/upl_") {
		t.Errorf("got %d to %q, want 303 to the upload: %s", answer.Code, to, text(answer.Body.String()))
	}
}

// expiring is a body after whose first bytes the time of its request is over.
type expiring struct {
	io.Reader

	expire func()
}

func (e *expiring) Read(p []byte) (int, error) {
	e.expire()
	return e.Reader.Read(p)
}

func TestUploadPage_ShowsThePlanBeforeItTakesTheFileIn(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	wants(t, r.get("/batches").body, `href="/batches/new"`)
	if a := r.get("/batches/new"); a.status != http.StatusOK || !strings.Contains(a.body, `enctype="multipart/form-data"`) {
		t.Fatalf("the form: got %d, want 200: %s", a.status, text(a.body))
	}
	sent := r.send("cohort.csv", []byte(cohort), "to", "alpha", "priority", "high", "autoInvite", "1")
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(sent.to(), "/uploads/upl_") {
		t.Fatalf("sending: got %d to %q, want 303 to the upload: %s", sent.status, sent.to(), text(sent.body))
	}
	plan := r.awaits(sent.to(), "What would happen")
	for _, part := range []string{"cohort.csv", "2 would be created", "1 row is invalid", "BR 2", "PT 1", "Unusable phones 1", "all done about", "alpha 2 groups", "without some people", "Create these groups (2)"} {
		if !strings.Contains(plan, part) {
			t.Errorf("the plan lacks %q: %s", part, plan)
		}
	}
	if n := r.groupCount(); n != 0 {
		t.Fatalf("the plan created %d groups, want none", n)
	}
	if a := r.post(sent.to() + "/run"); a.status != http.StatusSeeOther || a.to() != sent.to() {
		t.Fatalf("run: got %d to %q, want 303 to the upload", a.status, a.to())
	}
	done := r.awaits(sent.to(), "The file is taken in: 2 created.")
	if !strings.Contains(done, "1 row is invalid") || !strings.Contains(done, "without some people") {
		t.Errorf("the outcome lacks the invalid row or the missing people: %s", done)
	}
	r.post(sent.to() + "/run") // the button is pressed again
	batch, err := r.store.Index.BatchID(t.Context(), "cohort.csv")
	if err != nil || !strings.Contains(r.get(sent.to()).body, `href="/batches/`+batch+`"`) || r.groupCount() != 2 {
		t.Errorf("got %[3]d groups, want 2 and a link to the batch %[1]s (%[2]v)", batch, err, r.groupCount())
	}
	listed, _, err := r.store.Index.List(t.Context(), store.Filter{BatchID: batch}, "", 10)
	if err != nil || len(listed) != 2 || listed[0].Target.Instance != "alpha" || listed[0].Priority != tasks.High {
		t.Errorf("got the groups %+v, want 2 for alpha with high priority (%v)", listed, err)
	}
	if all := r.entries(audit.CreateBatch); len(all) != 1 || all[0].Count != 2 {
		t.Errorf("the audit log has %+v, want one batch of 2", all)
	}
	again := r.awaits(r.send("cohort.csv", []byte(cohort), "to", "alpha", "priority", "high", "autoInvite", "1").to(), "Nothing would be created")
	if !strings.Contains(again, "2 exist already") {
		t.Errorf("the same file again does not count 2 existing groups: %s", again)
	}
	changed := r.send("other.csv", []byte("name,phones\nTurma 1,\"+5544999999991,+5544999999999\"\n"), "batch", "cohort.csv", "to", "alpha", "priority", "high", "autoInvite", "1", "update", "1")
	if page := r.awaits(changed.to(), "What would happen"); !strings.Contains(page, "1 would get new people") {
		t.Errorf("an update does not count the group with new people: %s", page)
	}
	if a := r.post(changed.to() + "/drop"); a.to() != "/batches" || r.get(changed.to()).status != http.StatusNotFound {
		t.Errorf("drop: got %d to %q, want /batches, and the upload not found", a.status, a.to())
	}
}

func TestUploadPage_ExplainsAnUnusableFileInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for name, file := range map[string]string{
		"list.pdf": "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "empty.csv": "", "columns.csv": "a;b\n1;2\n", "picture.png": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
	} {
		var wrong *intake.Unusable
		for _, err := range intake.Read(t.Context(), strings.NewReader(file), intake.Options{Name: name}) {
			if errors.As(err, &wrong) {
				break
			}
		}
		for _, lang := range say.Languages() {
			r.post("/language", "to", string(lang))
			said := say.Voice{Language: lang}.Say(wrong.Said())
			a := r.send(name, []byte(file), "region", "BR", "batch", "Kept as typed")
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), strings.Join(strings.Fields(said), " ")) || !strings.Contains(a.body, "Kept as typed") {
				t.Errorf("%s in %s: got %d, want 422 with %q and the typed batch: %s", name, lang, a.status, said, text(a.body))
			}
			if english := wrong.Error(); lang != say.English && said == english {
				t.Errorf("%s in %s: %q is English", name, lang, said)
			}
		}
		r.post("/language", "to", string(say.English))
	}
	for want, pairs := range map[string][]string{
		"The region is not a country": {"region", "XX"}, "The encoding is not known": {"encoding", "klingon"}, "does not begin with bat_": {"batch", "bat_1"},
	} {
		if a := r.send("cohort.csv", []byte(cohort), pairs...); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, want) {
			t.Errorf("%v: got %d, want 422 with %q: %s", pairs, a.status, want, text(a.body))
		}
	}
	if a := r.send("", nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Choose a file first.") {
		t.Errorf("no file: got %d, want 422: %s", a.status, text(a.body))
	}
	if a := r.send("large.csv", make([]byte, store.MaxUploadBytes+1)); a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "more than 16 MiB") {
		t.Errorf("a file above the maximum: got %d, want 413: %s", a.status, text(a.body))
	}
	if keys := r.rdb.Keys(t.Context(), "rollcall:upload*").Val(); len(keys) > 0 || r.groupCount() != 0 {
		t.Errorf("refused files left the keys %v or groups", keys)
	}
}

func TestUploadPage_QuotesAnUnknownError(t *testing.T) {
	t.Parallel()
	why := admin.CutShort(errors.New("disk of +5544999999991 is full"))
	for language, want := range map[say.Language]string{
		say.English: `error: "disk of +5544•••••9991 is full".`, say.Portuguese: `erro: "disk of +5544•••••9991 is full".`, say.Spanish: `error: "disk of +5544•••••9991 is full".`,
	} {
		if got := why.Said(say.Voice{Language: language}); !strings.EqualFold(got, want) {
			t.Errorf("%s: got %q, want %q", language, got, want)
		}
	}
}

// A killed server leaves an upload that stays in its stage.
func TestUploadPage_WhatAKilledServerLeftGoesOnOrIsSentAgain(t *testing.T) {
	t.Parallel()
	for _, resend := range []bool{false, true} {
		t.Run(fmt.Sprintf("resend %v", resend), func(t *testing.T) {
			t.Parallel()
			r := setup(t)
			var file strings.Builder
			file.WriteString("name,phones\n")
			var first []tasks.GroupRequest
			for i := range 40 {
				phone := fmt.Sprintf("+55449999%05d", i)
				fmt.Fprintf(&file, "Turma %d,%s\n", i, phone)
				if i < 15 {
					yes := true
					first = append(first, tasks.GroupRequest{GroupName: fmt.Sprint("Turma ", i), Phones: []tasks.Phone{tasks.Phone(phone)}, AutoInvite: &yes})
				}
			}
			sent := r.send("cohort.csv", []byte(file.String()), "autoInvite", "1")
			r.awaits(sent.to(), "What would happen")
			rows := enqueue.Rows(func(yield func(tasks.GroupRequest) bool) {
				for _, q := range first {
					if !yield(q) {
						return
					}
				}
			})
			if _, err := r.enter.CreateBatch(t.Context(), "cohort.csv", enqueue.Rules{}, rows, func(enqueue.Result) error { return nil }); err != nil {
				t.Fatal(err)
			}
			id := strings.TrimPrefix(sent.to(), "/uploads/")
			if _, err := r.store.Trail.ChangeUpload(context.Background(), id, func(u *store.Upload) error {
				u.Stage, u.Rows, u.Error = store.UploadRunning, 15, say.Kept{Code: "upload-closing"}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			page := r.awaits(sent.to(), "Go on")
			for _, part := range []string{"15 of 40 rows are taken in", "The server was shut down", "sending the same file again"} {
				if !strings.Contains(page, part) {
					t.Errorf("the page lacks %q: %s", part, page)
				}
			}
			if resend {
				sent = r.send("cohort.csv", []byte(file.String()), "autoInvite", "1")
				if page := r.awaits(sent.to(), "What would happen"); !strings.Contains(page, "25 would be created , 15 exist already") {
					t.Errorf("sent again, the plan does not count 25 new and 15 existing groups: %s", page)
				}
			}
			r.post(sent.to() + "/run")
			if page := r.awaits(sent.to(), "The file is taken in: 25 created."); !strings.Contains(page, "15 exist already") {
				t.Errorf("the outcome does not count 15 existing groups: %s", page)
			}
			if n := r.groupCount(); n != 40 {
				t.Errorf("got %d groups, want one for each of 40 rows", n)
			}
		})
	}
}

// *Go on* with a plan that a killed server cut short must create nothing once a colleague has had the plan made.
func TestUploadPage_AnOldPageTakesNoFileInWhosePlanItDidNotShow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	sent := r.send("cohort.csv", []byte(cohort), "autoInvite", "1")
	r.awaits(sent.to(), "What would happen")
	stage := func(s store.UploadStage, why say.Code) string {
		t.Helper()
		if _, err := r.store.Trail.ChangeUpload(t.Context(), strings.TrimPrefix(sent.to(), "/uploads/"), func(u *store.Upload) error {
			u.Stage, u.Error = s, say.Kept{Code: why}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return r.get(sent.to()).body
	}
	to := sent.to() + "/run"
	old := formOf(t, stage(store.UploadPlanning, "upload-closing"), to)
	present := formOf(t, stage(store.UploadPlanned, ""), to)
	if a := r.post(to, old...); a.status != http.StatusConflict || r.groupCount() != 0 {
		t.Errorf("on the old page: got %d and %d groups, want 409 and none", a.status, r.groupCount())
	}
	r.post(to, present...)
	r.awaits(sent.to(), "The file is taken in: 2 created.")
}

func TestOverview_OfAnEmptyInstallationOffersTheUpload(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("viewer")
	if a := r.get("/"); !strings.Contains(a.body, "An operator can send a file") || strings.Contains(a.body, "/batches/new") {
		t.Errorf("a viewer is not told that an operator can send a file, or is offered it: %s", text(a.body))
	}
	r.login("operator")
	wants(t, r.get("/").body, "Begin here", `href="/batches/new"`, `href="/groups/new"`)
	r.accept("Turma", "5544999999991")
	if a := r.get("/"); strings.Contains(a.body, "Begin here") {
		t.Errorf("with a group, the overview still says Begin here: %s", text(a.body))
	}
}
