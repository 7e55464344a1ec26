package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// Control returns the handler of the control port; doc.go lists its paths. It shows everything but secrets, without
// authentication: bind it to loopback.
func (s *Simulator) Control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.controlHealth)
	mux.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, s.Ledger()) })
	mux.HandleFunc("GET /calls", s.controlCalls)
	mux.HandleFunc("GET /complaints", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, s.Ledger().Complaints()) })
	mux.HandleFunc("GET /groups", s.controlGroups)
	mux.HandleFunc("POST /groups/{id}", s.controlGroup)
	mux.HandleFunc("GET /messages", s.controlMessages)
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, FaultNames()) })
	mux.HandleFunc("GET /script", s.controlScripts)
	mux.HandleFunc("POST /script", s.controlScript)
	mux.HandleFunc("DELETE /script", func(w http.ResponseWriter, _ *http.Request) {
		s.ClearScripts()
		tell(w, http.StatusOK, map[string]any{"ok": true})
	})
	mux.HandleFunc("POST /people", s.controlPeople)
	mux.HandleFunc("GET /instances", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, s.Ledger().Instances) })
	mux.HandleFunc("POST /instances", s.controlConnect)
	mux.HandleFunc("POST /instances/{id}/state", s.controlState)
	mux.HandleFunc("GET /quirks", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, s.Quirks()) })
	mux.HandleFunc("POST /quirks", s.controlQuirks)
	mux.HandleFunc("POST /reset", s.controlReset)
	return mux
}

func tell(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only if the client has left
}

// verdict answers an instruction with body, or with err.
func verdict(w http.ResponseWriter, body any, err error) {
	if err != nil {
		tell(w, http.StatusBadRequest, map[string]any{"error": err.Error()})
		return
	}
	tell(w, http.StatusOK, body)
}

// read decodes one JSON value and refuses unknown fields, so that a typo in a script is an error and not a test that
// passes for the wrong reason.
func read(r *http.Request, to any) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return err
	}
	return strict(raw, to)
}

func strict(raw []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// readMany decodes one value or an array of them.
func readMany[T any](r *http.Request) ([]T, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) {
		var many []T
		err := strict(raw, &many)
		return many, err
	}
	var one T
	err = strict(raw, &one)
	return []T{one}, err
}

func (s *Simulator) controlHealth(w http.ResponseWriter, _ *http.Request) {
	s.lock()
	health := map[string]any{
		"ok": !s.closed, "seed": s.cfg.Seed, "personality": s.cfg.Personality, "timeScale": s.cfg.TimeScale,
		"instances": len(s.world.ordered), "groups": len(s.world.groups), "messages": len(s.world.messages), "calls": s.world.callSeq,
	}
	s.unlock()
	tell(w, http.StatusOK, health)
}

func (s *Simulator) controlCalls(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, _ := strconv.ParseUint(q.Get("after"), 10, 64) // absent or invalid: from the start
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit <= 0 {
		limit = 1000
	}
	out := []Call{}
	for _, c := range s.Ledger().CallsOf(q.Get("instance"), q.Get("method")) {
		if c.Seq > after && len(out) < limit {
			out = append(out, c)
		}
	}
	tell(w, http.StatusOK, out)
}

func (s *Simulator) controlGroups(w http.ResponseWriter, r *http.Request) {
	name, owner := r.URL.Query().Get("name"), r.URL.Query().Get("instance")
	out := []Group{}
	for _, g := range s.Ledger().Groups {
		if (name == "" || g.Name == name) && (owner == "" || g.Owner == owner) {
			out = append(out, g)
		}
	}
	tell(w, http.StatusOK, out)
}

func (s *Simulator) controlMessages(w http.ResponseWriter, r *http.Request) {
	phone, in := r.URL.Query().Get("phone"), r.URL.Query().Get("instance")
	out := []Message{}
	for _, m := range s.Ledger().Messages {
		if (phone == "" || Account(m.Phone) == Account(phone)) && (in == "" || m.Instance == in) {
			out = append(out, m)
		}
	}
	tell(w, http.StatusOK, out)
}

