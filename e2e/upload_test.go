package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"
)

// visitor is a browser without JavaScript.
type visitor struct {
	s    *stage
	base string
}

// ask sends a request and returns the Location and the body of the answer, both empty from a server that is down.
func (v visitor) ask(method, path, kind string, body io.Reader) (to, text string) {
	v.s.t.Helper()
	req, err := http.NewRequestWithContext(v.s.t.Context(), method, v.base+path, body)
	if err != nil {
		v.s.t.Error(err)
		return "", ""
	}
	req.Header.Set("Content-Type", kind)
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", ""
	}
	defer func() { _ = answer.Body.Close() }()
	page, _ := io.ReadAll(answer.Body) // a killed server sends half of it
	return answer.Header.Get("Location"), string(page)
}

// send sends a file and waits for its plan.
func (v visitor) send(name, file string) (upload, plan string) {
	v.s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		v.s.t.Fatal(err)
	}
	upload, page := v.ask(http.MethodPost, "/batches/new", form.FormDataContentType(), &body)
	if !strings.HasPrefix(upload, "/uploads/") {
		v.s.t.Fatalf("sending led to %q: %s", upload, page)
	}
	return upload, v.awaits(upload, `id="plan"`)
}

// awaits reloads a page until it has a part.
func (v visitor) awaits(path, part string) (page string) {
	v.s.t.Helper()
	until(v.s.t, 50*time.Millisecond, path+" has "+part, func() bool {
		_, page = v.ask(http.MethodGet, path, "", nil)
		return strings.Contains(page, part)
	}, func() string { return page })
	return page
}

// total is how many groups the only batch has.
func (v visitor) total() int {
	v.s.t.Helper()
	var list struct{ Items []struct{ Total int } }
	_, text := v.ask(http.MethodGet, "/v1/batches", "", nil)
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		v.s.t.Fatalf("%v: %s", err, text)
	}
	if len(list.Items) == 0 {
		return 0
	}
	return list.Items[0].Total
}

func TestProducerServe_AKilledServersUploadIsSentAgainEachGroupOnce(t *testing.T) {
	t.Parallel()
	const n = 20_000
	s := newStage(t, script{seed: 32})
	var file strings.Builder
	file.WriteString("name,phones\n")
	for i := range n {
		fmt.Fprintf(&file, "Turma %d,+55449%08d\n", i, 90_000_000+i)
	}
	first, address := s.serveBy("serve-1", s.slowly("slow.yaml"))
	v := visitor{s, "http://" + address}
	upload, plan := v.send("cohort.csv", file.String())
	if !strings.Contains(plan, "20000 would be created") {
		t.Fatalf("the plan: %s", plan)
	}
	left := make(chan struct{})
	go func() {
		defer close(left)
		v.ask(http.MethodPost, upload+"/run", "", nil)
	}()
	until(t, 5*time.Millisecond, "the file is being taken in", func() bool { return v.total() > 0 }, func() string { return "" })
	first.kill()
	<-left
	_, address = s.serve("serve-2")
	v = visitor{s, "http://" + address}
	if is := v.total(); is == 0 || is >= n {
		t.Fatalf("%d of %d groups were created at the kill, want some but not all", is, n)
	}
	upload, _ = v.send("cohort.csv", file.String())
	v.ask(http.MethodPost, upload+"/run", "", nil)
	v.awaits(upload, "The file is taken in:")
	if is := v.total(); is != n {
		t.Errorf("got %d groups, want %d", is, n)
	}
}
