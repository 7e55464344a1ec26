package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/redisconn"
)

func (a *API) addHealth() {
	plain := map[string]*huma.MediaType{"text/plain": text(a.huma.OpenAPI().Components.Schemas)}
	answersWith(add(a, operation{
		method: http.MethodGet, path: "/healthz", id: "isAlive", tag: "server", role: auth.Public,
		summary: "Does the server run?",
	}, func(context.Context, *rawInput) (*written, error) {
		return plainly("ok\n")
	}), http.StatusOK, "It runs.", plain)
	answersWith(add(a, operation{
		method: http.MethodGet, path: "/readyz", id: "isReady", tag: "server", role: auth.Public,
		summary: "Can the server work?", problems: []int{http.StatusServiceUnavailable},
	}, func(ctx context.Context, _ *rawInput) (*written, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // longer than any probe waits
		defer cancel()
		if err := a.Ping(ctx); err != nil {
			p := unavailable("Redis: %s.", redisconn.Explain(err))
			p.cause = err
			return nil, p
		}
		return plainly("ok\n")
	}), http.StatusOK, "Redis answers.", plain)
	answersWith(add(a, operation{
		method: http.MethodGet, path: "/metrics", id: "getMetrics", tag: "server", role: auth.Viewer,
		summary: "Metrics for Prometheus",
	}, func(_ context.Context, in *rawInput) (*written, error) {
		return writes(func() { a.Metrics.ServeHTTP(in.w, in.r) })
	}), http.StatusOK, "The metrics.", plain)
}

type rawInput struct{ raw }

func plainly(text string) (*written, error) {
	return &written{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/plain; charset=utf-8")
		ctx.SetStatus(http.StatusOK)
		_, _ = io.WriteString(ctx.BodyWriter(), text) // the client may have left
	}}, nil
}
