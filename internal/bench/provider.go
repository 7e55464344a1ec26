package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// instant is a Z-API that answers at once: what is left is our own cost.
type instant struct {
	URL string

	server *http.Server
	made   atomic.Int64
	asked  sync.Map // group id -> asked
	mu     sync.Mutex
	groups map[string][]chat // by instance, for whoever looks whether a create without an answer was made
	// arrived hears of every create, with its instance. It must be quick.
	arrived func(instance string, at time.Time)
	// lag is how long an instance's creates take; nil for none.
	lag func(instance string) time.Duration
}

// asked is what a group was made of.
type asked struct {
	GroupName string
	Phones    []string

	at time.Time
}

// chat is a group in a list.
type chat struct {
	Phone   string `json:"phone"`
	Name    string `json:"name"`
	IsGroup bool   `json:"isGroup"`
}

// newInstant serves it on this machine.
func newInstant() (*instant, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with Close
	if err != nil {
		return nil, err
	}
	i := &instant{URL: "http://" + l.Addr().String(), groups: map[string][]chat{}, arrived: func(string, time.Time) {}}
	i.server = &http.Server{
		Handler: http.HandlerFunc(i.answer), ReadHeaderTimeout: time.Minute,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, line{}, c) },
	}
	go func() { _ = i.server.Serve(door{l}) }()
	return i, nil
}

// ownOf is the number behind an instance: one of its own, because pace belongs to the number.
func ownOf(instance string) string {
	n, _ := strconv.Atoi(strings.TrimLeft(instance, "i"))
	return fmt.Sprintf("55219%08d", n)
}

// line is the key of a request's connection in its context.
type line struct{}

// door notes when requests come.
type door struct{ net.Listener }

// Accept implements net.Listener.
func (d door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return stamp(c), nil
}

func (i *instant) Close() { _ = i.server.Close() }

func (i *instant) answer(w http.ResponseWriter, r *http.Request) {
	c, _ := r.Context().Value(line{}).(net.Conn)
	at := cameAt(c)
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	instance := strings.Split(r.URL.Path, "/")[2] // /instances/<id>/token/…
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/create-group"):
		i.arrived(instance, at)
		if i.lag != nil {
			time.Sleep(i.lag(instance)) //nolint:forbidigo // a slow provider is slow
		}
		q := asked{at: time.Now()}
		_ = json.Unmarshal(body, &q)
		id := fmt.Sprintf("120363%012d-group", i.made.Add(1))
		i.asked.Store(id, q)
		i.mu.Lock()
		i.groups[instance] = append(i.groups[instance], chat{id, q.GroupName, true})
		i.mu.Unlock()
		_, _ = fmt.Fprintf(w, `{"phone":%q,"invitationLink":"https://chat.whatsapp.com/A"}`, id)
	case strings.Contains(path, "/light-group-metadata/"):
		id := path[strings.LastIndexByte(path, '/')+1:]
		people := []map[string]any{{"phone": ownOf(instance), "isAdmin": true}}
		var q asked
		if known, ok := i.asked.Load(id); ok {
			q = known.(asked)
		}
		for _, p := range q.Phones {
			people = append(people, map[string]any{"phone": p})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"phone": id, "subject": q.GroupName, "owner": ownOf(instance), "creation": q.at.UnixMilli(), "participants": people})
	case strings.HasSuffix(path, "/groups"): // all on one page
		i.mu.Lock()
		all := i.groups[instance]
		i.mu.Unlock()
		if r.URL.Query().Get("page") != "1" {
			all = nil
		}
		_ = json.NewEncoder(w).Encode(append([]chat{}, all...))
	case strings.HasSuffix(path, "/phone-exists-batch"):
		var q struct{ Phones []string }
		_ = json.Unmarshal(body, &q)
		out := make([]map[string]any, len(q.Phones))
		for k, p := range q.Phones {
			out[k] = map[string]any{"exists": true, "inputPhone": p, "outputPhone": p, "lid": p + "@lid"}
		}
		_ = json.NewEncoder(w).Encode(out)
	case strings.HasSuffix(path, "/device"):
		_, _ = io.WriteString(w, `{"phone":"`+ownOf(instance)+`"}`)
	default:
		_, _ = io.WriteString(w, `{"connected":true,"error":"You are already connected.","smartphoneConnected":true}`)
	}
}
