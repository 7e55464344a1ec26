package api

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (a *API) addUnreadable() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/unreadable", id: "listUnreadable", tag: "status", role: auth.Viewer,
		summary: "List stored things that cannot be read",
		about: "Damaged, written by a newer version, or encrypted with a key that is not known. The rest of the installation works on without them. " +
			"Each is looked at again for the answer: what can be read meanwhile is not listed.",
	}, a.listUnreadable)
	add(a, operation{
		method: http.MethodGet, path: "/v1/unreadable/raw", id: "exportUnreadable", tag: "status", role: auth.Admin, does: audit.ExportUnreadable,
		summary: "Export a thing that cannot be read, as it is stored",
		about:   "The content is base64, and may hold telephone numbers and texts.", problems: []int{http.StatusNotFound, http.StatusConflict},
	}, a.exportUnreadable)
	add(a, operation{
		method: http.MethodPost, path: "/v1/unreadable/remove", id: "removeUnreadable", tag: "status", role: auth.Admin, body: true, does: audit.RemoveUnreadable,
		summary: "Remove a thing that cannot be read",
		about: "Export it first: nothing brings it back. A group leaves the index and its batch, which can end then. The same request is refused (removed) " +
			"until the retention is over, and no other request takes its group at WhatsApp; with again both end at once. " +
			"What the records hold is rewritten. With dryRun nothing is changed.",
		problems: []int{http.StatusNotFound, http.StatusConflict},
	}, a.removeUnreadable)
}

type unreadableList struct {
	Items      []store.Unreadable `json:"items"`
	NextCursor string             `json:"nextCursor"`
}

func (a *API) listUnreadable(ctx context.Context, _ *struct{}) (*answered[unreadableList], error) {
	found, err := a.Store.Unreadables(ctx)
	if err != nil {
		return nil, err
	}
	return &answered[unreadableList]{unreadableList{Items: found}}, nil
}

// UnreadableThing names a thing that cannot be read.
type UnreadableThing struct {
	Kind string `query:"kind" required:"true" maxLength:"40" doc:"What kind of thing it is, as the list says." example:"group"`
	ID   string `query:"id" required:"true" maxLength:"400" doc:"Its id, as the list says."`
}

func (a *API) exportUnreadable(ctx context.Context, in *UnreadableThing) (*answered[store.Exported], error) {
	e, err := a.Control.ExportUnreadable(ctx, store.Kind(in.Kind), in.ID)
	if err != nil {
		return nil, noUnreadable(in.ID, err)
	}
	return &answered[store.Exported]{e}, nil
}

// Removal names a thing to be removed.
type Removal struct {
	_      struct{} `additionalProperties:"false"`
	Kind   string   `json:"kind" maxLength:"40" doc:"What kind of thing it is, as the list says."`
	ID     string   `json:"id" maxLength:"400" doc:"Its id, as the list says."`
	DryRun bool     `json:"dryRun,omitempty" doc:"Answer what would be removed, and change nothing."`
	Again  bool     `json:"again,omitempty" doc:"Of a group or a request: let the same request make a group again."`
}

func (a *API) removeUnreadable(ctx context.Context, in *struct{ Body Removal }) (*answered[store.Unreadable], error) {
	kind := store.Kind(in.Body.Kind)
	var u store.Unreadable
	var err error
	if in.Body.DryRun {
		u, err = a.Store.PlanRemove(ctx, kind, in.Body.ID, in.Body.Again)
	} else {
		u, err = a.Control.RemoveUnreadable(ctx, kind, in.Body.ID, in.Body.Again)
	}
	if err != nil {
		return nil, noUnreadable(in.Body.ID, err)
	}
	return &answered[store.Unreadable]{u}, nil
}

func noUnreadable(id string, err error) error {
	return unknown(err, "Nothing unreadable has the id %s.", id)
}
