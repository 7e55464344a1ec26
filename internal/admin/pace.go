package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// paceField is one kind's part of the pace form: what was set, and beside it the configured pace, which is the
// floor.
type paceField struct {
	Kind       string
	Every      string
	PerDay     int
	Configured view.Pace
}

// PaceFields returns the two parts of the form. A field is empty where the configured pace applies.
func (c card) PaceFields() []paceField {
	configured := c.Pace
	if c.Slowed != nil {
		configured = c.Slowed.Configured
	}
	field := func(kind pacing.Kind, now, configured view.Pace) paceField {
		f := paceField{Kind: string(kind), Configured: configured}
		if now.Every != configured.Every {
			f.Every = now.Every
		}
		if now.PerDay != configured.PerDay {
			f.PerDay = now.PerDay
		}
		return f
	}
	return []paceField{
		field(pacing.Create, c.Pace.Create, configured.Create),
		field(pacing.Invite, c.Pace.Invite, configured.Invite),
	}
}

// SlowedUntil returns when the slower pace ends, as the form has it: by the clock of the instance's zone. It is empty
// without an end, and for a zone that this process does not know.
func (c card) SlowedUntil() string {
	if c.Slowed == nil || c.Slowed.Until == nil {
		return ""
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return ""
	}
	return c.Slowed.Until.In(zone).Format("2006-01-02T15:04:05")
}

func (p *Page) setPace(v *visit) error {
	i, err := v.pathInstance()
	if err != nil {
		return err
	}
	if v.outdated((card{Instance: i}).slowedSince()) {
		return errOutdated
	}
	s := store.Slowing{Reason: v.reason()}
	if s.Create, err = v.slower(pacing.Create); err != nil {
		return err
	}
	if s.Invite, err = v.slower(pacing.Invite); err != nil {
		return err
	}
	if err := p.Control.SetPace(v.ctx(), i.Name, s, v.ending()); err != nil {
		return badChange(err, "that-pace-is-not-possible")
	}
	return v.back("/instances/"+url.PathEscape(i.Name), "slowed")
}

func (p *Page) resetPace(v *visit) error {
	i, err := v.pathInstance()
	if err != nil {
		return err
	}
	if now := (card{Instance: i}).slowedSince(); now != "" && v.outdated(now) {
		return errOutdated
	}
	if err := p.Control.ResetPace(v.ctx(), i.Name, ""); err != nil {
		return err
	}
	return v.back("/instances/"+url.PathEscape(i.Name), "unslowed")
}

// slower reads one kind's fields of the form. An empty field keeps the configured pace.
func (v *visit) slower(kind pacing.Kind) (b pacing.Bound, err error) {
	if text := strings.TrimSpace(v.r.PostFormValue(string(kind) + "Every")); text != "" {
		if b.Every, err = time.ParseDuration(text); err != nil || b.Every <= 0 {
			return b, failed(http.StatusUnprocessableEntity, "that-is-no-time-between", "write-it-as-90s-10m")
		}
	}
	if text := strings.TrimSpace(v.r.PostFormValue(string(kind) + "PerDay")); text != "" {
		if b.PerDay, err = strconv.Atoi(text); err != nil || b.PerDay <= 0 {
			return b, failed(http.StatusUnprocessableEntity, "that-is-no-number-of", "write-a-whole-number-from")
		}
	}
	return b, nil
}
