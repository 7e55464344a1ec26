package simulator

import (
	"fmt"
	"net"
	"net/http"
)

// write sends the client a whole answer.
func write(w http.ResponseWriter, r reply) {
	body := r.bytes()
	head(w, r, len(body))
	_, _ = w.Write(body) // fails only if the client has left
}

func head(w http.ResponseWriter, r reply, length int) {
	kind := "application/json"
	if r.kind != "" {
		kind = r.kind
	}
	w.Header().Set("Content-Type", kind)
	for k, v := range r.header {
		w.Header().Set(k, v)
	}
	if r.status != http.StatusNoContent {
		w.Header().Set("Content-Length", fmt.Sprint(length))
	}
	w.WriteHeader(r.status)
}

// tear announces more than the whole body, sends half of it, and cuts the connection. It does not return.
func tear(w http.ResponseWriter, r reply) {
	body := r.bytes()
	head(w, r, len(body)+1)
	_, _ = w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) // no reset, which could overtake the half that was sent
}

// abort cuts the connection with a reset where the transport allows it. It does not return.
func abort(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, is := conn.(*net.TCPConn); is {
			_ = tcp.SetLinger(0) // a reset instead of an orderly close
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
