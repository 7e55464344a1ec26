package photo

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	_ "image/png" // one of the two formats
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/sync/singleflight"

	"github.com/rollcallhq/rollcall/internal/outbound"
	"github.com/rollcallhq/rollcall/internal/panics"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	side           = 640        // pixels a side of the square that WhatsApp keeps
	quality        = 85         // of the JPEG
	maxPixels      = 40_000_000 // of the largest picture that is decoded
	keepFor        = time.Hour
	maxKept        = 64
	defaultTimeout = 30 * time.Second
)

// Fetcher fetches pictures. It is safe for concurrent use.
type Fetcher struct {
	clients      *outbound.Clients
	allowPrivate bool
	timeout      time.Duration

	flight   singleflight.Group
	decoding sync.Mutex // a large picture takes hundreds of MB
	mu       sync.Mutex
	kept     map[string]kept
}

// kept is a cached picture: the groups of a pool share theirs.
type kept struct {
	jpeg []byte
	till time.Time
}

// Option changes a Fetcher.
type Option func(*Fetcher)

// WithTimeout sets how long one fetch may take. Defaults to 30 s.
func WithTimeout(d time.Duration) Option { return func(f *Fetcher) { f.timeout = d } }

// New makes a fetcher. allowPrivate lets it use http and reach addresses that are not public.
func New(allowPrivate bool, options ...Option) *Fetcher {
	f := &Fetcher{clients: outbound.New(), allowPrivate: allowPrivate, timeout: defaultTimeout, kept: map[string]kept{}}
	for _, o := range options {
		o(f)
	}
	return f
}

// Close closes idle connections.
func (f *Fetcher) Close() { f.clients.Close() }

// Fetch returns the picture of an address as a square JPEG of at most 640 pixels a side. It fails with *Error, or with
// the cause of ctx's end. Concurrent calls for one address share one fetch, and the picture is cached for an hour.
func (f *Fetcher) Fetch(ctx context.Context, address string) ([]byte, error) {
	if data, ok := f.recall(address); ok {
		return data, nil
	}
	// Other callers wait for this fetch, so the end of ctx must not end it.
	flight := f.flight.DoChan(address, func() (_ any, err error) {
		defer panics.Catch(&err) // of a decoder
		data, err := f.fetch(context.WithoutCancel(ctx), address)
		if err == nil {
			f.keep(address, data)
		}
		return data, err
	})
	select {
	case got := <-flight:
		data, _ := got.Val.([]byte)
		return data, got.Err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (f *Fetcher) recall(address string) ([]byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.kept[address]
	return k.jpeg, ok && time.Now().Before(k.till)
}

func (f *Fetcher) keep(address string, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.kept) >= maxKept {
		clear(f.kept)
	}
	f.kept[address] = kept{data, time.Now().Add(keepFor)}
}

func (f *Fetcher) fetch(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !f.allowPrivate) {
		return nil, lasting(say.Phrase{Code: say.PhotoAddress})
	}
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, outbound.ErrTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, lasting(say.Phrase{Code: say.PhotoAddress})
	}
	req.Header.Set("Accept", "image/jpeg, image/png")
	req.Header.Set("User-Agent", "rollcall")
	res, err := f.clients.Do(req, f.allowPrivate) //nolint:bodyclose // Discard closes it
	if err != nil {
		return nil, passing(outbound.Explain(ctx, err))
	}
	defer outbound.Discard(res, cancel)
	switch {
	case res.StatusCode >= http.StatusInternalServerError, res.StatusCode == http.StatusTooManyRequests, res.StatusCode == http.StatusRequestTimeout:
		return nil, passing(outbound.ExplainStatus(res.StatusCode))
	case res.StatusCode != http.StatusOK:
		return nil, lasting(say.Phrase{Code: say.PhotoUnread, Why: []say.Phrase{outbound.ExplainStatus(res.StatusCode)}})
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, tasks.MaxPhotoBytes+1))
	if err != nil {
		return nil, passing(outbound.Explain(ctx, err))
	}
	if len(data) > tasks.MaxPhotoBytes {
		return nil, lasting(say.Phrase{Code: say.PhotoTooLarge, N: tasks.MaxPhotoBytes >> 20})
	}
	f.decoding.Lock()
	defer f.decoding.Unlock()
	return squared(data)
}

func lasting(why say.Phrase) error { return &Error{Why: why} }

func passing(why say.Phrase) error {
	return &Error{Why: say.Phrase{Code: say.PhotoUnread, Why: []say.Phrase{why}}, Passing: true}
}

// squared returns the square middle of a picture as a JPEG.
func squared(data []byte) ([]byte, error) {
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || format != "jpeg" && format != "png" {
		return nil, lasting(say.Phrase{Code: say.PhotoNoImage})
	}
	if config.Width*config.Height > maxPixels || config.Width < 1 || config.Height < 1 {
		return nil, lasting(say.Phrase{Code: say.PhotoTooManyPixels, N: config.Width, M: config.Height})
	}
	picture, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, lasting(say.Phrase{Code: say.PhotoNoImage})
	}
	from := picture.Bounds()
	edge := min(from.Dx(), from.Dy())
	from.Min.X += (from.Dx() - edge) / 2
	from.Min.Y += (from.Dy() - edge) / 2
	from.Max = from.Min.Add(image.Pt(edge, edge))
	to := image.NewRGBA(image.Rect(0, 0, min(edge, side), min(edge, side)))
	draw.Draw(to, to.Bounds(), image.White, image.Point{}, draw.Src) // white shows through transparent pixels: JPEG has no transparency
	draw.CatmullRom.Scale(to, to.Bounds(), picture, from, draw.Over, nil)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, to, &jpeg.Options{Quality: quality}); err != nil {
		return nil, errors.Join(lasting(say.Phrase{Code: say.PhotoNoImage}), err)
	}
	return b.Bytes(), nil
}
