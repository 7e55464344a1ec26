package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// Config makes a Client.
type Config struct {
	// Base is the scheme, the host and the prefix of every address. Required.
	Base string
	// Path is the escaped rest of a call's address, with the tokens in it. Required.
	Path func(c Call) string
	// Header holds further request headers; empty values are not sent.
	Header map[string]provider.Token
	// Basic is a user name and a password, "user:password", that go as basic authorization. Defaults to none.
	Basic provider.Token
	// Secrets are texts that no error may contain. Required.
	Secrets []provider.Token
	// Classify returns the failure that a whole answer reports, even one with status 200. It need not redact. It
	// returns nil if the answer may be decoded. Required.
	Classify func(c Call, a Answer) *provider.Error
	// Transport carries the requests. It must not repeat a request. Defaults to NewTransport().
	Transport http.RoundTripper
}

// Client is the innermost Doer: one call, one request.
//
// Its secrets are inside functions, because fmt prints unexported fields without calling their String methods: it would
// print the secrets.
type Client struct {
	request   func(ctx context.Context, c Call) (*http.Request, error)
	classify  func(Call, Answer) *provider.Error
	redact    func(text string, private []string) string
	transport http.RoundTripper
}

// New checks the configuration and returns a client. It sends nothing.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.Base)
	switch {
	case err != nil: // the error would repeat the URL, which may hold a token
		return nil, errors.New("base_url is not a URL")
	case base.Scheme != "https" && base.Scheme != "http", base.Host == "":
		return nil, errors.New("base_url needs https:// and a host")
	case base.User != nil, base.RawQuery != "", base.Fragment != "":
		return nil, errors.New("base_url must be only scheme, host and path")
	}
	for name, value := range cfg.Header {
		if !printable(value.Reveal()) {
			return nil, fmt.Errorf("the value for the header %s holds spaces, line breaks or non-ASCII characters", name)
		}
	}
	header, secrets := map[string]provider.Token{}, slices.Clip(cfg.Secrets)
	maps.Copy(header, cfg.Header)
	if pair := cfg.Basic.Reveal(); pair != "" {
		_, password, _ := strings.Cut(pair, ":")
		encoded := base64.StdEncoding.EncodeToString([]byte(pair))
		header["Authorization"] = provider.Token("Basic " + encoded)
		secrets = append(secrets, cfg.Basic, provider.Token(password), provider.Token(encoded))
	}
	c := &Client{
		request:   requestMaker(base, cfg.Path, header),
		classify:  cfg.Classify,
		redact:    redactor(secrets),
		transport: cfg.Transport,
	}
	if c.transport == nil {
		c.transport = NewTransport()
	}
	return c, nil
}

// Do sends the call once and reads its answer.
func (cl *Client) Do(ctx context.Context, c Call) error {
	answer, failure := cl.exchange(ctx, c)
	if failure == nil {
		failure = cl.read(c, answer)
	}
	if failure == nil {
		return nil
	}
	return cl.seal(c, failure)
}

// read classifies and decodes an answer that came.
func (cl *Client) read(c Call, a Answer) *provider.Error {
	if failure := cl.classify(c, a); failure != nil {
		failure.Status = a.Status
		if failure.RetryAfter == 0 {
			failure.RetryAfter = retryAfter(a.Header, time.Now())
		}
		return failure
	}
	if c.Decode == nil {
		return nil
	}
	err := c.Decode(a.Body)
	if err == nil {
		return nil
	}
	if failure, ok := errors.AsType[*provider.Error](err); ok {
		failure.Status = a.Status
		return failure
	}
	return &provider.Error{
		Class: provider.Unknown, Scope: c.Scope, Status: a.Status,
		Why: say.Phrase{Code: say.CallUnreadable, Text: err.Error()}, Err: err,
	}
}

