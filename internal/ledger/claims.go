package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// ClaimWhatsApp settles that a group at WhatsApp belongs to one request of ours, for good. It
// reports whose it is: two requests can never take the same one.
func (l *Ledger) ClaimWhatsApp(ctx context.Context, groupID, id string) (owner string, err error) {
	return l.claim(ctx, whatsAppKey(groupID), id, 2*l.retention)
}

// WhatsAppOwners tells which of the groups at WhatsApp belong to requests of ours: id by group id.
func (l *Ledger) WhatsAppOwners(ctx context.Context, groupIDs []string) (map[string]string, error) {
	cmds := make(map[string]*redis.StringCmd, len(groupIDs))
	if len(groupIDs) > 0 {
		if _, err := l.pipeline(ctx, nil, func(p redis.Pipeliner) error {
			for _, id := range groupIDs {
				cmds[id] = p.Get(ctx, whatsAppKey(id))
			}
			return nil
		}); err != nil {
			return nil, fmt.Errorf("look up %d claims: %w", len(groupIDs), err)
		}
	}
	owners := make(map[string]string, len(cmds))
	for id, cmd := range cmds {
		if owner := cmd.Val(); owner != "" {
			owners[id] = owner
		}
	}
	return owners, nil
}

// ReserveName keeps other requests of the same name off an instance while the outcome of a create
// is open: a look could not tell their groups apart. It reports who holds the name.
func (l *Ledger) ReserveName(ctx context.Context, instance, name, id string, ttl time.Duration) (holder string, err error) {
	holder, err = l.claim(ctx, nameKey(instance, name), id, ttl)
	if err == nil && holder == id {
		err = l.rdb.PExpire(ctx, nameKey(instance, name), ttl).Err()
	}
	return holder, err
}

// ReleaseName lets the next request of the name come.
func (l *Ledger) ReleaseName(ctx context.Context, instance, name, id string) error {
	return releaseScript.Run(ctx, l.rdb, []string{nameKey(instance, name)}, id).Err()
}

// claim sets a key that nobody has set, and tells who has it.
func (l *Ledger) claim(ctx context.Context, key, id string, ttl time.Duration) (string, error) {
	var holder *redis.StringCmd
	_, err := l.rdb.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.SetNX(ctx, key, id, ttl)
		holder = p.Get(ctx, key)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("claim: %w", err)
	}
	return holder.Val(), nil
}

// releaseScript deletes a key if it still holds our value.
// KEYS[1] the key, ARGV[1] our value; returns 1 deleted, 0 somebody else's.
var releaseScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0`)
