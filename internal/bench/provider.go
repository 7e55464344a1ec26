package bench

import (
	"net"
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator/arrival"
	"github.com/rollcallhq/rollcall/internal/provider/simulator/instant"
)

// stand is a provider that answers at once, so that only our own cost is left.
type stand struct {
	instant.Server

	URL    string
	server *http.Server
}

// newStand starts a stand on this machine.
func newStand() (*stand, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with Close
	if err != nil {
		return nil, err
	}
	s := &stand{URL: "http://" + l.Addr().String()}
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ConnContext: arrival.ConnContext}
	go func() { _ = s.server.Serve(arrival.Listener(l)) }()
	return s, nil
}

func (s *stand) Close() { _ = s.server.Close() }
