package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestAGroupsEndIsSeenWithoutAReload(t *testing.T) {
	t.Parallel()
	b := browser(t)
	d := newDev(t)
	p := open(b, t, d.base, 1280, "light")
	p.goTo("/groups")
	p.until("the list is empty", `(document.body?.innerText ?? "").includes("No group matches.")`)
	d.create("Turma ao vivo", "5544991234567", "5544991234568")
	p.until("the group is listed", `document.querySelector("td.name")?.innerText === "Turma ao vivo"`)
	p.click("td.name a")
	p.until("the group's page is there", `document.querySelector("h1")?.innerText === "Turma ao vivo"`)
	eval[bool](p, `window.kept = true`)
	p.until("its end is seen", `document.querySelector(".headline")?.innerText.includes("done")`)
	if !eval[bool](p, `window.kept === true`) {
		t.Error("the page was loaded again")
	}
	p.until("its timeline has the roll call", `document.querySelector(".line")?.innerText.includes("Roll called")`)
	p.clean("a group under rollcall-worker dev")
}

func TestPageJS_WhatHappensBeforeItsStreamOpensIsShown(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	p := open(b, t, o.base, 1280, "light")
	p.beforeScripts(`{
		const real = window.fetch;
		window.fetch = async (what, how) => {
			if (what === "/v1/events") await new Promise((go) => { window.openStream = go; });
			return real(what, how);
		};
	}`)
	p.goTo("/groups")
	p.until("the page asks for its stream", `window.openStream`)
	eval[bool](p, `window.kept = true`)
	if res, err := o.enter.Create(o.ctx, tasks.GroupRequest{GroupName: "Between the two", Phones: []tasks.Phone{"5544991234567"}}, enqueue.Rules{}); err != nil || res.Error != nil {
		t.Fatal(err, res.Error)
	}
	eval[bool](p, `window.openStream() || true`)
	p.until("what happened in between is shown", `document.querySelector("td.name")?.innerText === "Between the two"`)
	if !eval[bool](p, `window.kept === true`) {
		t.Error("the page was loaded again")
	}
}

func TestWhenTheStreamDropsThePageSaysSo(t *testing.T) {
	t.Parallel()
	b := browser(t)
	d := newDev(t)
	p := open(b, t, d.base, 1280, "light")
	p.goTo("/")
	p.until("it is live", `document.getElementById("stale").hidden`)
	d.kill()
	p.until("the page says that it is stale", `!document.getElementById("stale").hidden && document.getElementById("stale").innerText.includes("Live updates have stopped")`)
}

func TestEveryPageIsCleanInEverySizeAndScheme(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	shows := map[string]string{
		"/groups":             `document.querySelector("a.chip")?.innerText === "To decide"`,
		"/batches/" + o.batch: `document.querySelector("[data-live=invalid] tbody")?.innerText.includes("61")`,
		o.groupPages[4]:       `document.querySelectorAll("[data-live=joins] tbody form").length === 8`,
	}
	for _, look := range []struct {
		width  int64
		scheme string
	}{{1280, "light"}, {360, "dark"}} {
		t.Run(fmt.Sprintf("%d %s", look.width, look.scheme), func(t *testing.T) {
			t.Parallel()
			p := open(b, t, o.base, look.width, look.scheme)
			for _, path := range append([]string{
				"/", "/instances", "/instances/sales-2", "/groups", "/groups?status=failed&status=review", "/batches", "/batches/" + o.batch,
				"/history", "/problems", "/review", "/audit", "/jobs", "/groups?name=turma&from=2026-01-01", "/nothing",
			}, o.groupPages...) {
				p.goTo(path)
				if path == "/nothing" {
					p.mu.Lock()
					p.faults = nil // the browser logs the 404 as an error
					p.mu.Unlock()
				}
				if what := shows[path]; what != "" && !eval[bool](p, "Boolean("+what+")") {
					t.Errorf("%s does not show %s: %s", path, what, p.text())
				}
				p.clean(path)
			}
		})
	}
	t.Run("dark 1280 and light 360", func(t *testing.T) {
		t.Parallel()
		dark, narrow := open(b, t, o.base, 1280, "dark"), open(b, t, o.base, 360, "light")
		for _, path := range []string{"/", "/review", "/groups"} {
			dark.goTo(path)
			dark.clean(path + " in the dark")
			narrow.goTo(path)
			narrow.clean(path + " on a phone")
		}
	})
}

