package page

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe is Deque's accessibility checker 4.14.1 (MPL-2.0), as npm has it. Only these tests hold it.
//
//go:embed testdata/axe.min.js
var axe string

// shots is where pictures for the documents are written; nowhere without it.
var shots = os.Getenv("SCREENSHOTS")

// browser is a Chromium with a profile of its own. Where there is none the test says loudly how to get one and
// is skipped; where a missing Redis is a failure, a missing browser is one too.
func browser(t *testing.T) context.Context {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		const how = "no chromium on PATH: the page is not tried in a browser (apt-get install chromium)"
		if os.Getenv("REQUIRE_REAL_REDIS") == "1" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	shared.once.Do(func() {
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(filepath.Join(scratch, "browser")))
		ctx, done := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, end := chromedp.NewContext(ctx)
		shared.ctx, shared.err = ctx, chromedp.Do(ctx)
		shared.end = func() {
			end()
			done()
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.ctx
}

// shared is the one browser of all tests: each has tabs of its own.
var shared struct {
	once sync.Once
	ctx  context.Context //nolint:containedctx // chromedp's handle of a browser is a context
	err  error
	end  func()
}

// tab is one page of a browser, and all that it complained about.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu     sync.Mutex
	faults []string
}

// open opens a tab of a size, in light or dark.
func open(b context.Context, t *testing.T, base string, width int64, scheme string) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(b)
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, 8*time.Minute) // less than go test waits
	t.Cleanup(cancel)
	p := &tab{t: t, ctx: ctx, base: base}
	height := int64(900)
	if width < 500 {
		height = 780
	}
	p.do(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, to *chromedp.Target) error {
		if _, err := cdp.Call(ctx, to, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, to, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
	requests, console := chromedp.Events(ctx, network.RequestWillBeSent), chromedp.Console(ctx)
	go func() {
		for e, err := range requests {
			if err != nil {
				return
			}
			if !strings.HasPrefix(e.Request.URL, base) && !strings.HasPrefix(e.Request.URL, "data:") {
				p.fault("a foreign request: " + e.Request.URL)
			}
		}
	}()
	go func() {
		for m, err := range console {
			if err != nil {
				return
			}
			if kind := fmt.Sprint(m.Type); kind != "log" && kind != "info" && kind != "debug" {
				p.fault("the console: " + kind + ": " + m.Text)
			}
		}
	}()
	return p
}

func (p *tab) fault(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, what)
}

// do runs steps.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatalf("%v; it complained: %v", err, p.faults)
	}
}

// click presses what a selector finds, once it is visible. A part of the page that is replaced at that moment is looked
// for again.
func (p *tab) click(selector string) {
	p.t.Helper()
	var err error
	until(p.t, "a click on "+selector, func() bool {
		err = chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
		return err == nil || !strings.Contains(err.Error(), "Could not find node")
	}, func() string { return err.Error() })
	if err != nil {
		p.t.Fatalf("a click on %s: %v; it complained: %v", selector, err, p.faults)
	}
}

// goTo opens an address of the page.
func (p *tab) goTo(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.base + path))
}

// eval asks the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// text is what can be read on the page.
func (p *tab) text() string {
	p.t.Helper()
	return eval[string](p, `document.body?.innerText ?? ""`)
}

// until waits until the page is loaded with its style and says something, without touching it. A page that is left while
// it is asked gives no answer, and the next one is asked.
func (p *tab) until(what, expression string) {
	p.t.Helper()
	var err error
	until(p.t, what, func() bool {
		var is bool
		is, err = chromedp.Run(p.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && Boolean(`+expression+")"))
		return err == nil && is
	}, func() string {
		if err != nil {
			return err.Error()
		}
		return p.text()
	})
}

// clean wants a page that has complained about nothing, fits its width, and that axe finds nothing in.
func (p *tab) clean(path string) {
	p.t.Helper()
	if over := eval[float64](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		p.t.Errorf("%s is %v pixels wider than the screen", path, over)
	}
	if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[any](axe+"; 0")); err != nil {
		p.t.Fatal(err)
	}
	found := eval[string](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(
		v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.target.join(" ") + ": " + n.failureSummary)}))))`)
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		p.t.Errorf("%s: axe: %s (%s): %s", path, v.ID, v.Help, strings.Join(v.Nodes[:min(3, len(v.Nodes))], "; "))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.faults {
		p.t.Errorf("%s: %s", path, f)
	}
	p.faults = nil
}

// shoot writes a picture for the documents again, if SCREENSHOTS asks for it.
func (p *tab) shoot(name string) {
	p.t.Helper()
	if shots == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(shots, name+".png"), picture, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// beforeScripts runs a script on each page before the page's own.
func (p *tab) beforeScripts(source string) {
	p.t.Helper()
	p.do(func(ctx context.Context, to *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, to, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		return chromedp.Void{}, err
	})
}

// withoutScripts is a browser that runs none.
func (p *tab) withoutScripts() {
	p.t.Helper()
	p.do(func(ctx context.Context, to *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, to, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}
