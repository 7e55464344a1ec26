package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// cohort is a file with two groups that can be created and one that cannot.
const cohort = "name;phones\nTurma da manhã;+5544991234567\nTurma da tarde;+5544991234568, +351912345678, 12\n;+5544991234569\n"

// dropped puts a file onto the form as a mouse that carries it does.
const dropped = `(() => {
	const carried = new DataTransfer();
	carried.items.add(new File([%q], "cohort.csv", {type: "text/csv"}));
	const form = document.querySelector("form[data-drop]");
	for (const name of ["dragenter", "dragover", "drop"]) form.dispatchEvent(new DragEvent(name, {dataTransfer: carried, bubbles: true, cancelable: true}));
	return form.querySelector('input[type="file"]').files[0]?.name;
})()`

func TestAFirstVisitLeadsFromADroppedFileToItsGroups(t *testing.T) {
	t.Parallel()
	b := browser(t)
	d := newDev(t)
	p, narrow := open(b, t, d.base, 1280, "light"), open(b, t, d.base, 360, "dark")
	// both sees a page on a desk and on a phone.
	both := func(what, path, ready string) {
		t.Helper()
		narrow.goTo(path)
		narrow.until(what+" on a phone", ready)
		narrow.clean(what + " on a phone")
		p.clean(what)
	}
	p.goTo("/")
	p.until("the empty installation offers the upload", `document.querySelector('main a[href="/batches/new"]')`)
	both("the front of an empty installation", "/", `document.getElementById("first")`)
	p.click(`main a[href="/batches/new"]`)
	p.until("the form is there", `document.querySelector("form[data-drop]")`)
	both("the form of an upload", "/batches/new", `document.querySelector("form[data-drop]")`)
	if name := eval[string](p, fmt.Sprintf(dropped, cohort)); name != "cohort.csv" {
		t.Fatalf("the form has the file %q", name)
	}
	p.click(`form[data-drop] button.primary`)
	p.until("the plan is there", `["2 would be created", "1 row is invalid", "BR 2", "PT 1"].every((part) => (document.querySelector("main")?.innerText.replaceAll("\n", " ") ?? "").includes(part))`)
	both("the plan of an upload", eval[string](p, `location.pathname`), `document.getElementById("plan")`)
	p.click(`form[action$="/run"] button`)
	p.until("the file is taken in", `document.querySelector(".headline")?.innerText.includes("The file is taken in: 2 created.")`)
	both("the end of an upload", eval[string](p, `location.pathname`), `document.querySelector(".headline")`)
	p.click(`main a.button[href^="/batches/bat_"]`)
	p.until("the batch counts up", `document.querySelector(".headline")?.innerText.includes("2 / 2")`)
}

func TestFilesAndGroupsComeInWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	file := filepath.Join(t.TempDir(), "cohort.csv")
	if err := os.WriteFile(file, []byte(cohort), 0o600); err != nil {
		t.Fatal(err)
	}
	p := open(b, t, o.base, 360, "light")
	p.withoutScripts()
	p.goTo("/batches/new")
	p.do(chromedp.SetUploadFiles(chromedp.CSS(`input[type="file"]`), []string{file}), chromedp.Click(chromedp.CSS(`main form button.primary`)))
	p.until("the plan is there", `document.getElementById("plan") && document.querySelector("main").innerText.includes("2 would be created")`)
	p.click(`form[action$="/run"] button`)
	p.until("the file is taken in", `document.querySelector(".headline")?.innerText.includes("The file is taken in: 2 created.")`)

	p.goTo("/groups/new")
	p.do(chromedp.SendKeys(chromedp.CSS(`input[name="groupName"]`), "Turma da noite"), chromedp.SendKeys(chromedp.CSS(`textarea[name="phones"]`), "+5544991234570"),
		chromedp.Click(chromedp.CSS(`form#create > button.primary`)))
	p.until("the plan is there", `document.getElementById("plan") && document.querySelector("main").innerText.includes("1 would be created")`)
	p.click(`button[name="seal"]`)
	p.until("the group is there", `document.querySelector("h1")?.innerText === "Turma da noite" && document.querySelector(".said")`)
}

