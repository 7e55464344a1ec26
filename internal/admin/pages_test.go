package admin_test

import (
	"errors"
	"html"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

var hrefs = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// stage sets up an installation in which every page has something to show.
func stage(t *testing.T) (r *rig, failed, doubtful, waiting string) {
	t.Helper()
	r = setup(t)
	r.announce("alpha", "beta")
	failed = r.accept("Turma Química 1", "5544999999991", "5544999999992")
	r.refuse(failed, 400, "Validation failed. Details: 'groupName' is required")
	doubtful = r.accept("Turma 2", "5544999999991")
	r.doubt(doubtful)
	waiting = r.accept("Turma 3", "5544999999993")
	if a := r.post("/instances/beta/pause", "reason", "new SIM"); a.status != http.StatusSeeOther {
		t.Fatalf("pause: got %d, want 303: %s", a.status, a.body)
	}
	return r, failed, doubtful, waiting
}

func TestAuditPage_OffersResultsInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for lang, want := range map[string]string{"en": ">refused</option>", "pt": ">recusado</option>", "es": ">rechazado</option>"} {
		if a := r.get("/audit?result=refused", "Accept-Language: "+lang); !strings.Contains(a.body, `<option value="refused" selected`+want) {
			t.Errorf("in %s the filter does not offer %s:\n%s", lang, want, text(a.body))
		}
	}
}

// A word that does not exist would show an empty list, as if nothing had happened.
func TestAuditPage_RefusesAFilterThatNamesNothing(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for path, want := range map[string]int{
		"/audit?action=group.creat": 400, "/audit?result=good": 400, "/audit/refusals?reason=tired": 400,
		"/audit?action=group.*&result=done": 200, "/audit/refusals?reason=wrongKey": 200,
	} {
		if a := r.get(path); a.status != want {
			t.Errorf("%s: got %d, want %d: %s", path, a.status, want, text(a.body))
		}
	}
}

