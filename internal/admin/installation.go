package admin

import (
	"net/http"
	"time"

	"github.com/rollcallhq/rollcall/internal/operate"
)

// recoverInstallation carries out an admin's decision about a Redis that lost data.
func (p *Page) recoverInstallation(v *visit) error {
	what := operate.Recovery(v.r.PostFormValue("action"))
	switch what {
	case operate.Current, operate.Restored, operate.StartOver:
	default:
		return failed(http.StatusUnprocessableEntity, "that-is-no-decision-about", "")
	}
	if err := p.Control.Recover(v.ctx(), what, time.Time{}); err != nil {
		return err
	}
	return v.back("/", "recovered")
}
