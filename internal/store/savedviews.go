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

// SavedView is the filters of a list of the page under a name. All who use the installation share it.
type SavedView struct {
	ID    string    `json:"-"`
	List  string    `json:"list"` // as the page calls it
	Name  string    `json:"name"`
	Query string    `json:"query"` // the filters, as the list's address has them
	By    string    `json:"by"`    // who saved it, as the audit log has it
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
	ErrViews    = errors.New("as many views as an installation keeps are saved")
	ErrViewName = errors.New("another view of the list has the name")
)

// SavedViews are all views, by list and name.
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

// PutView saves a view: a new one without an id, or another form of the one with that id. It fails with ErrViews,
// ErrViewName or ErrNotFound; then nothing is changed.
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
		is := slices.IndexFunc(all, func(w SavedView) bool { return w.ID == v.ID })
		switch {
		case !added && is < 0:
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

// DropView deletes a view. One that does not exist is gone already.
func (tr *Trail) DropView(ctx context.Context, id string) error {
	if err := tr.tolerate(ctx, viewsKey, tr.rdb.HDel(ctx, viewsKey, id).Err()); err != nil {
		return fmt.Errorf("delete the view %s: %w", id, err)
	}
	return nil
}
