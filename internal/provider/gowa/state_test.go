package gowa_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
)

func TestState_ReadsConnectionAndLogin(t *testing.T) {
	t.Parallel()
	for results, want := range map[string]provider.Health{
		`{"is_connected":true,"is_logged_in":true,"jid":"5511900000000:7@s.whatsapp.net"}`:  provider.Ready,
		`{"is_connected":false,"is_logged_in":true,"jid":"5511900000000:7@s.whatsapp.net"}`: provider.Disconnected,
		`{"is_connected":true,"is_logged_in":false,"jid":""}`:                               provider.Disconnected,
		`{"is_connected":false,"is_logged_in":false,"jid":""}`:                              provider.Disconnected,
		`{"is_connected":true}`: provider.Unauthorized,
	} {
		c := newClient(t, providertest.Serve(t, providertest.Answer{Status: 200, Body: success(results)}))
		if got, err := c.State(t.Context()); err != nil || got.Health != want || (want == provider.Ready) != got.Reason.Zero() {
			t.Errorf("%s: got %+v, %v; want %s, with a reason unless ready", results, got, err, want)
		}
	}
}

// TestState_SaysInOneSentenceWhatIsWrong tries a wrong address, a wrong password, a wrong device and an old server.
func TestState_SaysInOneSentenceWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status     int
		body, info string
		says       string
	}{
		"a wrong password": {401, "Unauthorized", "", "APP_BASIC_AUTH"},
		"no such device":   {404, failure("DEVICE_NOT_FOUND", "device not found; create a device first from /api/devices or provide a valid X-Device-Id"), "", "correct instance_id"},
		"a web server":     {404, "<html>nothing here</html>", "", "is not GOWA"},
		"a page":           {200, "<html>a dashboard</html>", "", "is not GOWA"},
		"a wrong path":     {404, "Not Found", "", "is not GOWA"},
		"a version without devices": {
			200, success(`{"is_connected":true,"is_logged_in":true,"device_id":"5511900000000:7@s.whatsapp.net"}`),
			success(`{"version":"v7.0.0"}`), "update it to version 9",
		},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/app/info" && tt.info != "" {
				_, _ = w.Write([]byte(tt.info))
				return
			}
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		defer s.Close()
		got, err := newClient(t, s.URL).State(t.Context())
		if err != nil || got.Health != provider.Unauthorized || !strings.Contains(got.Reason.String(), tt.says) || strings.Contains(got.Reason.String(), password) {
			t.Errorf("%s: got %+v, %v; want unauthorized, and a reason with %q and without the password", name, got, err, tt.says)
		}
	}
}

func TestServer_TellsItsVersionAndWarnsOfAnOldOne(t *testing.T) {
	t.Parallel()
	for version, old := range map[string]bool{"v9.2.0": false, "v9.10.1": false, "v10.0.0": false, "v9.1.7": true, "v8.3.0": true} {
		c := newClient(t, providertest.Serve(t, providertest.Answer{Status: 200, Body: success(`{"version":"` + version + `"}`)}))
		got, err := c.Server(t.Context())
		if err != nil || got.Name != "GOWA" || got.Version != version || (len(got.Warnings()) == 1) != old {
			t.Errorf("%s: got %+v, warnings %q, %v; want GOWA and a warning: %v", version, got, got.Warnings(), err, old)
		}
	}
}