func TestNothingMovesUnderTheMouse(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	p := open(b, t, o.base, 1280, "light")
	p.goTo("/groups?status=failed")
	p.until("the list is there", `document.querySelectorAll("tbody tr").length > 1`)
	before := eval[string](p, `document.querySelector("tbody tr").dataset.key`)
	p.do(chromedp.Click(chromedp.CSS("tbody tr td.n"), chromedp.NodeVisible)) // leaves the pointer there
	o.fail("Turma nova", 400, "Validation failed. Details: 'phones' is required")
	p.until("the page says that there is something new", `!document.getElementById("fresh").hidden`)
	if now := eval[string](p, `document.querySelector("tbody tr").dataset.key`); now != before {
		t.Errorf("the row under the pointer was %s and is %s", before, now)
	}
	p.click("#fresh")
	p.until("a click on the notice shows it", `document.querySelector("tbody tr").innerText.includes("Turma nova")`)
}

func TestAnAdminFindsAndMendsWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	p := open(b, t, o.base, 1280, "light")
	p.goTo("/")
	p.do(chromedp.KeyEvent("/"))
	p.until("the slash key focuses the search field", `document.activeElement.id === "q"`)
	eval[string](p, `document.activeElement.value = ""`) // chromedp also types the slash; a browser does not
	p.do(chromedp.KeyEvent("+55 (44) 99123-0001\r"))
	p.until("the person's groups are listed", `(document.body?.innerText ?? "").includes("Not on the suppression list.") && document.querySelectorAll("tbody tr").length > 1`)
	p.clean("a person")
	if where := eval[string](p, `location.href`); strings.Contains(where, "99123") {
		t.Errorf("the address holds the number: %s", where)
	}
	p.goTo("/problems")
	p.do(chromedp.Focus(chromedp.CSS(`form[action="/bulk"] button`)), chromedp.KeyEvent("\r"))
	p.until("the dry run counts", `(document.body?.innerText ?? "").includes("would be put back into the queue")`)
	p.clean("a dry run")
	p.do(chromedp.Focus(chromedp.CSS(`form[action="/bulk/run"] button`)), chromedp.KeyEvent("\r"))
	p.until("the job is done", `document.querySelector(".headline")?.innerText.startsWith("done")`)
	p.clean("a job")
	p.goTo("/jobs")
	p.clean("the jobs")
}

func TestThePageCanBeReadAndUsedWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	p := open(b, t, o.base, 1280, "light")
	p.withoutScripts()
	p.goTo(o.groupPages[0])
	p.until("the set-up is shown", `["Picture", "not supported", "next try"].every((part) => document.getElementById("setup")?.parentElement.innerText.includes(part))`)
	p.until("staff and admins are marked", `[...document.querySelectorAll("[data-live=people] tr .tag")].map((tag) => tag.innerText).join() === "admin of the group,staff,admin of the group"`)
	p.goTo("/instances/sales-2")
	p.do(chromedp.SendKeys(chromedp.CSS(`input[name="reason"]`), "Ana scans the code"), chromedp.Click(chromedp.CSS(`form[action$="/pause"] button`)))
	p.until("it is paused", `(document.body?.innerText ?? "").includes("Paused by a person")`)
	p.click(`form[action$="/resume"] button`)
	p.until("it is resumed", `(document.body?.innerText ?? "").includes("Resumed.")`)
}

// TestPicturesForTheDocuments writes the pictures of docs/images to the directory that SCREENSHOTS names. Without
// SCREENSHOTS it only checks that the pages load.
func TestPicturesForTheDocuments(t *testing.T) {
	t.Parallel()
	b := browser(t)
	o := newOffice(t)
	p := open(b, t, o.base, 1280, "light")
	for name, path := range map[string]string{
		"overview": "/", "problems": "/problems", "review": "/review", "group": o.groupPages[0], "batch": "/batches/" + o.batch,
	} {
		p.goTo(path)
		p.until(name+" is there", `document.querySelector("h1") !== null && document.fonts.status === "loaded"`)
		p.shoot(name)
	}
	narrow := open(b, t, o.base, 360, "dark")
	narrow.goTo("/")
	narrow.until("the phone's view is there", `document.querySelector("h1") !== null`)
	narrow.shoot("overview-phone")
}
