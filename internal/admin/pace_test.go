package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestInstancePage_SlowsAnInstanceDownAndResetsIt(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha") // one create a minute, 20 a day
	if a := r.get("/instances/alpha"); !strings.Contains(a.body, `name="createEvery" value="" placeholder="1m"`) || strings.Contains(a.body, "/pace/reset") {
		t.Errorf("with the configured pace, the form has a value or a reset: %s", a.body)
	}
	a := r.post("/instances/alpha/pace", "createEvery", " 10m ", "createPerDay", "10", "inviteEvery", "", "invitePerDay", "", "reason", "new number")
	if a.status != http.StatusSeeOther || a.to() != "/instances/alpha?said=slowed" {
		t.Fatalf("slowing down: got %d, want 303 with said=slowed: %s", a.status, text(a.body))
	}
	shown := r.get("/instances/alpha").body
	for _, want := range []string{`name="createEvery" value="10m" placeholder="1m"`, `placeholder="20" value="10"`, "one every 10m, 10 a day", "new number", "/instances/alpha/pace/reset"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page of a slowed instance lacks %q", want)
		}
	}
	for _, c := range []struct{ field, value, english, portuguese string }{
		{"createEvery", "30s", "alpha is configured with one create per 1m; slower is possible here, quicker only in rollcall.yaml.", "alpha está configurada com uma criação a cada 1m; mais devagar é possível aqui"},
		{"createPerDay", "21", "alpha is configured with at most 20 creates a day; fewer are possible here", "alpha está configurada com no máximo 20 criações por dia"},
		{"inviteEvery", "soon", "Write it as 90s, 10m or 1h30m.", "Escreva como 90s, 10m ou 1h30m."},
		{"invitePerDay", "0", "Write a whole number from 1 on", "Escreva um número inteiro a partir de 1"},
		{"reason", "because", "no pace was given", "nenhum ritmo foi informado"},
	} {
		for lang, want := range map[string]string{"en": c.english, "pt-BR": c.portuguese} {
			r.post("/language", "to", lang)
			if a := r.post("/instances/alpha/pace", c.field, c.value); a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), want) {
				t.Errorf("%s %q in %s: got %d, want 422 with %q: %s", c.field, c.value, lang, a.status, want, text(a.body))
			}
		}
	}
	r.post("/language", "to", "en")
	if a := r.post("/instances/alpha/pace", "createEvery", "10m", "for", "2h"); a.status != http.StatusSeeOther {
		t.Fatalf("slowing down for two hours: got %d, want 303: %s", a.status, text(a.body))
	}
	if shown := text(r.get("/instances/alpha").body); !strings.Contains(shown, ", until ") {
		t.Errorf("the page does not say when the slower pace ends: %s", shown)
	}
	before, err := r.store.Presence.Instances(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown = r.get("/instances/alpha").body
	form := regexp.MustCompile(`name="until" type="datetime-local" value="([^"]*)"`).FindStringSubmatch(shown)
	if form == nil {
		t.Fatalf("the form of a slower pace that ends has no end: %s", shown)
	}
	if a := r.post("/instances/alpha/pace", "createEvery", "12m", "for", "", "until", form[1]); a.status != http.StatusSeeOther {
		t.Fatalf("another pace, with the rest of the form as it is shown: got %d, want 303: %s", a.status, text(a.body))
	}
	now, err := r.store.Presence.Instances(t.Context())
	if err != nil || !now["alpha"].Slowing.Until.Equal(before["alpha"].Slowing.Until.Truncate(time.Second)) {
		t.Errorf("it ends at %s, want %s to the second (%v)", now["alpha"].Slowing.Until, before["alpha"].Slowing.Until, err)
	}
	if a := r.post("/instances/alpha/pace/reset"); a.status != http.StatusSeeOther || a.to() != "/instances/alpha?said=unslowed" {
		t.Errorf("reset: got %d, want 303 with said=unslowed: %s", a.status, text(a.body))
	}
	if i, err := r.store.Presence.Instances(t.Context()); err != nil || i["alpha"].Slowing != nil {
		t.Errorf("after the reset: got %+v, want no slower pace (%v)", i["alpha"].Slowing, err)
	}
	entries, _, err := r.store.Trail.AuditPage(t.Context(), store.AuditFilter{Action: string(audit.ChangePace), Result: string(audit.Done)}, "", 10)
	if err != nil || len(entries) != 4 || entries[0].Detail.String() != "as configured" || !strings.HasPrefix(entries[2].Detail.String(), "one create every 10m; until 20") || entries[3].Detail.String() != "one create every 10m, 10 creates a day; new number" || entries[3].Through != "page" {
		t.Errorf("the audit log: got %+v, want the three slower paces and the reset (%v)", entries, err)
	}
}

func TestInstancePage_PauseCanEndAndAForgottenOneIsANeed(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	const need = "Paused for a day or longer, without an end"
	if a := r.post("/instances/alpha/pause", "reason", "new SIM", "for", "2h", "until", ""); a.status != http.StatusSeeOther {
		t.Fatalf("pausing for two hours: got %d, want 303: %s", a.status, text(a.body))
	}
	shown := text(r.get("/instances/alpha").body)
	for _, want := range []string{"until ", "new SIM", "It goes on at that time."} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page of an instance with a pause that ends lacks %q: %s", want, shown)
		}
	}
	if front := text(r.get("/").body); strings.Contains(front, "need you") {
		t.Errorf("the overview shows a pause that ends as a need: %s", front)
	}
	if a := r.post("/instances/alpha/pause", "until", "2020-12-01T08:00"); a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), "until must be later than now") {
		t.Errorf("pausing until a time in the past: got %d, want 422: %s", a.status, text(a.body))
	}
	now, err := r.store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for age, needed := range map[time.Duration]bool{time.Hour: false, 24 * time.Hour: true} {
		if err := r.store.Presence.SetPaused(t.Context(), "alpha", &store.Pause{At: now.Add(-age)}); err != nil {
			t.Fatal(err)
		}
		if front := text(r.get("/").body); strings.Contains(front, need) != needed {
			t.Errorf("the overview shows a pause without an end, %s old, as a need: %v, want %v: %s", age, !needed, needed, front)
		}
	}
}

func TestPage_AReasonHasAsManyCharactersAsOnEveryWay(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	most := strings.Repeat("é", operate.MaxReason)
	_, rest, _ := strings.Cut(r.post("/search", "q", "+55 44 99000-0000").body, `action="/people/`)
	token, _, _ := strings.Cut(rest, "/")
	for path, form := range map[string][]string{
		"/instances/alpha/pause":         nil,
		"/instances/alpha/pace":          {"createEvery", "10m"},
		"/people/" + token + "/suppress": {"phone", "+55 44 99000-0000"},
	} {
		if a := r.post(path, append(form, "reason", most+"é")...); a.status != http.StatusUnprocessableEntity || !strings.Contains(text(a.body), "501 characters, 500 are allowed") {
			t.Errorf("%s with a reason of 501 characters: got %d, want 422: %s", path, a.status, text(a.body))
		}
		if a := r.post(path, append(form, "reason", most)...); a.status >= 400 {
			t.Errorf("%s with a reason of 500 characters: got %d, want it done: %s", path, a.status, text(a.body))
		}
	}
}
