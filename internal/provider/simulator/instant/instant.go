// Package instant is a provider that answers at once and never refuses, so that a measurement with it
// shows the client's own cost.
package instant

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator/arrival"
)

// Provider is the name, in the configuration, of the provider whose API it has: Z-API. It accepts any token.
const Provider = "zapi"

// Server is the provider, as an http.Handler. Instances are numbered: i000, i001, ….
type Server struct {
	// Arrived is called for every create, with its instance. It must be quick. Defaults to nothing.
	Arrived func(instance string, at time.Time)
	// Lag is how long an instance's creates take. Defaults to no time.
	Lag func(instance string) time.Duration

	made   atomic.Int64
	asked  sync.Map // group id -> asked
	mu     sync.Mutex
	groups map[string][]chat // by instance, for the search after a create without an answer
}

// asked is the request that made a group.
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

// ownOf returns the number of an instance. Each instance has its own, because the pace is the number's.
func ownOf(instance string) string {
	n, _ := strconv.Atoi(strings.TrimLeft(instance, "i"))
	return fmt.Sprintf("55219%08d", n)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, known := arrival.Of(r)
	if !known {
		at = time.Now()
	}
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	parts := strings.Split(r.URL.Path, "/") // /instances/<id>/token/…
	if len(parts) < 3 {
		http.NotFound(w, r)
		return
	}
	instance := parts[2]
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/create-group"):
		_, _ = fmt.Fprintf(w, `{"phone":%q,"invitationLink":"https://chat.whatsapp.com/A"}`, s.create(instance, body, at))
	case strings.Contains(path, "/light-group-metadata/"):
		_ = json.NewEncoder(w).Encode(s.members(instance, path[strings.LastIndexByte(path, '/')+1:]))
	case strings.HasSuffix(path, "/groups"): // all on one page
		s.mu.Lock()
		all := s.groups[instance]
		s.mu.Unlock()
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

// create makes a group and returns its id.
func (s *Server) create(instance string, body []byte, at time.Time) string {
	if s.Arrived != nil {
		s.Arrived(instance, at)
	}
	if s.Lag != nil {
		time.Sleep(s.Lag(instance)) //nolint:forbidigo // a slow provider is slow
	}
	q := asked{at: time.Now()}
	_ = json.Unmarshal(body, &q)
	id := fmt.Sprintf("120363%012d-group", s.made.Add(1))
	s.asked.Store(id, q)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups == nil {
		s.groups = map[string][]chat{}
	}
	s.groups[instance] = append(s.groups[instance], chat{id, q.GroupName, true})
	return id
}

// members returns the reading of a group: everyone who was asked for is in it.
func (s *Server) members(instance, id string) map[string]any {
	people := []map[string]any{{"phone": ownOf(instance), "isAdmin": true}}
	var q asked
	if known, ok := s.asked.Load(id); ok {
		q = known.(asked)
	}
	for _, p := range q.Phones {
		people = append(people, map[string]any{"phone": p})
	}
	return map[string]any{"phone": id, "subject": q.GroupName, "owner": ownOf(instance), "creation": q.at.UnixMilli(), "participants": people}
}