// exchange sends the request and reads the answer's bytes.
func (cl *Client) exchange(ctx context.Context, c Call) (Answer, *provider.Error) {
	if ctx.Err() != nil {
		return Answer{}, broken(ctx, c, provider.NotSent, 0, ctx.Err())
	}
	var f flight
	watched := f.watch(ctx)
	if c.Kind != Read {
		watched = context.WithValue(watched, changing{}, true)
	}
	r, err := cl.request(watched, c)
	if err != nil {
		return Answer{}, &provider.Error{Class: provider.Refused, Scope: c.Scope, Why: say.OfError(err), Err: err}
	}
	// The transport is called directly: http.Client would follow redirects, keep cookies and put
	// the URL, and with it the token, into its errors.
	res, err := cl.transport.RoundTrip(r)
	if c.Kind != Read {
		f.report(provider.TraceOf(ctx), time.Now())
	}
	if err != nil {
		class := provider.Unknown
		if f.surelyNotSent() {
			class = provider.NotSent
		}
		return Answer{}, broken(ctx, c, class, 0, err)
	}
	defer func() { _ = res.Body.Close() }()

	limit := c.Cap
	if limit == 0 {
		limit = SmallAnswer
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		err = fmt.Errorf("the answer is longer than %d bytes", limit)
	}
	a := Answer{Status: res.StatusCode, Header: res.Header, Body: bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))}
	if err != nil && a.OK() {
		return Answer{}, broken(ctx, c, provider.Unknown, a.Status, err)
	}
	return a, nil // for an error, the status alone says enough
}

// broken returns the error of a call that got no whole answer.
func broken(ctx context.Context, c Call, class provider.Class, status int, err error) *provider.Error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err // its text begins with the URL
	}
	why := say.OfError(err)
	if why.Is(say.Quoted) {
		why.Code = say.CallBroken
	}
	if ctx.Err() != nil {
		err, why = ctx.Err(), say.OfError(context.Cause(ctx))
	}
	return &provider.Error{Class: class, Scope: c.Scope, Status: status, Why: why, Err: err}
}

// seal names the call in an error and removes the secrets from it, so that the error may leave this package.
func (cl *Client) seal(c Call, e *provider.Error) *provider.Error {
	e.Op = c.Op
	if e.Said().Zero() {
		e.Why.Code = say.CallNoReason
	}
	e.Text = cut(cl.redact(e.Text, c.Private), maxText)
	e.Why.Text = cut(cl.redact(e.Why.Text, c.Private), maxText)
	if e.Err != nil {
		e.Err = &sealed{text: cut(cl.redact(e.Err.Error(), c.Private), maxText), kind: kindOf(e.Err)}
	}
	return e
}

// sealed replaces a cause whose own text may contain secrets. It keeps only the errors that callers look for with
// errors.Is.
type sealed struct {
	text string
	kind error
}

func (s *sealed) Error() string { return s.text }

func (s *sealed) Unwrap() error { return s.kind }

func kindOf(err error) error {
	for _, kind := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

// encode returns the call's body and its content type; nil for a call without a body.
func (c Call) encode() (*bytes.Buffer, string, error) {
	var b bytes.Buffer
	switch {
	case c.Form != nil:
		w := multipart.NewWriter(&b)
		for _, name := range slices.Sorted(maps.Keys(c.Form.Fields)) {
			if err := w.WriteField(name, c.Form.Fields[name]); err != nil {
				return nil, "", err
			}
		}
		header := textproto.MIMEHeader{}
		header.Set("Content-Disposition", multipart.FileContentDisposition(c.Form.Field, c.Form.Name))
		header.Set("Content-Type", c.Form.Type)
		part, err := w.CreatePart(header)
		if err == nil {
			_, err = part.Write(c.Form.File)
		}
		if err == nil {
			err = w.Close()
		}
		return &b, w.FormDataContentType(), err
	case c.Body != nil:
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		return &b, "application/json", enc.Encode(c.Body)
	}
	return nil, "", nil
}

// requestMaker returns a function that builds requests. The secrets are in its closure; see Client.
func requestMaker(base *url.URL, path func(Call) string, header map[string]provider.Token) func(context.Context, Call) (*http.Request, error) {
	return func(ctx context.Context, c Call) (*http.Request, error) {
		address := trimSlash(base.String()) + path(c)
		if len(c.Query) > 0 {
			address += "?" + c.Query.Encode()
		}
		verb := c.Verb
		if verb == "" {
			verb = http.MethodPost
		}
		r, err := http.NewRequestWithContext(ctx, verb, address, nil)
		if err != nil { // err would repeat the address
			return nil, errors.New("the call makes no valid request")
		}
		b, kind, err := c.encode()
		if err != nil {
			return nil, err
		}
		if b != nil {
			// Without GetBody no http.Transport can send the body a second time, whichever one the configuration has.
			r.Body, r.ContentLength = io.NopCloser(b), int64(b.Len())
			r.Header.Set("Content-Type", kind)
		}
		r.Header.Set("Accept", "application/json")
		r.Header.Set("User-Agent", "rollcall")
		for name, value := range header {
			if value != "" {
				r.Header.Set(name, value.Reveal())
			}
		}
		return r, nil
	}
}