// GroupChange is the body of POST /groups/{id}.
type GroupChange struct {
	// Admin says whether the creating instance is an admin. Others get no link.
	Admin *bool `json:"admin,omitempty"`
	// Nameless says whether GREEN-API's lists have lost the name.
	Nameless *bool  `json:"nameless,omitempty"`
	Name     string `json:"name,omitempty"`
	// LinkUntold says whether the invite link is withheld from admins too, as from a client that asks too often.
	LinkUntold *bool `json:"linkUntold,omitempty"`
	// ApproveJoins says whether an admin must approve people who follow the link.
	ApproveJoins *bool `json:"approveJoins,omitempty"`
	// Approve is a phone whose request to join is approved. Withdraw is a phone whose request ends without an approval.
	Approve  string `json:"approve,omitempty"`
	Withdraw string `json:"withdraw,omitempty"`
}

// ChangeGroup changes a group as its people would. id is its id in any form, or a name that only one group has.
func (s *Simulator) ChangeGroup(id string, in GroupChange) error {
	s.lock()
	defer s.unlock()
	g := s.world.groupByAnyID(id)
	if g == nil {
		return errors.New("no such group, or more than one of that name")
	}
	if m := g.byKey[g.owner.key]; in.Admin != nil && m != nil {
		m.admin, m.superAdm = *in.Admin, *in.Admin
	}
	if in.LinkUntold != nil {
		g.untold = *in.LinkUntold
	}
	if in.Nameless != nil {
		g.nameless = *in.Nameless
	}
	if in.Name != "" {
		g.name = in.Name
	}
	if in.ApproveJoins != nil {
		g.approval = *in.ApproveJoins
	}
	for phone, approved := range map[string]bool{in.Approve: true, in.Withdraw: false} {
		if phone != "" && !s.world.answered(g, s.world.personOf(digitsOf(phone)), approved) {
			return errors.New("that phone does not ask to join")
		}
	}
	return nil
}

func (s *Simulator) controlGroup(w http.ResponseWriter, r *http.Request) {
	var in GroupChange
	err := read(r, &in)
	if err == nil {
		err = s.ChangeGroup(r.PathValue("id"), in)
	}
	verdict(w, map[string]any{"ok": true}, err)
}

func (s *Simulator) controlScripts(w http.ResponseWriter, _ *http.Request) {
	s.lock()
	out := make([]Script, 0, len(s.world.scripts))
	for _, script := range s.world.scripts {
		out = append(out, *script)
	}
	s.unlock()
	tell(w, http.StatusOK, out)
}

func (s *Simulator) controlScript(w http.ResponseWriter, r *http.Request) {
	in, err := readMany[Script](r)
	if err == nil {
		err = s.Script(in...)
	}
	verdict(w, map[string]any{"accepted": len(in)}, err)
}

func (s *Simulator) controlPeople(w http.ResponseWriter, r *http.Request) {
	in, err := readMany[Person](r)
	out := []PersonTruth{}
	for _, p := range in {
		if err != nil {
			break
		}
		if err = s.SetPerson(p); err == nil {
			out = append(out, s.Person(p.Phone))
		}
	}
	verdict(w, out, err)
}

func (s *Simulator) controlConnect(w http.ResponseWriter, r *http.Request) {
	var in Instance
	err := read(r, &in)
	if err == nil {
		err = s.AddInstance(in)
	}
	verdict(w, map[string]any{"ok": true}, err)
}

func (s *Simulator) controlState(w http.ResponseWriter, r *http.Request) {
	var in State
	err := read(r, &in)
	if err == nil {
		err = s.SetState(r.PathValue("id"), in)
	}
	verdict(w, map[string]any{"ok": true}, err)
}

func (s *Simulator) controlQuirks(w http.ResponseWriter, r *http.Request) {
	q := s.Quirks()
	err := read(r, &q)
	if err == nil {
		s.AdjustQuirks(func(old *Quirks) { *old = q })
	}
	verdict(w, q, err)
}

func (s *Simulator) controlReset(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Seed        *uint64     `json:"seed"`
		Personality Personality `json:"personality"`
	}
	err := read(r, &in)
	if errors.Is(err, io.EOF) { // no body: the same seed and personality
		err = nil
	}
	if err == nil {
		err = s.restartAs(in.Seed, in.Personality)
	}
	verdict(w, map[string]any{"ok": true}, err)
}

// restartAs resets the simulator, with another seed or personality if they are given.
func (s *Simulator) restartAs(seed *uint64, p Personality) error {
	s.lock()
	defer s.unlock()
	cfg := s.cfg
	if seed != nil {
		cfg.Seed = *seed
	}
	if p != "" {
		cfg.Personality = p
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	s.cfg = cfg
	s.world = newWorld(s, cfg)
	return nil
}