func TestPage_IsCompleteInEveryLanguage(t *testing.T) {
	t.Parallel()
	r, failed, doubtful, waiting := stage(t)
	r.busy(t, waiting)
	left := map[say.Language][]string{say.Portuguese: englishOnly(say.Portuguese), say.Spanish: englishOnly(say.Spanish)}
	seen := map[string]bool{"/docs": true} // of the API, in English
	next := []string{"/", "/instances", "/groups", "/batches", "/history", "/history?days=5", "/problems", "/review", "/audit", "/groups/" + failed, "/groups/" + doubtful, "/groups/" + waiting, "/groups/" + r.settingUp("Turma 4")}
	for len(next) > 0 {
		path := next[0]
		next = next[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		for _, lang := range say.Languages() {
			a := r.get(path, "Accept-Language: "+string(lang))
			if a.status != http.StatusOK {
				t.Errorf("%s: got %d, want 200: %s", path, a.status, text(a.body))
				continue
			}
			if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				continue
			}
			if !strings.HasPrefix(a.header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self';") {
				t.Errorf("%s: got the policy %q, want only scripts and styles of this server", path, a.header.Get("Content-Security-Policy"))
			}
			if !strings.Contains(a.body, `<html lang="`+string(lang)+`">`) {
				t.Errorf("%s is not in %s", path, lang)
			}
			for _, inline := range []string{" style=", "<style", "onclick", "javascript:", "<no value>", "%!", "status:", "member:", "state:", "step:", "setup:", "5544999"} {
				if strings.Contains(a.body, inline) {
					t.Errorf("%s in %s holds %q", path, lang, inline)
				}
			}
			shown := " " + strings.ReplaceAll(text(a.body), "(", " ")
			for _, words := range left[lang] {
				if strings.Contains(shown, " "+words) { // group.create is not an English sentence
					t.Errorf("%s in %s says in English %q", path, lang, words)
				}
			}
			for _, match := range hrefs.FindAllStringSubmatch(a.body, -1) {
				to := strings.ReplaceAll(match[1], "&amp;", "&")
				to, _, _ = strings.Cut(to, "#")
				switch {
				case strings.HasPrefix(to, "/"):
					next = append(next, to)
				case to != "":
					t.Errorf("%s has a link that is not a path of this server: %s", path, to)
				}
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("the links lead to %d pages, want 20 or more: %v", len(seen), seen)
	}
}

// busy adds what a day leaves behind: an error of an instance, entries in the audit log, and a batch.
func (r *rig) busy(t *testing.T, waiting string) {
	t.Helper()
	e := provider.Error{Op: "create group", Status: 400, Text: "You are strange."}
	if err := r.store.Presence.NoteError(t.Context(), "alpha", e.Phrase(), time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, deed := range [][]string{
		{"/instances/alpha/pace", "createEvery", "10m", "invitePerDay", "5"},
		{"/instances/alpha/pace/reset"},
		{"/instances/alpha/pause", "reason", "soon"},
		{"/instances/alpha/resume", "endRest", "on"},
		{"/groups/" + waiting + "/retry"},
	} {
		if a := r.post(deed[0], deed[1:]...); a.status >= http.StatusInternalServerError {
			t.Fatalf("%s: got %d, want no server error: %s", deed[0], a.status, text(a.body))
		}
	}
	r.batch("Lote", "Turma 5")
}

// englishOnly returns parts of the catalogue's English sentences that another language does not share.
func englishOnly(lang say.Language) []string {
	hole := func(time.Time) string { return "|" }
	holes := regexp.MustCompile(`[|0-9]+`)
	all := map[string]bool{}
	for _, code := range say.Codes() {
		for _, n := range []int{0, 1, 2} {
			p := say.Phrase{Code: code, Name: "|", Place: "|", Kind: "create", Text: "|", N: n, M: n, Of: n, PerDay: n, At: time.Now(), Why: []say.Phrase{say.Words("|")}}
			if n == 1 {
				p.Place, p.Kind, p.Every, p.To, p.Until = "", "invite", time.Minute, time.Hour, time.Now()
			}
			other := say.Voice{Language: lang, Time: hole}.Say(p)
			for _, part := range holes.Split(say.Voice{Time: hole}.Say(p), -1) {
				part = strings.Trim(part, " .,;:()")
				if len(part) >= 12 && strings.Contains(part, " ") && !strings.Contains(other, part) {
					all[part] = true
				}
			}
		}
	}
	return slices.Collect(maps.Keys(all))
}

func TestOverview_SaysWhatWaitsAndWhatNeedsAPerson(t *testing.T) {
	t.Parallel()
	r, failed, _, _ := stage(t)
	page := text(r.get("/").body)
	wants(t, page, "1 waiting, 0 running", "1 instance needs you", "1 group waits for your decision", "beta: Paused by a person", "new SIM",
		"Refused by the provider", "Correct the name or the numbers of the row.")
	wants(t, text(r.get("/", "Accept-Language: pt-BR").body), "1 na fila, 0 em andamento", "1 instância precisa de você", "beta: Pausada por uma pessoa")
	wants(t, text(r.get("/", "Accept-Language: es").body), "1 en espera, 0 en curso", "1 instancia le necesita", "beta: Pausada por una persona")
	wants(t, text(r.get("/problems").body), "Refused by the provider: The provider cannot read the request", "1 group", "Validation failed. Details:", "Correct the groups")
	wants(t, text(r.get("/groups/"+failed).body), "row", "Timeline", "Accepted", "Create call 1 at alpha", "HTTP 400: Validation failed", "rollcall-producer edit "+failed)
}

func TestReviewPage_ShowsTheEvidenceAndTakesTheDecision(t *testing.T) {
	t.Parallel()
	r, _, id, _ := stage(t)
	page := text(r.get("/review").body)
	wants(t, page, "Two or more groups could be it", "What was sent", "create group \"Turma 2\"", "nothing in the lists", "2 groups that could be it",
		"120363000000000001-group", "same", "different", "Adopt this one", "Create it again", "Abandon it")
	if a := r.post("/groups/"+id+"/adopt", "groupId", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("adopting without a group id: got %d, want 422", a.status)
	}
	if a := r.post("/groups/"+id+"/adopt", "groupId", "120363000000000001-group"); a.status != http.StatusSeeOther || !strings.HasSuffix(a.to(), "?said=adopt") {
		t.Errorf("adopt: got %d to %q, want 303 with said=adopt", a.status, a.to())
	}
	if a := r.post("/groups/" + id + "/abandon"); a.status != http.StatusConflict {
		t.Errorf("abandoning an adopted group: got %d, want 409", a.status)
	}
	wants(t, text(r.get("/review").body), "Nothing waits for a decision.")
}

// A page that was left open shows a review that is decided already. If a later create is in review as well, a decision
// on the old page must not decide that review: it would make a second group.
func TestReviewPage_AnOldPageDecidesNoLaterReview(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	id := r.accept("Turma 2", "5544999999991")
	r.doubt(id)
	old := r.get("/groups/" + id).body
	if a := r.post("/groups/"+id+"/recreate", formOf(t, old, "/groups/"+id+"/recreate")...); a.status != http.StatusSeeOther {
		t.Fatalf("recreating on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
	r.doubt(id)
	for _, what := range []string{"recreate", "abandon", "adopt"} {
		a := r.post("/groups/"+id+"/"+what, formOf(t, old, "/groups/"+id+"/"+what)...)
		if a.status != http.StatusConflict {
			t.Errorf("%s on the page of the review before: got %d, want 409", what, a.status)
		}
		wants(t, text(a.body), "It has changed since this page was shown")
	}
	present := r.get("/review").body
	if a := r.post("/groups/"+id+"/adopt", formOf(t, present, "/groups/"+id+"/adopt")...); !strings.HasSuffix(a.to(), "?said=adopt") {
		t.Errorf("adopting on the present page: got %d to %q, want 303 with said=adopt", a.status, a.to())
	}
}

// A page that was left open shows a pause that is over, or no pause. *Resume* on the old page must not lift the pause
// that a colleague has made since.
func TestInstancePage_AnOldPageLiftsNoLaterPause(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := setupOn(t, rdb)
	r.announce("alpha")
	pacer := newPacer(t, rdb)
	if _, err := pacer.RestFor(t.Context(), "alpha", time.Hour, pacing.Why{Cause: pacing.CauseBusy, Said: say.Words("Too Many Requests")}); err != nil {
		t.Fatal(err)
	}
	const resume = "/instances/alpha/resume"
	rests := append(formOf(t, r.get("/instances/alpha").body, resume), "endRest", "on")
	pause := func() {
		t.Helper()
		if a := r.post("/instances/alpha/pause", "reason", "the number is banned"); a.status != http.StatusSeeOther {
			t.Fatalf("pause: got %d, want 303: %s", a.status, text(a.body))
		}
	}
	pause()
	_, actions, _ := strings.Cut(r.get("/instances/alpha").body, "What you can do")
	paused, pausedThere := formOf(t, r.get("/").body, resume), formOf(t, actions, resume)
	if a := r.post(resume, paused...); a.status != http.StatusSeeOther {
		t.Fatalf("resuming on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
	if a := r.post(resume, paused...); a.status != http.StatusSeeOther {
		t.Errorf("resuming twice: got %d, want 303: %s", a.status, text(a.body))
	}
	pause()
	for name, form := range map[string][]string{
		"of all instances that shows the pause before": paused, "of the instance that shows the pause before": pausedThere, "that shows a rest": rests,
	} {
		a := r.post(resume, form...)
		if a.status != http.StatusConflict {
			t.Errorf("resuming on the page %s: got %d, want 409", name, a.status)
		}
		wants(t, text(a.body), "It has changed since this page was shown")
	}
}

// A page that was left open shows a doubt about lost data that has been decided already. If a form of that page ended a
// later doubt, workers would create groups that exist.
func TestOverview_AnOldPageDecidesNoLaterLossOfData(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if _, verdict, _, err := r.store.Attend(t.Context(), true, 0); err != nil || verdict != store.New {
		t.Fatal(verdict, err)
	}
	restored := func() string {
		t.Helper()
		if err := r.store.DeclareRestored(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		return r.get("/").body
	}
	const to = "/installation/recover"
	old := restored()
	if a := r.post(to, formOf(t, old, to)...); a.status != http.StatusSeeOther {
		t.Fatalf("deciding on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
	present := restored()
	if a := r.post(to, formOf(t, old, to)...); a.status != http.StatusConflict {
		t.Errorf("deciding on the page of the loss before: got %d, want 409", a.status)
	}
	if i, err := r.store.Installation(t.Context()); err != nil || i.Doubt == nil {
		t.Errorf("the later doubt has ended, %v; want it to go on", err)
	}
	if a := r.post(to, formOf(t, present, to)...); a.status != http.StatusSeeOther {
		t.Errorf("deciding on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
}

// A group that a colleague retried and then cancelled must not be created by the page of its first failure.
func TestGroupPage_AnOldPageRetriesNoGroupThatWasCancelledSince(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	id := r.accept("Turma 2", "5544999999991")
	r.refuse(id, 403, "blocked")
	to := "/groups/" + id + "/retry"
	old := r.get("/groups/" + id).body
	for _, what := range []string{"retry", "cancel"} {
		of := "/groups/" + id + "/" + what
		if a := r.post(of, formOf(t, r.get("/groups/"+id).body, of)...); a.status != http.StatusSeeOther {
			t.Fatalf("%s on the present page: got %d, want 303: %s", what, a.status, text(a.body))
		}
	}
	if a := r.post(to, formOf(t, old, to)...); a.status != http.StatusConflict {
		t.Errorf("retry on the page of the failure: got %d, want 409", a.status)
	}
	if a := r.post(to, formOf(t, r.get("/groups/"+id).body, to)...); a.status != http.StatusSeeOther {
		t.Errorf("retry on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
}

// A page that was left open shows a rest that is over. WhatsApp has restricted the number again since: if a form of the
// old page ended the new rest, the number could be banned.
func TestInstancePage_AnOldPageEndsNoLaterRest(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := setupOn(t, rdb)
	r.announce("alpha")
	pacer := newPacer(t, rdb)
	const resume = "/instances/alpha/resume"
	rest := func(pause time.Duration) []string {
		t.Helper()
		if _, err := pacer.RestFor(t.Context(), "alpha", pause, pacing.Why{Cause: pacing.CauseLimited}); err != nil {
			t.Fatal(err)
		}
		return append(formOf(t, r.get("/instances/alpha").body, resume), "endRest", "on")
	}
	end := func(want int, form []string) {
		t.Helper()
		if a := r.post(resume, form...); a.status != want {
			t.Errorf("got %d, want %d: %s", a.status, want, text(a.body))
		}
	}
	old := rest(time.Hour)
	end(http.StatusSeeOther, old)
	end(http.StatusSeeOther, old) // twice: none is left
	present := rest(24 * time.Hour)
	end(http.StatusConflict, old)
	if look, err := pacer.Views(t.Context(), "alpha"); err != nil || look[0].Rest.Until.IsZero() {
		t.Errorf("got %+v, %v; want the later rest in force", look, err)
	}
	end(http.StatusSeeOther, present)
}

// A page that was left open shows no pause and a slower pace that is over. A form of that page must not give an end to a
// colleague's later pause, nor change or lift a later pace.
func TestInstancePage_AnOldPageChangesNoLaterPauseOrPace(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	const pause, pace, reset = "/instances/alpha/pause", "/instances/alpha/pace", "/instances/alpha/pace/reset"
	fresh := r.get("/instances/alpha").body
	do := func(want int, to, page string, more ...string) {
		t.Helper()
		if a := r.post(to, append(formOf(t, page, to), more...)...); a.status != want {
			t.Errorf("%s %q: got %d, want %d: %s", to, more, a.status, want, text(a.body))
		}
	}
	do(http.StatusSeeOther, pace, fresh, "createEvery", "10m")
	slowed := r.get("/instances/alpha").body
	do(http.StatusConflict, pace, fresh, "createEvery", "2m")
	do(http.StatusSeeOther, pace, slowed, "createEvery", "20m", "reason", "the number was warned")
	do(http.StatusConflict, reset, slowed)
	present := r.get("/instances/alpha").body
	do(http.StatusSeeOther, reset, present)
	do(http.StatusSeeOther, reset, present) // nothing is left to reset
	do(http.StatusSeeOther, pause, fresh, "reason", "the number is banned")
	do(http.StatusConflict, pause, fresh, "for", "1h")
	now, err := r.store.Presence.Instances(t.Context())
	if err != nil || now["alpha"].Slowing != nil || now["alpha"].Pause == nil || !now["alpha"].Pause.Until.IsZero() {
		t.Errorf("the instance is %+v, %v; want the first pause and no slower pace", now["alpha"], err)
	}
}

// A person was suppressed, taken off the list, and suppressed again. A page of the first suppression must not end the
// second.
func TestPersonPage_AnOldPageEndsNoLaterSuppression(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.accept("Turma 2", "5544999999991")
	const ana = phone.Number("+5544999999991")
	at := "/people/" + r.store.Index.PersonToken(ana.Identity())
	to := at + "/unsuppress"
	suppress := func() string {
		t.Helper()
		if err := r.store.People.Suppress(t.Context(), []phone.Number{ana}, "asked"); err != nil {
			t.Fatal(err)
		}
		return r.get(at).body
	}
	old := suppress()
	if a := r.post(to, formOf(t, old, to)...); a.status != http.StatusSeeOther {
		t.Fatalf("on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
	if a := r.post(to, formOf(t, old, to)...); a.status != http.StatusSeeOther {
		t.Errorf("twice: got %d, want 303: %s", a.status, text(a.body))
	}
	present := suppress()
	if a := r.post(to, formOf(t, old, to)...); a.status != http.StatusConflict {
		t.Errorf("on the page of the first time: got %d, want 409", a.status)
	}
	if on, err := r.store.People.Suppressed(t.Context(), []phone.Identity{ana.Identity()}); err != nil || !on[0] {
		t.Errorf("the person is suppressed: %v, %v; want true", on, err)
	}
	if a := r.post(to, formOf(t, present, to)...); a.status != http.StatusSeeOther {
		t.Errorf("on the present page: got %d, want 303: %s", a.status, text(a.body))
	}
}

var hiddens = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// formOf returns the hidden fields, as names and values, of the first form of a page that posts to a path.
func formOf(t *testing.T, page, to string) (pairs []string) {
	t.Helper()
	_, form, found := strings.Cut(page, `action="`+to+`"`)
	if !found {
		t.Fatalf("the page has no form to %s: %s", to, text(page))
	}
	form, _, _ = strings.Cut(form, "</form>")
	for _, field := range hiddens.FindAllStringSubmatch(form, -1) {
		pairs = append(pairs, field[1], html.UnescapeString(field[2]))
	}
	return pairs
}

func TestGroupPage_ShowsNumbersOnRequestAndRecordsIt(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	id := r.accept("Client 5544999999991", "5544999999991")
	r.login("viewer")
	a := r.get("/groups/" + id)
	if strings.Contains(a.body, "999999991") || !strings.Contains(a.body, "+5544•••••9991") || strings.Contains(a.body, "/phones") {
		t.Errorf("a viewer sees a number, or a button that shows numbers: %s", text(a.body))
	}
	if a := r.post("/groups/" + id + "/phones"); a.status != http.StatusForbidden || strings.Contains(a.body, "999999991") {
		t.Errorf("a viewer requests the numbers: got %d, want 403 without a number", a.status)
	}
	r.login("operator")
	if a := r.get("/groups/" + id); strings.Contains(a.body, "999999991") {
		t.Error("an operator sees numbers without a request for them")
	}
	if len(r.entries(audit.SeePhones)) != 0 {
		t.Error("the audit log says that a person saw numbers before a request for them")
	}
	if a := r.post("/groups/" + id + "/phones"); a.status != http.StatusOK || !strings.Contains(a.body, "+5544999999991") {
		t.Errorf("an operator requests the numbers: got %d, want 200 with the number", a.status)
	}
	log := r.entries(audit.SeePhones)
	if len(log) != 1 || log[0].Actor != "operator" || log[0].Through != "page" || log[0].Subjects[0] != id {
		t.Errorf("the audit log has %+v, want that the operator saw the numbers of %s", log, id)
	}
}

// People write numbers into free text. No page shows one to a viewer.
func TestPage_ShowsAViewerNoNumberInFreeText(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha", "beta")
	const planted, wrote = "5544999977", "call +5544999977123 or 44 99997-7123"
	id := r.take(tasks.GroupRequest{GroupName: wrote, ExternalRef: wrote, IdempotencyKey: wrote, InviteMessage: wrote + " {{.Link}}", Metadata: map[string]any{"tel": wrote}}, "+5544999977123", "lost 5544999977123x")
	failed := r.take(tasks.GroupRequest{GroupName: wrote + " 2", Instance: "alpha"}, "+5544999977123")
	r.batch(wrote, "C")
	r.refuse(failed, 400, wrote)
	if err := r.store.Presence.NoteError(t.Context(), "beta", say.Words(wrote), time.Now()); err != nil {
		t.Fatal(err)
	}
	r.login("operator")
	for _, deed := range [][]string{
		{"/instances/alpha/pause", "reason", wrote}, {"/instances/beta/pace", "createEvery", "2h", "reason", wrote},
	} {
		if a := r.post(deed[0], deed[1:]...); a.status != http.StatusSeeOther {
			t.Fatalf("%s: got %d, want 303: %s", deed[0], a.status, text(a.body))
		}
	}
	r.login("viewer")
	for _, path := range []string{"/", "/instances", "/instances/alpha", "/instances/beta", "/history", "/problems", "/review", "/batches", "/groups", "/groups?status=failed", "/groups/" + id, "/groups/" + failed, "/jobs", "/sessions"} {
		a := r.get(path)
		if shown := regexp.MustCompile(`(?s)href="[^"]*"`).ReplaceAllString(a.body, ""); a.status != http.StatusOK || strings.Contains(shown, planted) || strings.Contains(shown, "99997-7123") {
			at := max(strings.Index(shown, planted), strings.Index(shown, "99997-7123"))
			t.Errorf("%s: got %d, want 200 without a number; a viewer sees %q", path, a.status, shown[max(at-80, 0):min(max(at, 0)+40, len(shown))])
		}
	}
}

// An invitation link lets its reader into the group, and an id in the older form begins with a number.
func TestGroupPage_ShowsAViewerNoInvitationLinkAndNoNumberOfAnID(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	told := group.Answer{HTTPStatus: http.StatusOK, GroupID: "5544999999971-1600000000@g.us", InviteLink: "https://chat.whatsapp.com/SecretLink1"}
	created, adopted := r.accept("A", "5544999999991"), r.accept("B", "5544999999991")
	r.change(created, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		return g.Created(1, told, now)
	})
	r.doubt(adopted)
	r.change(adopted, func(g *group.Group, now time.Time) error { return g.AdoptByHand(told.GroupID, now) })
	r.login("viewer")
	for _, id := range []string{created, adopted} {
		a := r.get("/groups/" + id)
		wants(t, a.body, "5544•••••9971")
		for _, hidden := range []string{"SecretLink1", "5544999999971"} {
			if strings.Contains(a.body, hidden) {
				t.Errorf("a viewer sees %s: %s", hidden, text(a.body))
			}
		}
	}
	r.login("operator")
	wants(t, r.get("/groups/"+created).body, told.InviteLink)
}

// A retry takes a late group only where it is allowed.
func TestGroupPage_SaysWhatToDoWithALateGroup(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	cancelled, abandoned := r.accept("A", "5544999999991"), r.accept("B", "5544999999992")
	r.change(cancelled, func(g *group.Group, now time.Time) error {
		return errors.Join(g.Cancel(now), g.Stray("1203-group", g.Instance, now))
	})
	r.change(abandoned, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		return errors.Join(g.Created(1, group.Answer{GroupID: "1204-group"}, now), g.Stray("1205-group", g.Instance, now), g.Abandon(now))
	})
	r.login("operator")
	for id, retry := range map[string]bool{cancelled: true, abandoned: false} {
		page := text(r.get("/groups/" + id).body)
		if strings.Contains(page, "retry takes it") != retry || strings.Contains(page, "came late. Look at the group on a phone, and delete it") == retry {
			t.Errorf("a retry takes the late group %v: %s", retry, page)
		}
	}
}

func TestGroupPage_CurlCommandWorksAsShown(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`curl (http://[^\s<]+)( -H "Authorization: Bearer \$KEY")?`)
	for _, ks := range [][]auth.Key{nil, keys()} {
		r := setup(t, ks...)
		if ks != nil {
			r.login("viewer")
		}
		id := r.accept("Turma 1", "5544999999991")
		found := line.FindStringSubmatch(r.get("/groups/" + id).body)
		if found == nil || (found[2] != "") != (ks != nil) {
			t.Fatalf("with %d keys: got the command %q, want a key in it only if there are keys", len(ks), found)
		}
		path, ours := strings.CutPrefix(found[1], r.url)
		a := r.get(path, "Authorization: Bearer "+keyOf["viewer"])
		if !ours || a.status != http.StatusOK || !strings.Contains(a.body, id) {
			t.Errorf("%s: got %d, want 200 with the group: %s", found[1], a.status, a.body)
		}
	}
}

// A page fails if it names a text that the catalogue lacks.
func TestPage_NamesOnlyTextsOfTheCatalogue(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	patterns := []*regexp.Regexp{
		regexp.MustCompile(`\.(?:T|word|field|fact|th|thHidden|finish)\("([^"]+)"`), regexp.MustCompile(`\.labelled\("[^"]*", "([^"]+)"`),
		regexp.MustCompile(`\b(?:some|moment|other)\("([^"]+)"`), regexp.MustCompile(`\.(?:groupRows|batchRows|skipped|entry|answer)\([^"\n]*(?:"[a-z]*", )?"([^"]+)"`), regexp.MustCompile(`say\.Code\("([^":]+)"\)`),
		regexp.MustCompile(`failed\(http\.\w+, "([^"]+)", "([^"]*)"\)`), regexp.MustCompile(`&failure\{http\.\w+, "([^"]+)", `),
		regexp.MustCompile(`(?:Title|Why|Do|Press|Code): +"([^"]+)"`), regexp.MustCompile(`command\{"([^"]+)"`),
	}
	n := 0
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range patterns {
			for _, match := range p.FindAllStringSubmatch(string(data), -1) {
				for _, code := range match[1:] {
					if code == "" {
						continue
					}
					if n++; !say.Has(say.Code(code)) {
						t.Errorf("%s: the catalogue lacks %q", file, code)
					}
				}
			}
		}
	}
	if n < 350 {
		t.Errorf("the patterns find %d codes, want 350 or more", n)
	}
}

func TestPage_ShowsARefusalInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for lang, want := range map[string]string{
		"en": "no lost data is known.", "pt-BR": "não se sabe de dados perdidos.", "es-419": "no se sabe de datos perdidos.",
	} {
		r.post("/language", "to", lang)
		if a := r.post("/installation/recover", "action", "current"); a.status != http.StatusConflict || !strings.Contains(text(a.body), want) {
			t.Errorf("%s: got %d, want 409 with %q: %s", lang, a.status, want, text(a.body))
		}
	}
}

func TestGroupPage_NamesAPersonWithoutANumberWhoJoined(t *testing.T) {
	t.Parallel()
	r := setup(t)
	id := r.take(tasks.GroupRequest{GroupName: "Turma", ChatIDs: []string{"198765432109876@lid"}})
	r.change(id, func(g *group.Group, now time.Time) error {
		g.Begin("w", "alpha", time.Minute, func(string) bool { return true }, now)
		if err := g.Created(1, group.Answer{GroupID: "120363000000000001-group"}, now); err != nil {
			return err
		}
		g.Called, g.Members[0].Status, g.Members[0].UpdatedAt = true, group.Joined, now.Add(time.Second)
		return nil
	})
	_, line, _ := strings.Cut(r.get("/groups/"+id).body, `data-live="line"`)
	if line, _, _ = strings.Cut(line, "</ol>"); !regexp.MustCompile(`<b>[0-9•@lid]+9876\S* joined</b>`).MatchString(line) {
		t.Errorf("the timeline does not name who joined: %s", line)
	}
}

func TestPage_ADecisionThatListsDoNotShowYetIsSaidToBeMade(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	id := r.accept("Turma", people(2)...)
	testutil.Meddle(r.rdb).Refuse("evalsha", "rollcall:{ix}:held") // the index entries
	if a := r.post("/groups/" + id + "/cancel"); a.status != http.StatusSeeOther || !strings.Contains(a.to(), "cancel") {
		t.Fatalf("cancel: got %d to %q, want 303 to the group: %s", a.status, a.to(), text(a.body))
	}
	if a := r.get("/groups/" + id); !strings.Contains(text(a.body), "Turma cancelled Retry") {
		t.Errorf("the group's page does not show it cancelled: %s", text(a.body))
	}
}

func newPacer(t *testing.T, rdb redis.UniversalClient) *pacing.Pacer {
	t.Helper()
	p := pacing.New(rdb)
	t.Cleanup(p.Close)
	return p
}
