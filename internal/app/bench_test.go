package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	benchGroups    = 2000
	benchInstances = 4
)

// instantly is a Z-API that answers at once: what is left is our own cost.
func instantly() http.Handler {
	var n atomic.Int64
	var asked sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/create-group"):
			var q struct{ Phones []string }
			_ = json.Unmarshal(body, &q)
			id := fmt.Sprintf("120363%012d-group", n.Add(1))
			asked.Store(id, q.Phones)
			fmt.Fprintf(w, `{"phone":%q,"invitationLink":"https://chat.whatsapp.com/A"}`, id)
		case strings.Contains(path, "/light-group-metadata/"):
			id := path[strings.LastIndexByte(path, '/')+1:]
			people := []map[string]any{{"phone": "5511900000000", "isAdmin": true}}
			if phones, ok := asked.Load(id); ok {
				for _, p := range phones.([]string) {
					people = append(people, map[string]any{"phone": p})
				}
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"phone": id, "subject": "g", "participants": people})
		case strings.HasSuffix(path, "/phone-exists-batch"):
			var q struct{ Phones []string }
			_ = json.Unmarshal(body, &q)
			out := make([]map[string]any, len(q.Phones))
			for i, p := range q.Phones {
				out[i] = map[string]any{"exists": true, "inputPhone": p, "outputPhone": p, "lid": p + "@lid"}
			}
			_ = json.NewEncoder(w).Encode(out)
		case strings.HasSuffix(path, "/device"):
			_, _ = io.WriteString(w, `{"phone":"5511900000000"}`)
		default:
			_, _ = io.WriteString(w, `{"connected":true,"error":"You are already connected.","smartphoneConnected":true}`)
		}
	})
}

func people(i int) []tasks.Phone {
	phones := make([]tasks.Phone, 10)
	for p := range phones {
		phones[p] = tasks.Phone(fmt.Sprintf("+55119%08d", i*10+p))
	}
	return phones
}

// BenchmarkProcessAgainstBareAsynq runs groups of ten people through one worker with four unpaced
// instances: number check, create, roll call. The baseline is bare asynq with a handler that makes
// the same three HTTP calls, with the same concurrency. x-asynq is the ratio of the rates.
func BenchmarkProcessAgainstBareAsynq(b *testing.B) {
	server := httptest.NewServer(instantly())
	defer server.Close()
	for b.Loop() {
		bare := bareAsynq(b, server.URL)
		ours := rollcall(b, server.URL)
		b.ReportMetric(benchGroups/ours.Seconds(), "groups/s")
		b.ReportMetric(benchGroups/bare.Seconds(), "asynq-groups/s")
		b.ReportMetric(bare.Seconds()/ours.Seconds(), "x-asynq")
	}
}

func bareAsynq(b *testing.B, url string) time.Duration {
	rdb := testutil.RealRedis(b).Client()
	client := asynq.NewClientFromRedisClient(rdb)
	for i := range benchGroups {
		payload, err := json.Marshal(people(i))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := client.Enqueue(asynq.NewTask("group:create", payload)); err != nil {
			b.Fatal(err)
		}
	}
	var left sync.WaitGroup
	left.Add(benchGroups)
	post := func(path, body string) []byte {
		res, err := http.Post(url+"/instances/I/token/T/"+path, "application/json", strings.NewReader(body))
		if err != nil {
			b.Error(err)
			return nil
		}
		defer res.Body.Close()
		data, _ := io.ReadAll(res.Body)
		return data
	}
	srv := asynq.NewServerFromRedisClient(rdb, asynq.Config{Concurrency: benchInstances, LogLevel: asynq.FatalLevel})
	begun := time.Now()
	if err := srv.Start(asynq.HandlerFunc(func(_ context.Context, t *asynq.Task) error {
		defer left.Done()
		body := fmt.Sprintf(`{"phones":%s}`, strings.ReplaceAll(string(t.Payload()), "+", ""))
		post("phone-exists-batch", body)
		var made struct{ Phone string }
		_ = json.Unmarshal(post("create-group", body), &made)
		post("light-group-metadata/"+made.Phone, "")
		return nil
	})); err != nil {
		b.Fatal(err)
	}
	left.Wait()
	took := time.Since(begun)
	srv.Shutdown()
	return took
}

func rollcall(b *testing.B, url string) time.Duration {
	server := testutil.RealRedis(b)
	conn, err := redisconn.Open(b.Context(), server.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	cfg := config.Default()
	cfg.RollCall.Looks = []time.Duration{0}
	for i := range benchInstances {
		cfg.Instances = append(cfg.Instances, config.Instance{
			Name: fmt.Sprintf("i%d", i), Provider: config.ZAPI, BaseURL: url, InstanceID: fmt.Sprintf("I%d", i),
			Token: config.NewSecret("T"), Pools: []string{"default"}, InviteVia: config.ViaText, RateLimits: config.LimitsOff,
			Timeouts: config.Timeouts{Create: 30 * time.Second, Read: 30 * time.Second, Invite: 30 * time.Second},
		})
	}
	c, err := enqueue.New(b.Context(), conn.Client(), enqueue.Options{})
	if err != nil {
		b.Fatal(err)
	}
	rows := func(yield func(intake.Row, error) bool) {
		for i := range benchGroups {
			if !yield(intake.Row{N: i + 1, Request: tasks.GroupRequest{GroupName: fmt.Sprintf("g%05d", i), Phones: people(i)}}, nil) {
				return
			}
		}
	}
	if _, err := c.CreateBatch(b.Context(), "bench", enqueue.Rules{}, rows, func(enqueue.Result) error { return nil }); err != nil {
		b.Fatal(err)
	}
	l, err := ledger.Open(b.Context(), conn.Client(), ledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	a, err := app.New(b.Context(), app.Options{Config: cfg, Redis: conn, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	if err := a.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = a.Stop(b.Context()) }()
	for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
		groups, _, err := l.Totals(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if groups[group.Done] == benchGroups {
			return time.Since(begun)
		}
	}
}
