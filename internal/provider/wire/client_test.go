package wire_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/providertest"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// answering is a server that gives every request the same answer.
func answering(t *testing.T, status int, header map[string]string, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestClientDo_SendsTheRequestOfTheCall(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var body bytes.Buffer
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = body.ReadFrom(r.Body)
	}))
	call := create()
	call.Decode = nil
	call.Query = map[string][]string{"page": {"1"}}
	call.Body = map[string]string{"message": "a < b & c"}
	err := client(t, s.URL+"/prefix/", nil).Do(t.Context(), call)
	s.Close()
	if err != nil {
		t.Fatal(err)
	}
	if want := "/prefix/token/S3CR3T%2Ftok+en/createGroup?page=1"; got.RequestURI != want {
		t.Errorf("address %s, want %s", got.RequestURI, want)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Client-Token": "header-secret", "User-Agent": "rollcall"} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: got %q, want %q", name, v, want)
		}
	}
	if want := `{"message":"a < b & c"}` + "\n"; body.String() != want || got.ContentLength != int64(len(want)) {
		t.Errorf("body %q of length %d, want %q", body.String(), got.ContentLength, want)
	}
}

func TestAnErrorShowsNoSecretInAnySpelling(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"in the path that the error repeats": `{"statusCode":400,"path":"/x/S3CR3T%2Ftok+en","message":"no /x/S3CR3T%2Ftok+en"}`,
		"as it is":                           `{"message":"bad token S3CR3T/tok+en"}`,
		"in a query":                         `{"message":"?token=S3CR3T%2Ftok%2Ben"}`,
		"in other cases":                     `{"error":"s3cr3t/TOK+EN and HEADER-SECRET"}`,
		"in a text":                          "S3CR3T/tok+en",
		"escaped in JSON":                    `{"error":"S3CR3T\/tok+en \u0053\u0033CR3T/tok+en"}`,
		"torn":                               `{"error":"S3CR3T/tok+en`,
		"the header's":                       `{"error":"header-secret"}`,
		"the group's name":                   `{"error":"cannot name it Turma 12"}`,
		"a telephone number":                 `{"error":"no 55 11 99999-0001, 5511999990001, +55 (11) 99999-0001, 5511999990001@c.us"}`,
		"at the cut":                         `{"error":"` + strings.Repeat("x", 295) + `S3CR3T/tok+en"}`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, status := range []int{400, 500} {
				err := client(t, answering(t, status, nil, body), nil).Do(t.Context(), create())
				e := provider.AsError(err)
				expect(t, err, e.Class)
				providertest.AssertNoLeak(t, err, "5511999990001", "11999990001")
			}
		})
	}
}

func TestClient_DoesNotPrintItsSecrets(t *testing.T) {
	t.Parallel()
	c := client(t, "https://api.example", nil)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if s := fmt.Sprintf(verb, c); strings.Contains(s, "S3CR3T") || strings.Contains(s, "header-secret") {
			t.Errorf("%s prints a secret: %s", verb, s)
		}
	}
}

func TestNew_RefusesAConfigurationThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "api.example", "ftp://api.example", "https://", "https://user:pass@api.example", "https://api.example?x=1", "http://[::1", "https://api.example/#x"} {
		_, err := wire.New(wire.Config{Base: base})
		if err == nil {
			t.Errorf("base %q was accepted, want an error", base)
		}
		providertest.AssertNoLeak(t, err, "user:pass")
	}
	_, err := wire.New(wire.Config{Base: "https://api.example", Header: map[string]provider.Token{"Client-Token": "two\nlines"}})
	if err == nil {
		t.Error("a header with a line break was accepted, want an error")
	}
	providertest.AssertNoLeak(t, err, "two\nlines", "two")
}

func TestCallCap_ALongerAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	url := answering(t, 200, nil, `{"a":"`+strings.Repeat("x", 2000)+`"}`)
	call := create()
	call.Cap = 1000
	e := expect(t, client(t, url, nil).Do(t.Context(), call), provider.Unknown)
	if !wire.Says(e.Said().String(), "longer than 1000 bytes") {
		t.Errorf("got %q, want words that the answer is longer than 1000 bytes", e.Said().String())
	}
	call.Cap = 0
	if err := client(t, url, nil).Do(t.Context(), call); err != nil {
		t.Errorf("within the default cap: got %v, want no error", err)
	}
}

