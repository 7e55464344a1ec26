package api

import (
	"net/http"
	"strings"
	"sync"
)

// flights has the idempotency keys of the requests that this server is answering now. A second request with the
// same key is refused meanwhile. If the second request reaches another server, both go on: the store decides which
// group a key stands for, and both get that group.
type flights struct {
	mu   sync.Mutex
	keys map[string]bool
}

// begin takes a key until land is called. If the key is taken, it returns a problem.
func (f *flights) begin(key string) (land func(), p *Problem) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.keys[key] {
		p := problem(http.StatusConflict, "A request with this idempotency key is under way. Send yours again in a second: it then gets the group of that request.")
		p.header.Set("Retry-After", "1")
		p.Errors = []Fault{fault("header.Idempotency-Key", "", p.Detail)}
		return func() {}, p
	}
	if f.keys == nil {
		f.keys = map[string]bool{}
	}
	f.keys[key] = true
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.keys, key)
	}, nil
}

// headerKey returns the idempotency key of a request's header, before its body is read; "" for none, and for one
// that takeKey will refuse.
func headerKey(r *http.Request) string {
	values := r.Header.Values("Idempotency-Key")
	if len(values) != 1 {
		return ""
	}
	return bareKey(values[0])
}

// bareKey returns a header's key without quotes. The draft standard makes it a quoted string; most clients send it
// bare.
func bareKey(value string) string {
	key := strings.TrimSpace(value)
	if unquoted, ok := strings.CutPrefix(key, `"`); ok && len(key) > 1 {
		key = strings.TrimSpace(strings.TrimSuffix(unquoted, `"`))
	}
	return key
}
