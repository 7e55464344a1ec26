package api

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// rooted finds the attributes of a page that hold a path of this server. Text never matches: its quotes are
// escaped.
var rooted = regexp.MustCompile(`( (?:href|src|action|formaction)=")/`)

// Rebase puts a base path before every path of this server in a page.
func Rebase(page []byte, base string) []byte {
	if base == "" {
		return page
	}
	return rooted.ReplaceAll(page, []byte("${1}"+base+"/"))
}

// based is an answer that Rebase rewrites.
type based struct {
	http.ResponseWriter

	base string
}

// Unwrap lets http.ResponseController reach the connection.
func (b *based) Unwrap() http.ResponseWriter { return b.ResponseWriter }

func (b *based) WriteHeader(status int) {
	h := b.Header()
	for _, name := range []string{"Location", "Content-Location"} {
		if to := h.Get(name); strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
			h.Set(name, b.base+to)
		}
	}
	b.ResponseWriter.WriteHeader(status)
}

func (b *based) Write(p []byte) (int, error) { return b.ResponseWriter.Write(p) }

// under serves a handler under a base path. The proxy may have removed the path already.
func under(base string, next http.Handler) http.Handler {
	if base == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w = &based{w, base}
		if rest, ok := strings.CutPrefix(r.URL.Path, base); ok && (rest == "" || rest[0] == '/') {
			to := new(url.URL)
			*to = *r.URL
			to.Path, to.RawPath = rest, strings.TrimPrefix(r.URL.RawPath, base)
			if rest == "" {
				to.Path, to.RawPath = "/", ""
			}
			inner := new(http.Request)
			*inner = *r
			inner.URL = to
			r = inner
		}
		next.ServeHTTP(w, r)
	})
}