func TestRetryAfter_IsReadInBothForms(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header map[string]string
		want   time.Duration
	}{
		"seconds":                      {map[string]string{"Retry-After": "7"}, 7 * time.Second},
		"a date by the sender's clock": {map[string]string{"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30 * time.Second},
		"a date that is over":          {map[string]string{"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT"}, 0},
		"more than a day":              {map[string]string{"Retry-After": "99999999"}, 24 * time.Hour},
		"a negative number":            {map[string]string{"Retry-After": "-5"}, 0},
		"nonsense":                     {map[string]string{"Retry-After": "soon"}, 0},
		"nothing":                      {nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := expect(t, client(t, answering(t, 429, tt.header, ""), nil).Do(t.Context(), create()), provider.Limited)
			if e.RetryAfter != tt.want || e.Scope != provider.ScopeInstance {
				t.Errorf("got RetryAfter %v, scope %s; want %v, instance", e.RetryAfter, e.Scope, tt.want)
			}
		})
	}
}

func TestWords_AreFoundInEveryShape(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{"error":"no"}`: "no",
		`{"error":"NOT_FOUND","message":"Unable"}`:                             "NOT_FOUND: Unable",
		`{"code":401,"description":"Unauthorized"}`:                            "Unauthorized",
		`{"invokeStatus":{"status":"QUOTE_EXCEEDED","description":"Monthly"}}`: "QUOTE_EXCEEDED: Monthly",
		`{"error":"Whatsapp rejected","errorCode":"SHADOW_BAN"}`:               "Whatsapp rejected: SHADOW_BAN",
		`Bad Gateway`:                           "Bad Gateway",
		` "quoted" `:                            "quoted",
		`<html><body>502</body></html>`:         "",
		`[{"id":"1"}]`:                          "",
		``:                                      "",
		`{"error":{"deep":"x"},"message":null}`: "",
		`{"error":true,"message":"why"}`:        "why",
		`{"message":["a","b"],"error":"Bad Request"}`: "Bad Request",
	}
	for body, want := range tests {
		if got := wire.Words([]byte(body)); got != want {
			t.Errorf("Words(%s) = %q, want %q", body, got, want)
		}
	}
}

// FuzzLenientTypesNeverFail checks that any JSON decodes into Bool, Text and Moment.
func FuzzLenientTypesNeverFail(f *testing.F) {
	for _, s := range []string{`true`, `"true"`, `"yes"`, `1`, `null`, `{}`, `[]`, `""`, `79000000001`, `7.9e10`, `-1`, `1763740800`, `"1763740800000"`, `1e400`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) {
			return
		}
		var v struct {
			B wire.Bool
			T wire.Text
			M wire.Moment
		}
		doc := []byte(`{"b":` + string(data) + `,"t":` + string(data) + `,"m":` + string(data) + `}`)
		if err := json.Unmarshal(doc, &v); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if y := v.M.Year(); !v.M.IsZero() && (y < 1970 || y > 5138) {
			t.Fatalf("%s: got the year %d, want 1970 to 5138", data, y)
		}
	})
}

func FuzzWordsAreSafeToPrint(f *testing.F) {
	f.Add([]byte(`{"error":"S3CR3T/tok+en\u0007\u001b[31m 5511999990001"}`))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, body []byte) {
		transport := roundTrip(func(*http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.WriteHeader(http.StatusBadRequest)
			_, _ = rec.Write(body)
			return rec.Result(), nil
		})
		c, err := wire.New(wire.Config{
			Base: "https://api.example", Path: func(wire.Call) string { return "/" }, Secrets: []provider.Token{"S3CR3T"},
			Classify:  func(c wire.Call, a wire.Answer) *provider.Error { return wire.ByStatus(c, a, wire.Words(a.Body)) },
			Transport: transport,
		})
		if err != nil {
			t.Fatal(err)
		}
		e := provider.AsError(c.Do(t.Context(), create()))
		said := e.Said().String()
		if len(said) > 350 || !utf8.ValidString(said) || strings.ContainsFunc(said, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Fatalf("got text %q, want at most 350 bytes of printable UTF-8", said)
		}
		if strings.Contains(strings.ToLower(said), "s3cr3t") {
			t.Fatalf("a secret in %q", said)
		}
	})
}
