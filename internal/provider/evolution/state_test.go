package evolution_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
)

func TestState_ReadsTheWordsOfBothServers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]provider.Health{
		`{"instance":{"instanceName":"school","state":"open"}}`:      provider.Ready,
		`{"id":"school","state":"open","instance":{"state":"open"}}`: provider.Ready,
		`{"instance":{"state":"close"}}`:                             provider.Disconnected,
		`{"instance":{"state":"closed"}}`:                            provider.Disconnected,
		`{"instance":{"state":"qr-code"}}`:                           provider.Disconnected,
		`{"instance":{"state":"connecting"}}`:                        provider.Starting,
		`{"instance":{"instanceName":"school"}}`:                     provider.Disconnected,
		`{"instance":{"state":"resting"}}`:                           provider.UnknownState,
		`<html>the manager of something else</html>`:                 provider.Unauthorized,
		`{"code":"SUCCESS","results":{}}`:                            provider.Unauthorized,
	} {
		c := newClient(t, providertest.Serve(t, providertest.Answer{Status: 200, Body: body}))
		if got, err := c.State(t.Context()); err != nil || got.Health != want || (want == provider.Ready) != got.Reason.Zero() {
			t.Errorf("%s: got %+v, %v; want %s, with a reason unless ready", body, got, err, want)
		}
	}
}

// TestState_SaysInOneSentenceWhatIsWrong tries wrong addresses, keys and instances, and a server without a licence.
func TestState_SaysInOneSentenceWhatIsWrong(t *testing.T) {
	t.Parallel()
	const root = `{"status":200,"message":"Welcome to the Evolution API, it is working!","version":"2.3.7"}`
	for name, tt := range map[string]struct {
		status     int
		body, root string
		says       string
	}{
		"a wrong key":                       {401, envelope(`"Unauthorized"`), root, "AUTHENTICATION_API_KEY"},
		"a wrong key at whatsmiau":          {401, `{"message":"Unauthorized"}`, "", "correct base_url"},
		"a server that wants a password":    {401, "Unauthorized", "", "correct base_url"},
		"a server without a licence":        {503, `{"error":"service not activated","code":"LICENSE_REQUIRED","message":"This Evolution API instance is not activated."}`, root, "activate it"},
		"no such instance":                  {404, envelope(`["The \"school\" instance does not exist"]`), root, "correct instance_id"},
		"no such instance at whatsmiau":     {404, miau("instance not found", "not found"), root, "correct instance_id"},
		"whatsmiau without /v1":             {404, `{"message":"Not Found"}`, "", "ends with /v1"},
		"a web server":                      {404, "<html>nothing here</html>", "<html></html>", "not an Evolution API"},
		"a server that redirects elsewhere": {302, "", "", "not an Evolution API"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" && tt.root != "" {
				_, _ = w.Write([]byte(tt.root))
				return
			}
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		defer s.Close()
		got, err := newClient(t, s.URL).State(t.Context())
		if err != nil || got.Health != provider.Unauthorized || !strings.Contains(got.Reason.String(), tt.says) || strings.Count(got.Reason.String(), ". ") > 0 {
			t.Errorf("%s: got %+v, %v; want unauthorized, and one sentence with %q", name, got, err, tt.says)
		}
	}
}

func TestServer_TellsItsVersionAndWarnings(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		name, version string
		warns         []string
	}{
		`{"message":"Welcome to the Evolution API, it is working!","version":"2.3.7","clientName":"evolution_exchange"}`: {"Evolution API", "2.3.7", nil},
		`{"message":"Welcome to the Evolution API, it is working!","version":"2.4.0"}`:                                   {"Evolution API", "2.4.0", nil},
		`{"message":"Welcome to the Evolution API, it is working!","version":"2.2.3"}`:                                   {"Evolution API", "2.2.3", []string{"older than 2.3.7"}},
		`{"message":"Welcome to the Whatsmiau API","version":"0.3.2","clientName":"whatsmiau"}`:                          {"whatsmiau", "0.3.2", []string{"25 characters", "inviteUnknown"}},
	} {
		c := newClient(t, providertest.Serve(t, providertest.Answer{Status: 200, Body: body}))
		got, err := c.Server(t.Context())
		warnings := got.Warnings()
		if err != nil || got.Name != want.name || got.Version != want.version || len(warnings) != len(want.warns) {
			t.Errorf("%s: got %+v, warnings %q, %v; want %+v", body, got, warnings, err, want)
			continue
		}
		for i, says := range want.warns {
			if !strings.Contains(warnings[i], says) {
				t.Errorf("%s: got warning %q, want one with %q", body, warnings[i], says)
			}
		}
	}
	for _, body := range []string{`{}`, `<html></html>`, `{"message":"hello"}`} {
		c := newClient(t, providertest.Serve(t, providertest.Answer{Status: 200, Body: body}))
		if got, err := c.Server(t.Context()); err == nil {
			t.Errorf("%s: got %+v, want an error", body, got)
		}
	}
}
