package admin

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strconv"
)

//go:embed assets
var assets embed.FS

// addAssets serves the style sheet, the script and the pictures. They hold no data, so they need no login.
func (p *Page) addAssets() {
	for path, file := range map[string]struct{ name, kind string }{
		"/assets/style.css":   {"style.css", "text/css; charset=utf-8"},
		"/assets/page.js":     {"page.js", "text/javascript; charset=utf-8"},
		"/assets/favicon.svg": {"favicon.svg", "image/svg+xml"},
		"/favicon.ico":        {"favicon.svg", "image/svg+xml"},
	} {
		text, err := assets.ReadFile("assets/" + file.name)
		if err != nil {
			panic(err) // the files are embedded
		}
		sum := sha256.Sum256(text)
		tag := `"` + hex.EncodeToString(sum[:8]) + `"`
		p.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Type", file.kind)
			h.Set("ETag", tag)
			h.Set("Cache-Control", "no-cache")
			if r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			h.Set("Content-Length", strconv.Itoa(len(text)))
			_, _ = w.Write(text) // the client may have left
		})
	}
}