func TestFormsDoWhatTheySayInBothSizes(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	for width, scheme := range map[int64]string{1280: "dark", 360: "light"} {
		p := open(b, t, o.base, width, scheme)
		p.saveView(fmt.Sprintf("Turma of %d", width), fmt.Sprintf("/groups?status=failed&name=turma&from=2026-01-%02d", width%28+1))
		p.askForGroup(fmt.Sprintf("Turma %d", width))
		p.planEdit(o.groupPages[3])
		p.goTo(o.groupPages[4])
		p.click(`form[action$="/joins/reject"] button`)
		p.until("the request is rejected", `document.querySelector(".said") && document.querySelector("[data-live=joins]").innerText.includes("is rejected")`)
	}
}

// saveView saves the filters of a list under a name.
func (p *tab) saveView(name, path string) {
	p.t.Helper()
	p.goTo(path)
	p.click(`main details summary`)
	p.until("the form is open", `document.querySelector('form[action="/views"] input[name="name"]')?.checkVisibility()`)
	p.do(chromedp.SendKeys(chromedp.CSS(`form[action="/views"] input[name="name"]`), name),
		chromedp.Click(chromedp.CSS(`form[action="/views"] button`), chromedp.NodeVisible))
	p.until("the view is saved", fmt.Sprintf(`document.querySelector(".said") && document.querySelector('a.chip[aria-current="page"]')?.innerText === %q`, name))
	p.click(`main details summary`)
	p.clean("saved views")
}

// askForGroup asks for a group with admins and settings.
func (p *tab) askForGroup(name string) {
	p.t.Helper()
	p.goTo("/groups/new")
	p.clean("the form of a group")
	p.do(chromedp.SendKeys(chromedp.CSS(`input[name="groupName"]`), name), chromedp.SendKeys(chromedp.CSS(`textarea[name="phones"]`), "+5544991234570\n12"),
		chromedp.Click(chromedp.CSS(`form#create details summary`), chromedp.NodeVisible))
	p.until("all fields are there", `document.querySelector('textarea[name="admins"]').checkVisibility()`)
	p.do(chromedp.SendKeys(chromedp.CSS(`textarea[name="admins"]`), "+5544991234570"), chromedp.SetValue(chromedp.CSS(`select[name="onlyAdminsSend"]`), "on"),
		chromedp.Click(chromedp.CSS(`form#create > button.primary`)))
	p.until("the plan is there", `document.getElementById("plan")`)
	if kept := eval[string](p, `document.querySelector('textarea[name="admins"]').value + document.querySelector('select[name="onlyAdminsSend"]').value`); kept != "+5544991234570on" {
		p.t.Errorf("the form keeps %q", kept)
	}
	p.clean("the plan of a group")
	p.click(`button[name="seal"]`)
	p.until("the group has its set-up", `document.querySelector(".said") && ["Settings", "Admins"].every((part) => document.getElementById("setup")?.parentElement.innerText.includes(part))`)
}

// planEdit takes away what the form of a group does not show.
func (p *tab) planEdit(path string) {
	p.t.Helper()
	p.goTo(path + "/edit")
	if shown := eval[string](p, `document.documentElement.outerHTML`); strings.Contains(shown, "99123-0001") || strings.Contains(shown, "9123") {
		p.t.Error("the form of an edit holds a number")
	}
	p.clean("the form of an edit")
	p.do(chromedp.Click(chromedp.CSS(`input[name="clear"][value="admins"]`)), chromedp.Click(chromedp.CSS(`input[name="clear"][value="description"]`)),
		chromedp.SetValue(chromedp.CSS(`select[name="onlyAdminsSend"]`), "off"), chromedp.Click(chromedp.CSS(`form#edit > button.primary`)))
	p.until("the plan says what changes", `["Admins changes", "Settings changes", "Description changes"].every((part) => document.querySelector('section[aria-labelledby="plan"]')?.innerText.includes(part))`)
	p.clean("the plan of an edit")
}
