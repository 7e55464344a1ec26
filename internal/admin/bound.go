package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// bound reports whether the visitor's key is bound to pools.
func (v *visit) bound() bool { return len(v.who.Pools) > 0 }

// shown returns a reader of what the visitor may see.
func (v *visit) shown() *view.Reader { return v.page.Status.Within(v.who.Pools) }

// refusedBound answers a visitor whose key is bound to pools and who asks for the whole installation.
func (v *visit) refusedBound(pattern string) error {
	v.page.Auth.Refuse(v.r, audit.Page, audit.SmallRole, pattern)
	return failed(http.StatusForbidden, "your-key-is-bound-to-pools", "this-concerns-the-whole-installation")
}

// reaches fails with a 404 if the address names something of other pools than those of the visitor's key. A person
// has no pool: a person's page shows only the groups of the visitor's pools.
func (v *visit) reaches(pattern string) error {
	if !v.bound() {
		return nil
	}
	method, path, _ := strings.Cut(pattern, " ")
	id := v.r.PathValue("id")
	switch {
	case strings.HasPrefix(path, "/groups/{id}"):
		return v.shown().Has(v.ctx(), id)
	case strings.HasPrefix(path, "/batches/{id}"):
		_, err := v.shown().BatchRecord(v.ctx(), id)
		return err
	case strings.HasPrefix(path, "/jobs/{id}"):
		j, err := v.page.Store.Trail.Job(v.ctx(), id)
		if err == nil && !operate.OfPools(j, v.who.Pools) {
			err = store.ErrNotFound
		}
		return err
	case strings.HasPrefix(path, "/uploads/{id}"):
		u, err := v.page.Store.Trail.Upload(v.ctx(), id)
		if err == nil && !v.sent(u) {
			err = store.ErrNotFound
		}
		return err
	case strings.HasPrefix(path, "/instances/{name}"):
		i, err := v.shown().Instance(v.ctx(), v.r.PathValue("name"))
		if err != nil || method == http.MethodGet {
			return err
		}
		places, err := v.shown().Places(v.ctx())
		if err == nil && !changeable(i, places) {
			err = v.refusedBound(pattern)
		}
		return err
	}
	return nil
}

// sent reports whether an upload is the visitor's own. An upload that was sent while the visitor's key was bound to
// other pools, or to none, is not: its groups would go there.
func (v *visit) sent(u store.Upload) bool {
	if u.By != v.name() || len(u.Form) == 0 {
		return u.By == v.name()
	}
	var form uploadForm
	err := json.Unmarshal(u.Form, &form)
	return err == nil && len(form.Pools) > 0 && !slices.ContainsFunc(form.Pools, func(p string) bool { return !slices.Contains(v.who.Pools, p) })
}

// changeable reports whether an instance serves only pools that the visitor sees, and the whole installation is
// not held.
func changeable(i view.Instance, places map[string]view.Place) bool {
	return places[i.Name].Whole && len(i.PausedQueues) == 0
}

// first returns the newest group of a person or a reference that the visitor may see; nil for none.
func (v *visit) first(f store.Filter) (*group.Group, error) {
	f.Pools = v.who.Pools
	found, _, err := v.page.Store.Index.List(v.ctx(), f, "", 1)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// Bound reports whether the visitor sees only some pools.
func (f *frame) Bound() bool { return len(f.Who.Pools) > 0 }
