package admin

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
)

// joinLine is one request to join as the page shows it.
type joinLine struct {
	ID         string // names the person in the form
	Phone      string
	Asked      bool // the request named the person; false for a stranger
	Proposed   bool // by a member of the group
	Suppressed bool
	Buttons    bool
	Word       say.Code
	Reason     say.Phrase
	At         time.Time
	Mark       string // which request, and which answer it has, as forms carry it
}

// joinsOf lists the requests to join a group. Those that wait for a decision have buttons if the provider can
// answer them.
func (p *Page) joinsOf(ctx context.Context, g *group.Group, inClear bool) ([]joinLine, error) {
	open := g.OpenRequests()
	if len(open) == 0 {
		return nil, nil
	}
	can, err := p.Control.CanAnswerJoins(ctx, g)
	if err != nil {
		return nil, err
	}
	people := make([]phone.Identity, len(open))
	for i, r := range open {
		people[i] = r.Who
	}
	suppressed, err := p.Store.People.Suppressed(ctx, people)
	if err != nil {
		return nil, err
	}
	lines := make([]joinLine, len(open))
	for i, r := range open {
		line := joinLine{
			ID: p.Store.People.PersonID(r.Who), Phone: shownPerson(r.Who, inClear), Asked: r.Member != nil, Proposed: r.Method == group.ByMember,
			Suppressed: suppressed[i], Reason: r.Reason, At: r.At, Mark: joinMark(r),
		}
		waits := r.Waits || suppressed[i] && r.Answer == ""
		line.Buttons = can && waits
		switch {
		case waits:
			line.Word = "join:waits"
		case r.Answer == group.RejectJoin:
			line.Word = "join:rejecting"
		default:
			line.Word = "join:approving"
		}
		lines[i] = line
	}
	return lines, nil
}

func joinMark(r group.OpenRequest) string { return markOf(r.At) + string(r.Answer) }

// shownPerson returns the number of a person, or the LID if WhatsApp gives no number.
func shownPerson(who phone.Identity, inClear bool) string {
	number := who.LID
	if who.Digits != "" {
		number = phone.Number("+" + who.Digits).E164()
	}
	if inClear {
		return number
	}
	return phone.MaskTyped(number)
}

// answerJoin approves or rejects a request to join. The form names the person by a keyed hash.
func (p *Page) answerJoin(answer group.JoinAnswer) func(*visit) error {
	return func(v *visit) error {
		id := v.r.PathValue("id")
		g, err := p.Store.Records.Load(v.ctx(), id)
		if err != nil {
			return err
		}
		for _, r := range g.OpenRequests() {
			if p.Store.People.PersonID(r.Who) != v.r.PostFormValue("person") {
				continue
			}
			if r.Answer != answer && v.outdated(joinMark(r)) {
				return errOutdated
			}
			if _, err := p.Control.AnswerJoin(v.ctx(), id, r.Who, answer); err != nil {
				return err
			}
			return v.back("/groups/"+url.PathEscape(id), string(answer))
		}
		return failed(http.StatusConflict, "that-is-not-possible-now", "the-person-asks-no-more")
	}
}
