package admin

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/store"
)

// removeUnreadable removes a stored thing that cannot be read.
func (p *Page) removeUnreadable(v *visit) error {
	kind, id := store.Kind(v.r.PostFormValue("kind")), v.r.PostFormValue("id")
	_, err := p.Control.RemoveUnreadable(v.ctx(), kind, id, v.r.PostFormValue("again") != "")
	switch {
	case errors.Is(err, store.ErrAgain):
		return failed(http.StatusConflict, "that-is-not-possible-now", "the-same-request-could-make")
	case errors.Is(err, store.ErrNeeded):
		return failed(http.StatusConflict, "that-is-not-possible-now", "nothing-works-without-it-restore")
	case err != nil:
		return err
	}
	return v.back("/problems", "removed")
}

// exportUnreadable answers with the raw bytes of a stored thing that cannot be read.
func (p *Page) exportUnreadable(v *visit) error {
	e, err := p.Control.ExportUnreadable(v.ctx(), store.Kind(v.r.PostFormValue("kind")), v.r.PostFormValue("id"))
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="unreadable.json"`)
	_, _ = v.w.Write(data) // the client may have left
	return nil
}
