package workercmd_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// world is a simulator with one Z-API and one GREEN-API instance, and its address.
type world struct {
	*simulator.Simulator
	url string
}

const (
	zapiToken  = "zapi-token-to-keep-secret"
	greenToken = "green-token-to-keep-secret"
)

func newWorld(t *testing.T) *world {
	t.Helper()
	sim, err := simulator.New(simulator.Config{
		Seed: 1, Personality: simulator.Kind, TimeScale: 0.001,
		Adjust: func(q *simulator.Quirks) { q.RateLimits = false },
		Instances: []simulator.Instance{
			{Provider: simulator.ZAPI, ID: "Z1", Token: zapiToken},
			{Provider: simulator.GreenAPI, ID: "1101", Token: greenToken},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	t.Cleanup(sim.Close)
	return &world{sim, server.URL}
}

// yaml returns a configuration of both instances with short pauses. The lines of more stand at its top level.
func (w *world) yaml(redis string, more ...string) string {
	return fmt.Sprintf(`redis: {url: %q}
instances:
  - name: alpha
    provider: zapi
    base_url: %[2]s
    instance_id: Z1
    token: %[3]s
    rate_limits: off
    pacing: {create: {every: 10ms, per_day: 0}, invite: {every: 10ms, per_day: 0}}
  - name: beta
    provider: greenapi
    base_url: %[2]s
    instance_id: "1101"
    token: %[4]s
    rate_limits: off
    pacing: {create: {every: 10ms, per_day: 0}, invite: {every: 10ms, per_day: 0}}
verify: {looks: [10ms, 400ms]}
rollcall: {looks: [0s, 10ms]}
%[5]s
`, redis, w.url, zapiToken, greenToken, strings.Join(more, "\n"))
}
