package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// object is a JSON object.
type object = map[string]any

// problem is an error for the model: the API's problem document, or one of its form.
type problem struct{ doc object }

func (p *problem) Error() string { return fmt.Sprint(p.doc["title"], ": ", p.doc["detail"]) }

// refuse returns a problem that does not come from the API.
func refuse(code, title, format string, args ...any) error {
	detail := fmt.Sprintf(format, args...)
	return &problem{object{"title": title, "detail": detail, "errors": []any{object{"code": code, "message": detail}}}}
}

// door sends requests to the API of this process.
type door struct{ api http.Handler }

// ask sends a request and returns the document of its answer. Anything but success is a *problem.
func (d door) ask(ctx context.Context, method, path string, body any) (object, http.Header, error) {
	var sent io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, nil, fmt.Errorf("write the request: %w", err)
		}
		sent = bytes.NewReader(data)
	}
	r, err := http.NewRequestWithContext(ctx, method, path, sent)
	if err != nil {
		return nil, nil, fmt.Errorf("make the request: %w", err)
	}
	if r.Body == nil {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	d.api.ServeHTTP(w, r)
	var doc object
	decoder := json.NewDecoder(&w.body)
	decoder.UseNumber() // what comes in goes out, digit by digit
	if err := decoder.Decode(&doc); err != nil {
		return nil, nil, fmt.Errorf("read the answer to %s: %w", r.Method, err)
	}
	if w.status >= http.StatusBadRequest {
		return nil, nil, &problem{doc}
	}
	return doc, w.header, nil
}

// recorder keeps one answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
func (r *recorder) WriteHeader(status int)      { r.status = status }

// schemas are the documents of the API, by name.
type schemas map[string]any

// schemas reads the schemas of the API's documents from its own description.
func (d door) schemas() (schemas, error) {
	doc, _, err := d.ask(context.Background(), http.MethodGet, "/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	components, _ := doc["components"].(object)
	all, _ := components["schemas"].(object)
	return all, nil
}
