package store

import (
	"encoding/json"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// setup is a group.Setup as a record keeps it.
type setup struct {
	Asked       []byte `cbor:"1,keyasint,omitempty"` // tasks.Setup as JSON
	Want        []byte `cbor:"2,keyasint,omitempty"` // nothing means the same as Asked
	Equipped    bool   `cbor:"3,keyasint,omitempty"`
	InviteStaff bool   `cbor:"4,keyasint,omitempty"`
	Steps       []step `cbor:"5,keyasint,omitempty"`
	From        int64  `cbor:"6,keyasint,omitempty"`
	Released    bool   `cbor:"7,keyasint,omitempty"`
	At          int64  `cbor:"8,keyasint,omitempty"`
}

type step struct {
	Name     string      `cbor:"1,keyasint"`
	Status   string      `cbor:"2,keyasint,omitempty"` // "" is wanted
	Reason   *say.Phrase `cbor:"3,keyasint,omitempty"`
	Updated  int64       `cbor:"4,keyasint,omitempty"` // 0 is the creation
	Since    int64       `cbor:"5,keyasint,omitempty"`
	Tries    int         `cbor:"6,keyasint,omitempty"`
	At       int64       `cbor:"7,keyasint,omitempty"`
	Called   bool        `cbor:"8,keyasint,omitempty"`
	Accepted bool        `cbor:"9,keyasint,omitempty"`
	Message  string      `cbor:"10,keyasint,omitempty"`
	Owner    string      `cbor:"11,keyasint,omitempty"` // of the intent
	Begun    int64       `cbor:"12,keyasint,omitempty"`
	Until    int64       `cbor:"13,keyasint,omitempty"`
	Answer   *say.Phrase `cbor:"14,keyasint,omitempty"`
}

func (e epoch) setup(s *group.Setup) (*setup, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // most groups have none
	}
	kept := &setup{Equipped: s.Equipped, InviteStaff: s.InviteStaff, From: e.ago(s.From), Released: s.Released, At: e.ago(s.At)}
	var err error
	if kept.Asked, err = json.Marshal(s.Asked); err != nil {
		return nil, err
	}
	if s.Equipped {
		if kept.Want, err = json.Marshal(s.Want); err != nil {
			return nil, err
		}
	}
	for i := range s.Steps {
		kept.Steps = append(kept.Steps, e.step(&s.Steps[i]))
	}
	return kept, nil
}

func (e epoch) step(s *group.SetupStep) step {
	one := step{
		Name: string(s.Name), Reason: kept(s.Reason), Updated: e.later(s.UpdatedAt), Since: e.ago(s.Since), Tries: s.Tries,
		At: e.ago(s.At), Called: s.Called, Accepted: s.Accepted, Message: s.MessageID,
	}
	if s.Status != group.StepWanted {
		one.Status = string(s.Status)
	}
	if s.Intent != nil {
		one.Owner, one.Begun, one.Until, one.Answer = s.Intent.Owner, e.ago(s.Intent.At), e.ago(s.Intent.Until), kept(s.Intent.Answer)
	}
	return one
}

func (s *setup) setup(e epoch) (*group.Setup, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // most groups have none
	}
	g := &group.Setup{Equipped: s.Equipped, InviteStaff: s.InviteStaff, From: e.moment(s.From), Released: s.Released, At: e.moment(s.At)}
	if err := json.Unmarshal(s.Asked, &g.Asked); err != nil {
		return nil, err
	}
	g.Want = g.Asked
	if len(s.Want) > 0 {
		g.Want = tasks.Setup{}
		if err := json.Unmarshal(s.Want, &g.Want); err != nil {
			return nil, err
		}
	}
	for i := range s.Steps {
		one := &s.Steps[i]
		step := group.SetupStep{
			Name: group.StepName(one.Name), Status: group.StepStatus(one.Status), Reason: told(one.Reason),
			UpdatedAt: e.laterMoment(one.Updated), Since: e.moment(one.Since), Tries: one.Tries, At: e.moment(one.At),
			Called: one.Called, Accepted: one.Accepted, MessageID: one.Message,
		}
		if one.Status == "" {
			step.Status = group.StepWanted
		}
		if one.Owner != "" {
			step.Intent = &group.Intent{Owner: one.Owner, At: e.moment(one.Begun), Until: e.moment(one.Until), Answer: told(one.Answer)}
		}
		g.Steps = append(g.Steps, step)
	}
	return g, nil
}
