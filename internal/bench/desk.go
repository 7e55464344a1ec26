package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/metrics"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// desk is the HTTP API and the page, as `rollcall-producer serve` serves them, and a client of both.
type desk struct {
	controls

	url    string
	page   *admin.Page
	served *api.API
	server *http.Server
}

func newDesk(ctx context.Context, rdb redis.UniversalClient) (*desk, error) {
	h, err := newControls(ctx, rdb)
	if err != nil {
		return nil, err
	}
	client, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		return nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &desk{controls: h, url: "http://" + listener.Addr().String()}
	who, status := auth.New(auth.Config{Trail: h.store.Trail}), view.New(h.store, h.pacer, h.queue)
	d.page = admin.New(admin.Config{Auth: who, Store: h.store, Status: status, Enqueue: client, Control: h.control, Log: zerolog.Nop()})
	d.served = api.New(api.Config{
		Auth: who, Store: h.store, Status: status, Enqueue: client, Control: h.control, Page: d.page, Metrics: metrics.New().Handler(), Log: zerolog.Nop(),
		Ping: func(ctx context.Context) error { return rdb.Ping(ctx).Err() },
	})
	d.server = &http.Server{Handler: d.served, ReadHeaderTimeout: time.Minute}
	go func() { _ = d.server.Serve(listener) }()
	return d, nil
}

// controls is operate.Control, which changes groups for people, and what it needs.
type controls struct {
	store   *store.Store
	pacer   *pacing.Pacer
	queue   *queue.Queue
	control *operate.Control
}

func newControls(ctx context.Context, rdb redis.UniversalClient) (h controls, err error) {
	if h.store, err = store.Open(ctx, rdb, store.Options{}); err != nil {
		return h, err
	}
	h.pacer, h.queue = pacing.New(rdb, pacing.WithNumbers(h.store.Presence.Numbers)), queue.New(rdb, h.store.Lines)
	h.control = operate.New(operate.Config{Store: h.store, Queue: h.queue, Pacer: h.pacer, Audit: &audit.Log{Trail: h.store.Trail}})
	return h, nil
}

func (d *desk) Close() {
	_ = d.server.Close()
	d.served.Close()
	d.page.Close()
	d.pacer.Close()
}

// request is a GET, or with a body of some kind a POST.
type request struct{ path, kind, body string }

// send sends a request and follows redirects. An answer other than 200 is an error.
func (d *desk) send(ctx context.Context, a request) error {
	method := http.MethodGet
	if a.kind != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, d.url+a.path, strings.NewReader(a.body))
	if err != nil {
		return err
	}
	if a.kind != "" {
		r.Header.Set("Content-Type", a.kind)
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", res.Request.URL.Path, res.Status)
	}
	return nil
}
