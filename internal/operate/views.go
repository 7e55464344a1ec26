package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// MaxViewName and MaxViewQuery bound a saved view: its name in characters, its filters in bytes.
const (
	MaxViewName  = 60
	MaxViewQuery = 2000
)

// SaveView keeps the filters of a list under a name, by the actor of the context. A name or filters that cannot be
// kept fail with a *ChangeError.
func (c *Control) SaveView(ctx context.Context, v store.SavedView) (store.SavedView, error) {
	v.ID, v.By = "", audit.ActorOf(ctx).Name
	v, err := c.putView(ctx, v)
	c.Audit.Did(ctx, audit.SaveView, viewAbout(v), err)
	return v, err
}

// RenameView gives a saved view another name. It fails with a *ChangeError or store.ErrNotFound.
func (c *Control) RenameView(ctx context.Context, id, name string) (store.SavedView, error) {
	v, err := c.View(ctx, id)
	if err == nil {
		v.Name = name
		v, err = c.putView(ctx, v)
	}
	c.Audit.Did(ctx, audit.RenameView, viewAbout(v), err)
	return v, err
}

// DeleteView deletes a saved view and returns what it was. It fails with store.ErrNotFound.
func (c *Control) DeleteView(ctx context.Context, id string) (store.SavedView, error) {
	v, err := c.View(ctx, id)
	if err == nil {
		err = c.Store.Trail.DropView(ctx, id)
	}
	c.Audit.Did(ctx, audit.DeleteView, viewAbout(v), err)
	return v, err
}

// View returns a saved view. It fails with store.ErrNotFound.
func (c *Control) View(ctx context.Context, id string) (store.SavedView, error) {
	all, err := c.Store.Trail.SavedViews(ctx)
	if err != nil {
		return store.SavedView{ID: id}, err
	}
	for _, v := range all {
		if v.ID == id {
			return v, nil
		}
	}
	return store.SavedView{ID: id}, fmt.Errorf("saved view %s: %w", id, store.ErrNotFound)
}

func viewAbout(v store.SavedView) audit.About {
	about := audit.About{Detail: say.Words(strings.TrimSpace(v.List + " " + v.Name))}
	if v.ID != "" {
		about.Subjects = []string{v.ID}
	}
	return about
}

func (c *Control) putView(ctx context.Context, v store.SavedView) (store.SavedView, error) {
	v.Name = strings.Join(strings.Fields(v.Name), " ")
	bad := func(field string, why say.Phrase) (store.SavedView, error) {
		return v, &ChangeError{field, why}
	}
	switch {
	case v.Name == "":
		return bad("name", say.Phrase{Code: say.ViewNoName})
	case utf8.RuneCountInString(v.Name) > MaxViewName:
		return bad("name", say.Phrase{Code: say.ViewLongName, N: MaxViewName})
	case phone.Mask(v.Name) != v.Name:
		return bad("name", say.Phrase{Code: say.ViewNumber})
	case v.Query == "":
		return bad("query", say.Phrase{Code: say.ViewNoFilter})
	case len(v.Query) > MaxViewQuery:
		return bad("query", say.Phrase{Code: say.ViewLongFilter})
	}
	kept, err := c.Store.Trail.PutView(ctx, v)
	switch {
	case errors.Is(err, store.ErrViews):
		return bad("", say.Phrase{Code: say.ViewFull, N: store.MaxSavedViews})
	case errors.Is(err, store.ErrViewName):
		return bad("name", say.Phrase{Code: say.ViewNameTaken, Name: v.Name})
	}
	return kept, err
}
