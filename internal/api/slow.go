package api

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// upload is a request's body of any size. It may take any time as long as it makes progress: a client that sends nothing
// for stall is cut off. When the API closes, every upload is cut off.
type upload struct {
	body    io.Reader
	header  http.Header // of the answer
	control *http.ResponseController
	stall   time.Duration
	closing <-chan struct{}
	done    chan struct{}
	err     error
}

// newUpload starts to read a body. close must be called after the last read.
func (a *API) newUpload(w http.ResponseWriter, r *http.Request) *upload {
	u := &upload{
		body: r.Body, header: w.Header(), control: http.NewResponseController(w), stall: a.Stall,
		closing: a.closing, done: make(chan struct{}),
	}
	// The answer comes after the whole body, however long that takes.
	_ = u.control.SetWriteDeadline(time.Time{}) // a test's recorder has none
	go func() {
		select {
		case <-u.closing:
			_ = u.control.SetReadDeadline(time.Unix(1, 0)) // wakes a read that waits
		case <-u.done:
		}
	}()
	return u
}

func (u *upload) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	_ = u.control.SetReadDeadline(time.Now().Add(u.stall))
	select {
	case <-u.closing: // checked after setting the deadline, which may have replaced the one set for closing
		u.err = errClosing
		return 0, u.err
	default:
	}
	n, err := u.body.Read(p)
	if err != nil {
		u.err = err
		select {
		case <-u.closing:
			if !errors.Is(err, io.EOF) {
				u.err = errClosing
			}
		default:
		}
	}
	return n, u.err
}

// lingerFor is how long a sender that was refused midway may go on sending.
const lingerFor = time.Second

// close ends the reading, and sets the deadline of the answer.
func (u *upload) close() {
	close(u.done)
	deadline := time.Time{} // a deadline that stays set would cancel the request
	if !errors.Is(u.err, io.EOF) {
		// net/http waits for the rest of the body after it has answered, and also before that unless the connection
		// is to close.
		u.header.Set("Connection", "close")
		deadline = time.Now().Add(lingerFor)
	}
	_ = u.control.SetReadDeadline(deadline)
	_ = u.control.SetWriteDeadline(time.Now().Add(writeFor))
}

// problem returns the problem of an upload that broke off; nil if it did not break off.
func (u *upload) problem() *Problem {
	switch {
	case u.err == nil, errors.Is(u.err, io.EOF):
		return nil
	case errors.Is(u.err, errClosing):
		return unavailable("The server is shutting down.")
	}
	return ofBody(u.err)
}

// timelyBody is a body with a read deadline, which it removes at its end. A deadline that stayed set would cancel the
// request, as if the client had left.
type timelyBody struct {
	io.ReadCloser

	control *http.ResponseController
}

// timely makes the body of a request fail if it has not arrived within readFor.
func timely(control *http.ResponseController, r *http.Request) {
	if r.ContentLength == 0 {
		return
	}
	_ = control.SetReadDeadline(time.Now().Add(readFor)) // a test's recorder has none
	r.Body = &timelyBody{r.Body, control}
}

func (b *timelyBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// patient is an answer whose reader may be slow, as long as it reads something.
type patient struct {
	w       http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

func (a *API) newPatient(w http.ResponseWriter) *patient {
	p := &patient{w: w, control: http.NewResponseController(w), stall: a.Stall}
	_ = p.control.SetReadDeadline(time.Time{}) // nothing more is read; a deadline would end the request
	return p
}

func (p *patient) Write(data []byte) (int, error) {
	_ = p.control.SetWriteDeadline(time.Now().Add(p.stall))
	return p.w.Write(data)
}
