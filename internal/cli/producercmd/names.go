package producercmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/store"
)

// instanceNames returns the instances that workers announced or the configuration lists.
func (r *rooms) instanceNames(ctx context.Context) ([]string, error) {
	announced, err := r.store.Presence.Instances(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for name := range announced {
		all = append(all, name)
	}
	for i := range r.config.Instances {
		all = append(all, r.config.Instances[i].Name)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// unknownInstance returns an error if no instance has the name. It returns nil while no instance is known.
func (r *rooms) unknownInstance(ctx context.Context, name string) error {
	names, err := r.instanceNames(ctx)
	if err != nil || len(names) == 0 || slices.Contains(names, name) {
		return err
	}
	return fmt.Errorf("no instance is called %q; known are %s", name, strings.Join(names, ", "))
}

// unknownPool returns an error if no pool has the name. It returns nil while no pool is known.
func (r *rooms) unknownPool(ctx context.Context, name string) error {
	announced, err := r.store.Presence.Instances(ctx)
	if err != nil {
		return err
	}
	var names []string
	for _, i := range announced {
		names = append(names, i.Pools...)
	}
	for i := range r.config.Instances {
		names = append(names, r.config.Instances[i].Pools...)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 || slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("no pool is called %q; known are %s", name, strings.Join(names, ", "))
}

// unknownTarget returns a usage error if a filter names an instance or a pool that is unknown and has no groups. An
// empty name is no filter.
func (r *rooms) unknownTarget(ctx context.Context, instance, pool string) error {
	for _, f := range []struct {
		name    string
		unknown func(context.Context, string) error
		groups  store.Filter
	}{{instance, r.unknownInstance, store.Filter{Instance: instance}}, {pool, r.unknownPool, store.Filter{Pools: []string{pool}}}} {
		if f.name == "" {
			continue
		}
		if err := f.unknown(ctx, f.name); err != nil {
			if groups, _, listErr := r.status.Groups(ctx, f.groups, "", 1); listErr != nil || len(groups) > 0 {
				return listErr
			}
			return usage(err)
		}
	}
	return nil
}

// batch finds a batch by id or name.
func (r *rooms) batch(ctx context.Context, idOrName string) (*group.Batch, error) {
	b, err := r.store.Index.Batch(ctx, idOrName)
	if errors.Is(err, store.ErrNotFound) {
		if name := r.batchOfPath(ctx, idOrName); name != "" {
			return nil, cli.Exit(cli.Failed, fmt.Errorf("no batch is called %q; the batch of this file has its name without the directory: %q", idOrName, name))
		}
		return nil, cli.Exit(cli.Failed, fmt.Errorf("no batch is called %q; `%s status` shows the latest ones", idOrName, Name))
	}
	return b, err
}

// batchOfPath returns the name of the batch that was made from the file at path, or "".
func (r *rooms) batchOfPath(ctx context.Context, path string) string {
	name := filepath.Base(path)
	if name == path {
		return ""
	}
	if _, err := r.store.Index.Batch(ctx, name); err != nil {
		return ""
	}
	return name
}

// notFound says which id is unknown, in words.
func notFound(id string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return cli.Exit(cli.Failed, fmt.Errorf("there is no group %s; ids are shown by `%s list`", id, Name))
	}
	return err
}

// statuses reads the words of --status and --only.
func statuses(flag string, words []string) ([]group.Status, error) {
	var all []group.Status
	for _, w := range words {
		s := group.Status(strings.TrimSpace(w))
		if !s.Valid() {
			return nil, cli.Usage("%s: %q is not a status of a group; they are %s", flag, w, joined(group.Statuses))
		}
		all = append(all, s)
	}
	return all, nil
}

func joined[S ~string](words []S) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return strings.Join(all, ", ")
}
