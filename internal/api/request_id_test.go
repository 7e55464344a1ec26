package api_test

import (
	"net/http"
	"testing"
)

func TestAPI_EveryAnswerCarriesItsRequestID(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, path := range []string{
		"/healthz", "/readyz", "/metrics", "/docs", "/docs/style.css", "/docs/nothing", "/docs/api.md", "/llms.txt", "/openapi.json", "/v1/groups", "/v1/groups/grp_nothing", "/v1/nothing", "/v1//groups",
		"/v1/groups?limit=x", "/v1/groups?%zz", "/hooks/alpha/nothing", "/nothing", "/", "//", "/v1/events?x=1",
	} {
		for _, method := range []string{"GET", "POST", "HEAD", "PUT", "OPTIONS"} {
			req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Request-Id", "mine-1")
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Errorf("%s %s: %v", method, path, err)
				continue
			}
			_ = resp.Body.Close()
			if got := resp.Header.Get("X-Request-Id"); got != "mine-1" {
				t.Errorf("%s %s (%d): got the request id %q, want mine-1", method, path, resp.StatusCode, got)
			}
		}
	}
}
