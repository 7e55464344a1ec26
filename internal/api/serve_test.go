package api_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestServe_EndsUploadsAndStreamsBeforeItReturns(t *testing.T) {
	t.Parallel()
	r := setup(t, func(c *api.Config) { c.Heartbeat, c.Stall = time.Hour, time.Hour })
	listener, err := api.Listen(t.Context(), "127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- r.api.Serve(ctx, listener) }()
	r.url = "http://" + listener.Addr().String()
	stream := r.listen("")
	told := r.begin(underWay) // all rows: once it stops, the server accepts no more
	stop()
	a := told()
	p := a.problem(t, http.StatusServiceUnavailable)
	if d := p.Batch; d == nil || d.Created != underWay {
		t.Errorf("the upload: got %s, want %d rows created", a.body, underWay)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	for range stream.events { // until the stream ends
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the server still listens after Serve has returned")
	}
}

func TestServe_AFailureIsAProblem(t *testing.T) {
	t.Parallel()
	mini, rdb := testutil.Mini(t)
	r := setupOn(t, rdb)
	mini.SetError("LOADING Redis is loading the dataset in memory")
	for _, path := range []string{"/readyz", "/v1/status", "/v1/groups", "/v1/batches"} {
		p := r.do("GET", path, "").problem(t, http.StatusServiceUnavailable)
		if !strings.Contains(p.Detail, "still loading") {
			t.Errorf("%s: got %q, want that Redis is still loading", path, p.Detail)
		}
	}
	a := r.do("POST", "/v1/batches?name=x", row(1)+"\n", "Content-Type: application/x-ndjson")
	a.problem(t, http.StatusServiceUnavailable)
	if a.header.Get("Retry-After") == "" {
		t.Error("no Retry-After header")
	}
	if a := r.do("GET", "/healthz", ""); a.status != http.StatusOK {
		t.Errorf("/healthz without Redis: got %d, want 200", a.status)
	}
	mini.SetError("")
	broken := setup(t, func(c *api.Config) {
		c.Ping = func(context.Context) error { panic("over +5544999999999") }
	})
	p := broken.do("GET", "/readyz", "").problem(t, http.StatusInternalServerError)
	if log := broken.log.String(); strings.Contains(p.Detail, "over") || !strings.Contains(log, "over +5544•••••9999") || !strings.Contains(log, p.RequestID) {
		t.Errorf("after a panic: got %+v, want its text only in the log, masked: %s", p, log)
	}
}

func TestRequestID_IsKeptIfItIsValid(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for given, kept := range map[string]bool{
		"crm-1.2:3": true, "": false, "two words": false, "5544999999999": false, strings.Repeat("x", 129): false,
	} {
		a := r.do("GET", "/v1/nothing", "", "X-Request-Id: "+given)
		p := a.problem(t, http.StatusNotFound)
		if (p.RequestID == given) != kept || p.RequestID == "" {
			t.Errorf("%q: got %q, want it kept: %v", given, p.RequestID, kept)
		}
		if !strings.Contains(r.log.String(), p.RequestID) {
			t.Errorf("the log lacks the request id %q", p.RequestID)
		}
	}
}

func TestLog_HoldsNoPhoneNumberAndNoKey(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	r.key = keysOf["admin"]
	const number = "5544999999999"
	r.create(oneGroup)
	for _, c := range [][3]string{
		{"GET", "/v1/groups?phone=" + number, ""},
		{"GET", "/v1/groups/" + number, ""},
		{"GET", "/v1/batches/" + number + "/export", ""},
		{"GET", "/" + number, ""},
		{"POST", "/v1/suppressions", `{"phones": ["` + number + `"], "reason": "x"}`},
		{"DELETE", "/v1/suppressions?phone=" + number, ""},
		{"POST", "/v1/batches?name=" + number, "[" + oneGroup + "]"},
		{"POST", "/v1/instances/" + number + "/pause", ""},
		{"GET", "/v1/groups?" + number + "=1", ""},
	} {
		a := r.do(c[0], c[1], c[2])
		if a.status >= 400 && strings.Contains(string(a.body), number) {
			t.Errorf("%s %s: the problem names a number: %s", c[0], c[1], a.body)
		}
	}
	for _, secret := range []string{number, keysOf["admin"]} {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log holds %s: %s", secret, r.log.String())
		}
	}
}
