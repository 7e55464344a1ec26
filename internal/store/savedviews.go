package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// SavedView is a named set of filters of one of the page's lists. All users of the installation share it.
type SavedView struct {
	ID    string    `json:"-"`
	List  string    `json:"list"` // the page's name for the list
	Name  string    `json:"name"`
	Query string    `json:"query"` // the filters, as the query of the list's URL
	By    string    `json:"by"`    // who saved it, as in the audit log
	At    time.Time `json:"at"`
}

// MaxSavedViews is how many views an installation keeps.
const MaxSavedViews = 100

const (
	viewPrefix = "view_"
	viewsKey   = prefix + "views" // id -> view
)

// Reasons why a view cannot be saved.
var (
	ErrViews    = fmt.Errorf("%d views are saved already, the maximum", MaxSavedViews)
	ErrViewName = errors.New("another view of this list has the same name")
)

// SavedViews returns all views that can be read, sorted by list and name.
func (tr *Trail) SavedViews(ctx context.Context) ([]SavedView, error) {
	return tr.savedViews(ctx, tr.rdb)
}

func (tr *Trail) savedViews(ctx context.Context, rdb redis.Cmdable) ([]SavedView, error) {
	stored, err := rdb.HGetAll(ctx, viewsKey).Result()
	if err = tr.tolerate(ctx, viewsKey, err); err != nil {
		return nil, fmt.Errorf("read the saved views: %w", err)
	}
	all := make([]SavedView, 0, len(stored))
	for id, value := range stored {
		v := SavedView{ID: id}
		if err := json.Unmarshal([]byte(value), &v); err != nil { // the others are shown without it
			_ = tr.unreadable(ctx, KindSavedView, id, err)
			continue
		}
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b SavedView) int {
		return strings.Compare(a.List+"\x00"+strings.ToLower(a.Name), b.List+"\x00"+strings.ToLower(b.Name))
	})
	return all, nil
}

// PutView adds a view that has no id, or replaces the one with its id. It returns the view with its id. It fails with
// ErrViews, ErrViewName or ErrNotFound, and then changes nothing.
func (tr *Trail) PutView(ctx context.Context, v SavedView) (SavedView, error) {
	added := v.ID == ""
	if added {
		now, err := tr.Now(ctx)
		if err != nil {
			return v, fmt.Errorf("save a view: %w", err)
		}
		v.ID, v.At = viewPrefix+uuid.Must(uuid.NewV7()).String(), now
	}
	data, err := json.Marshal(v)
	if err != nil {
		return v, err
	}
	err = tr.transact(ctx, viewsKey, func(tx *redis.Tx) error {
		all, err := tr.savedViews(ctx, tx)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(all, func(w SavedView) bool { return w.ID == v.ID })
		switch {
		case !added && at < 0:
			return ErrNotFound
		case added && len(all) >= MaxSavedViews:
			return ErrViews
		case slices.ContainsFunc(all, func(w SavedView) bool {
			return w.ID != v.ID && w.List == v.List && strings.EqualFold(w.Name, v.Name)
		}):
			return ErrViewName
		}
		_, err = tx.TxPipelined(ctx, func(p redis.Pipeliner) error { return p.HSet(ctx, viewsKey, v.ID, data).Err() })
		return err
	})
	if wrongType(err) {
		err = tr.unreadable(ctx, KindSavedView, strings.TrimPrefix(viewsKey, prefix), err)
	}
	if err != nil {
		return v, fmt.Errorf("save a view: %w", err)
	}
	return v, nil
}

// DropView deletes a view. It does nothing if the view does not exist.
func (tr *Trail) DropView(ctx context.Context, id string) error {
	if err := tr.tolerate(ctx, viewsKey, tr.rdb.HDel(ctx, viewsKey, id).Err()); err != nil {
		return fmt.Errorf("delete the view %s: %w", id, err)
	}
	return nil
}
