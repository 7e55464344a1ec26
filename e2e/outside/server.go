package outside

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// The providers this one can be.
const (
	ZAPI     = "zapi"
	GreenAPI = "greenapi"
)

// Instance is one connected number.
type Instance struct {
	Provider    string // ZAPI or GreenAPI
	ID          string // digits at GREEN-API
	Token       string
	ClientToken string // Z-API: demanded in the header when set
	Own         string // the connected number
	Old         bool   // Z-API: as documented before phonesNotAdded. GREEN-API: checks by phoneNumber only
}

// Config is a provider to be. The zero value of everything but Instances is an honest and fast one.
type Config struct {
	Instances []Instance
	Census    *Census // Defaults to one in which everybody can be added
	Faults    *Faults // of creates. Defaults to none
	Messages  *Faults // of messages; the subject is the receiver's number. Defaults to none

	ListLag       time.Duration // from a group's making until lists show it
	NamelessShare float64       // of the groups that GREEN-API's lists show with an empty name
	HangFor       time.Duration // how long a hanging create hangs unless the caller leaves. Defaults to 30 s
	HangMakes     time.Duration // when, after its arrival, a hanging create's group comes into being
	CreateTakes   time.Duration // an honest create's time
	QueueFor      time.Duration // how long the queue shows a message before it leaves. Defaults to 3 s

	// Missing are endpoints and methods this host does not have.
	Missing []string

	// Watch is told of every create at three moments, while the caller waits. If it returns true at
	// Arriving, the request is lost on the way: nothing comes of it and nobody answers. Optional.
	Watch func(Moment, Create, *http.Request) (lost bool)
}

// Moment is a moment of a create as the provider sees it.
type Moment string

// The moments.
const (
	Arriving Moment = "arriving" // nothing has happened yet
	Made     Moment = "made"     // the group exists, the caller does not know it
	Answered Moment = "answered" // the answer has left
)

type instance struct{ Instance }

// Provider is both providers on one address.
type Provider struct {
	cfg Config

	mu         sync.Mutex
	instances  map[string]*instance
	serial     int
	creates    []Create
	groups     []*Group
	invites    []Invite
	complaints []string
	lists      []Listing
	broken     map[string]bool
}

// New is a provider of these instances.
func New(cfg Config) *Provider {
	if cfg.Census == nil {
		cfg.Census = &Census{}
	}
	if cfg.Faults == nil {
		cfg.Faults = &Faults{}
	}
	if cfg.Messages == nil {
		cfg.Messages = &Faults{}
	}
	if cfg.HangFor == 0 {
		cfg.HangFor = 30 * time.Second
	}
	if cfg.QueueFor == 0 {
		cfg.QueueFor = 3 * time.Second
	}
	p := &Provider{cfg: cfg, instances: map[string]*instance{}, broken: map[string]bool{}}
	for _, i := range cfg.Instances {
		p.instances[i.Provider+i.ID] = &instance{i}
	}
	return p
}

type connKey struct{}

// ConnContext is for http.Server: with it the provider knows how late it is itself when it reads a
// create (Create.Late).
func ConnContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// Census is the truth about people.
func (p *Provider) Census() *Census { return p.cfg.Census }

// Faults are the faults of creates.
func (p *Provider) Faults() *Faults { return p.cfg.Faults }

// BreakLists makes every list of an instance's groups answer 500, or heals it.
func (p *Provider) BreakLists(instanceID string, broken bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken[instanceID] = broken
}

// ServeHTTP answers as the provider whose kind of address was asked.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{p: p, w: w, r: r, at: time.Now()}
	if conn, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		c.late = late(conn)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller left before it had said what it wants
	}
	c.body = body
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) >= 5 && parts[0] == "instances" && parts[2] == "token":
		c.zapi(parts[1], parts[3], parts[4], strings.Join(parts[5:], "/"))
	case len(parts) == 3 && strings.HasPrefix(parts[0], "waInstance"):
		c.green(strings.TrimPrefix(parts[0], "waInstance"), parts[1], parts[2])
	default:
		c.complain("no provider has such an address")
		c.text(http.StatusNotFound, "Not Found")
	}
}

// call is one request under way.
type call struct {
	p    *Provider
	inst *instance
	w    http.ResponseWriter
	r    *http.Request
	at   time.Time
	late time.Duration
	body []byte
	what string // the endpoint, for complaints
}

// json answers with a document.
func (c *call) json(status int, doc any) {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
	_ = json.NewEncoder(c.w).Encode(doc)
}

func (c *call) text(status int, text string) {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = io.WriteString(c.w, text)
}

// complain notes that the caller did what the documents forbid.
func (c *call) complain(format string, args ...any) {
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.complaints = append(c.p.complaints, fmt.Sprintf("%s %s: %s", c.r.Method, c.what, fmt.Sprintf(format, args...)))
}

// missing says that this host does not have an endpoint that the documents have.
func (c *call) missing(endpoint string) bool { return slices.Contains(c.p.cfg.Missing, endpoint) }

// verb checks the method.
func (c *call) verb(want string) bool {
	if c.r.Method == want {
		return true
	}
	c.complain("the documents say %s", want)
	return false
}

// read decodes the body into a document whose fields are all the documents know.
func (c *call) read(into any) error {
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		c.complain("%v", err)
		return err
	}
	if d.More() {
		c.complain("more than one document")
		return errors.New("more than one document")
	}
	return nil
}

// digits says whether a text is nothing but digits, as many as a telephone number has.
func digits(s string) bool {
	return len(s) >= 8 && len(s) <= 15 && strings.Trim(s, "0123456789") == ""
}

func pad(n, width int) string { return fmt.Sprintf("%0*d", width, n) }
