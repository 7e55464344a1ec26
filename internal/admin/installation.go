package admin

import (
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/view"
)

// recoverInstallation carries out an admin's decision about a Redis that lost data.
func (p *Page) recoverInstallation(v *visit) error {
	what := operate.Recovery(v.r.PostFormValue("action"))
	switch what {
	case operate.Current, operate.Restored, operate.StartOver:
	default:
		return failed(http.StatusUnprocessableEntity, "that-is-no-decision-about", "")
	}
	now, err := v.shown().Installation(v.ctx())
	if err != nil {
		return err
	}
	if is := lossOf(now); is != "" && v.outdated(is) {
		return errOutdated
	}
	if err := p.Control.Recover(v.ctx(), what, time.Time{}); err != nil {
		return err
	}
	return v.back("/", "recovered")
}

// lossOf returns which loss of data a decision is about, as forms carry it; empty for none. A loss that is proved, or is
// followed by another one, is another loss.
func lossOf(i view.Installation) string {
	if i.Cause == "" || i.To == nil {
		return i.Cause
	}
	return i.Cause + " " + markOf(*i.To)
}
