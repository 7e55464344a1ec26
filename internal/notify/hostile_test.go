package notify

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/steps"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// raw serves connections: it reads a request and calls answer, which may break HTTP. It returns its address.
func raw(t *testing.T, answer func(c *net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
				answer(c.(*net.TCPConn))
			}
			_ = c.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

func says(text string) func(c *net.TCPConn) {
	return func(c *net.TCPConn) { _, _ = c.Write([]byte(text)) }
}

// hang answers nothing until the client disconnects.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func answers(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func TestDo_RetriesAFailingReceiverAndKeepsAReasonInOurWords(t *testing.T) {
	t.Parallel()
	var followed atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Add(1) }))
	t.Cleanup(target.Close)
	selfSigned := httptest.NewTLSServer(answers(http.StatusOK))
	t.Cleanup(selfSigned.Close)
	redirect := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target.URL+"/planted", code) }
	}
	// A port that was closed a moment ago can be another server's by now; nothing listens at port 1.
	const refuses = "http://127.0.0.1:1/"
	for name, c := range map[string]struct{ url, reason string }{
		"it hangs":                    {listen(t, hang).URL, "did not answer in time"},
		"an error":                    {listen(t, answers(500)).URL, "it answered 500"},
		"not found":                   {listen(t, answers(404)).URL, "it answered 404"},
		"too many requests":           {listen(t, answers(429)).URL, "it answered 429"},
		"an unknown status":           {listen(t, answers(600)).URL, "it answered 600"},
		"moved for good":              {listen(t, redirect(301)).URL, "redirects are not followed"},
		"moved, with the same method": {listen(t, redirect(307)).URL, "redirects are not followed"},
		"moved for good, same method": {listen(t, redirect(308)).URL, "redirects are not followed"},
		"it closes without a word":    {raw(t, func(*net.TCPConn) {}), "broke the connection"},
		"it resets":                   {raw(t, func(c *net.TCPConn) { _ = c.SetLinger(0) }), "broke the connection"},
		"it stops within the headers": {raw(t, says("HTTP/1.1 200 OK\r\nX-A")), "the request failed"},
		"it speaks something else":    {raw(t, says("220 mail.example ESMTP planted\r\n")), "the request failed"},
		"headers without an end":      {raw(t, func(c *net.TCPConn) { flood(c, "HTTP/1.1 200 OK\r\n", "X-Planted: y\r\n") }), "the request failed"},
		"early hints without an end":  {raw(t, func(c *net.TCPConn) { flood(c, "", "HTTP/1.1 103 Early Hints\r\n\r\n") }), "the request failed"},
		"a certificate of its own":    {selfSigned.URL, "certificate is not from an authority"},
		"no TLS where it should be":   {strings.Replace(target.URL, "http:", "https:", 1), "it does not speak TLS"},
		"nothing there":               {refuses, "it refused the connection"},
		"a name that cannot exist":    {"http://unknown.invalid/", "its name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, testutil.Redis(t), to(c.url))
			if name == "it hangs" {
				r.Settings.Timeout = 300 * time.Millisecond
			}
			if err := r.Set(Settings{Endpoints: []Endpoint{to(c.url)}, Timeout: r.Settings.Timeout, Retries: table}); err != nil {
				t.Fatal(err)
			}
			task := r.one(GroupCompleted)
			if after := r.try(task); after != table[0] {
				t.Errorf("next try in %s, want %s", after, table[0])
			}
			d := r.delivery(task)
			if d.State != store.DeliveryWaiting || d.Tries != 1 || !strings.Contains(d.Reason.String(), c.reason) {
				t.Errorf("got the delivery %+v, want it waiting after one try with the reason %q", d, c.reason)
			}
			host := strings.Trim(strings.TrimPrefix(strings.TrimPrefix(c.url, "http://"), "https://"), "/")
			if said := r.logs.String() + d.Reason.String(); strings.Contains(said, "planted") || strings.Contains(d.Reason.String(), host) {
				t.Errorf("the log or the reason holds the receiver's answer, or the reason its address: %s", said)
			}
		})
	}
	t.Cleanup(func() {
		if n := followed.Load(); n > 0 {
			t.Errorf("redirects were followed %d times, want never", n)
		}
	})
}

// flood writes the same line until the other side closes the connection.
func flood(c net.Conn, first, line string) {
	_, err := c.Write([]byte(first))
	for err == nil {
		_, err = c.Write([]byte(strings.Repeat(line, 100)))
	}
}

func TestDo_AStatusOf2xxIsADeliveryWhateverTheBody(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"created":       answers(http.StatusCreated),
		"no content":    answers(http.StatusNoContent),
		"a huge answer": func(w http.ResponseWriter, _ *http.Request) { flood(writerConn{ResponseWriter: w}, "", "planted") },
		"an answer that trickles": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = fmt.Fprint(w, "p")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"an answer that is cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = fmt.Fprint(w, "p")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, testutil.Redis(t), to(listen(t, answer).URL))
			task := r.one(GroupCompleted)
			if after := r.try(task); after != -1 || r.delivery(task).State != store.Delivered {
				t.Errorf("next try in %s, the delivery is %+v; want it delivered", after, r.delivery(task))
			}
		})
	}
}

// writerConn lets flood write an HTTP answer.
type writerConn struct {
	net.Conn
	http.ResponseWriter
}

func (w writerConn) Write(p []byte) (int, error) { return w.ResponseWriter.Write(p) }

func TestWebhooksDo_AReceiverThatHangsHoldsFourDeliveriesAtMost(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, deliveriesAtOnce), make(chan struct{})
	slow := listen(t, func(http.ResponseWriter, *http.Request) { arrived <- struct{}{}; <-release })
	r := newRig(t, testutil.Redis(t), to(slow.URL))
	task := r.one(GroupCompleted)
	var hanging sync.WaitGroup
	for range deliveriesAtOnce {
		hanging.Go(func() { _ = r.Do(t.Context(), task) })
		<-arrived
	}
	if later, ok := errors.AsType[*steps.Later](r.Do(t.Context(), task)); !ok || later.After != time.Second {
		t.Errorf("one more delivery to the receiver that hangs: got %+v, want the next try in a second", later)
	}
	close(release)
	hanging.Wait()
}
