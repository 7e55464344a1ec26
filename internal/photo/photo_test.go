package photo_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// drawn returns a picture whose middle square is red and whose ends are blue; clear makes it transparent.
func drawn(width, height int, clear bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	edge := min(width, height)
	for y := range height {
		for x := range width {
			c := color.NRGBA{B: 255, A: 255}
			if dx, dy := 2*x-width, 2*y-height; max(dx, -dx) < edge && max(dy, -dy) < edge {
				c = color.NRGBA{R: 255, A: 255}
			}
			if clear {
				c.A = 0
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func encoded(t *testing.T, m image.Image, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	if format == "png" {
		err = png.Encode(&b, m)
	} else {
		err = jpeg.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// serve starts a server that gives every request this answer, and returns an address and the count of requests.
func serve(t *testing.T, status int, body []byte) (address string, asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/secret-path.jpg", asked
}

func fetcher(t *testing.T, allowPrivate bool, options ...photo.Option) *photo.Fetcher {
	t.Helper()
	f := photo.New(allowPrivate, options...)
	t.Cleanup(f.Close)
	return f
}

func TestFetch_AnyPictureBecomesASquareJPEG(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		picture image.Image
		format  string
		side    int
		middle  color.RGBA
	}{
		"small":       {drawn(100, 100, false), "jpeg", 100, color.RGBA{R: 255}},
		"large":       {drawn(1200, 1200, false), "jpeg", 640, color.RGBA{R: 255}},
		"wide":        {drawn(900, 300, false), "png", 300, color.RGBA{R: 255}},
		"tall":        {drawn(700, 2100, false), "jpeg", 640, color.RGBA{R: 255}},
		"transparent": {drawn(64, 64, true), "png", 64, color.RGBA{R: 255, G: 255, B: 255}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _ := serve(t, http.StatusOK, encoded(t, tt.picture, tt.format))
			data, err := fetcher(t, true).Fetch(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			m, format, err := image.Decode(bytes.NewReader(data))
			if err != nil || format != "jpeg" || m.Bounds().Dx() != tt.side || m.Bounds().Dy() != tt.side {
				t.Fatalf("%s of %v, %v; want a JPEG of %d pixels a side", format, m.Bounds(), err, tt.side)
			}
			for _, at := range []image.Point{{2, 2}, {tt.side / 2, tt.side / 2}, {tt.side - 3, tt.side - 3}} {
				r, g, b, _ := m.At(at.X, at.Y).RGBA()
				near := func(is uint32, want uint8) bool { d := int(is>>8) - int(want); return max(d, -d) < 24 }
				if !near(r, tt.middle.R) || !near(g, tt.middle.G) || !near(b, tt.middle.B) {
					t.Errorf("at %v it is %d %d %d, want %v", at, r>>8, g>>8, b>>8, tt.middle)
				}
			}
		})
	}
}

func TestFetch_RefusesWhatIsNoPictureAndHidesTheAddress(t *testing.T) {
	t.Parallel()
	good := encoded(t, drawn(20, 20, false), "png")
	bomb := encoded(t, image.NewGray(image.Rect(0, 0, 7000, 6000)), "png")
	for name, tt := range map[string]struct {
		status  int
		body    []byte
		code    say.Code
		passing bool
	}{
		"a page":           {200, []byte("<html>log in first</html>"), say.PhotoNoImage, false},
		"a GIF":            {200, []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"), say.PhotoNoImage, false},
		"cut off":          {200, good[:len(good)/2], say.PhotoNoImage, false},
		"too many bytes":   {200, append(good, make([]byte, tasks.MaxPhotoBytes)...), say.PhotoTooLarge, false},
		"too many pixels":  {200, bomb, say.PhotoTooManyPixels, false},
		"not found":        {404, good, say.PhotoUnread, false},
		"another address":  {302, nil, say.PhotoUnread, false},
		"the server fails": {503, nil, say.PhotoUnread, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, _ := serve(t, tt.status, tt.body)
			_, err := fetcher(t, true).Fetch(t.Context(), address)
			e, ok := errors.AsType[*photo.Error](err)
			if !ok || e.Why.Code != tt.code || e.Passing != tt.passing {
				t.Fatalf("%v (%+v), want %s, passing %v", err, e, tt.code, tt.passing)
			}
			if strings.Contains(err.Error(), "secret-path") || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the error shows the address: %v", err)
			}
		})
	}
}

func TestFetch_OnlyPublicAddressesUnlessAllowed(t *testing.T) {
	t.Parallel()
	tls := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server was reached") }))
	t.Cleanup(tls.Close)
	plain, asked := serve(t, http.StatusOK, nil)
	for _, address := range []string{tls.URL + "/a.jpg", plain, "ftp://files.example/a.jpg", "https://", "photo.jpg"} {
		if _, err := fetcher(t, false).Fetch(t.Context(), address); err == nil {
			t.Errorf("%s is fetched, want an error", address)
		}
	}
	if asked.Load() != 0 {
		t.Error("a private server was asked")
	}
}

func TestFetch_OneAddressIsFetchedOnceForManyGroups(t *testing.T) {
	t.Parallel()
	address, asked := serve(t, http.StatusOK, encoded(t, drawn(20, 20, false), "jpeg"))
	f := fetcher(t, true)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := f.Fetch(t.Context(), address); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("it was fetched %d times, want once", n)
	}
}

func TestFetch_AServerThatDoesNotAnswerIsAPassingError(t *testing.T) {
	t.Parallel()
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hangs.Close)
	_, err := fetcher(t, true, photo.WithTimeout(50*time.Millisecond)).Fetch(t.Context(), hangs.URL)
	if e, ok := errors.AsType[*photo.Error](err); !ok || !e.Passing || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("got %v, want a passing error that says it did not answer in time", err)
	}
}

func TestFetch_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	hangs := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hangs.Close)
	why := errors.New("the program ends")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := fetcher(t, true).Fetch(ctx, hangs.URL); !errors.Is(err, why) {
		t.Errorf("got %v, want the cause of the context's end", err)
	}
}
