// A receiver of rollcall's webhooks. It needs only the standard library:
//
//	ROLLCALL_WEBHOOK_SECRET=whsec_… go run ./examples/webhook-receivers/go
package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Event is the body of a webhook. Data is a group, a batch, an instance, or a person and their group.
type Event struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// verify checks that a request was signed recently, with the secret.
func verify(secret string, header http.Header, body []byte, now time.Time) error {
	key := []byte(secret) // a secret without whsec_ is the key itself
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return errors.New("the secret is not base64")
		}
	}
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(sent, 0)).Abs() > 5*time.Minute {
		return errors.New("the timestamp is missing or too far from now")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "." + string(body)))
	for entry := range strings.FieldsSeq(header.Get("webhook-signature")) {
		version, signature, _ := strings.Cut(entry, ",")
		given, err := base64.StdEncoding.DecodeString(signature)
		if version == "v1" && err == nil && hmac.Equal(given, mac.Sum(nil)) {
			return nil
		}
	}
	return errors.New("no signature matches")
}

// receiver handles each event once: the same event can arrive twice. A real receiver stores the ids in its
// database, in the transaction that does the work.
type receiver struct {
	secret string
	mu     sync.Mutex
	seen   map[string]bool
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 4<<20))
	if err != nil {
		http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err := verify(r.secret, req.Header, body, time.Now()); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	id := req.Header.Get("webhook-id")
	r.mu.Lock()
	again := r.seen[id]
	r.seen[id] = true
	r.mu.Unlock()
	if !again {
		fmt.Println(id, e.Type, e.Timestamp.Format(time.RFC3339)) // your work starts here: put the event into your own queue
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	address := os.Getenv("LISTEN")
	if address == "" {
		address = "127.0.0.1:9000"
	}
	secret := os.Getenv("ROLLCALL_WEBHOOK_SECRET")
	if secret == "" {
		log.Fatal("ROLLCALL_WEBHOOK_SECRET is not set: set it to the secret of the webhook")
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", address)
	if err != nil {
		log.Fatalf("%v: stop the program that listens there, or set LISTEN to another host:port and give rollcall that address", err)
	}
	log.Printf("listening at http://%s/", listener.Addr())
	server := &http.Server{
		Handler:           &receiver{secret: secret, seen: map[string]bool{}},
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
	}
	log.Fatal(server.Serve(listener))
}
