package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ClaimWhatsApp claims a WhatsApp group for a request, until the request is forgotten. It returns the request
// that has it: two requests can never take the same one.
func (rs *Records) ClaimWhatsApp(ctx context.Context, groupID, id string) (owner string, err error) {
	return rs.claim(ctx, whatsAppKey(groupID), id)
}

// ReleaseWhatsApp removes the claim on a WhatsApp group if the request holds it.
func (rs *Records) ReleaseWhatsApp(ctx context.Context, groupID, id string) error {
	return swapScript.Run(ctx, rs.rdb, []string{whatsAppKey(groupID)}, deleteIf(whole, id)...).Err()
}

// UnknownOwner is the owner of a group at WhatsApp whose claim cannot be read: some request has it.
const UnknownOwner = "unreadable"

// WhatsAppOwners returns the requests that have claimed WhatsApp groups: id by group id.
func (rs *Records) WhatsAppOwners(ctx context.Context, groupIDs []string) (map[string]string, error) {
	cmds := make(map[string]*redis.StringCmd, len(groupIDs))
	if len(groupIDs) > 0 {
		if _, err := rs.each(ctx, nil, func(p redis.Pipeliner) error {
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
		switch owner, err := cmd.Result(); {
		case wrongType(err), err == nil && madeAt(owner) == 0:
			_ = rs.unreadable(ctx, KindWhatsApp, strings.TrimPrefix(whatsAppKey(id), prefix+"wa:"), err)
			owners[id] = UnknownOwner
		case owner != "":
			owners[id] = owner
		}
	}
	return owners, nil
}

// ReserveName keeps other requests of the same name off a number (NumberOf) while the outcome of a create is open: a
// look could not tell their groups apart. It returns the request that holds the name. An outcome can be open for as
// long as a person takes to decide, so a reservation does not expire. If a crash kept the holder from releasing it, the
// next request that finds it releases it.
func (rs *Records) ReserveName(ctx context.Context, number, name, id string) (holder string, err error) {
	return rs.claim(ctx, nameKey(number, name), id)
}

// NameHolder returns the request that holds a name on a number; "" for none.
func (rs *Records) NameHolder(ctx context.Context, number, name string) (string, error) {
	holder, err := rs.rdb.Get(ctx, nameKey(number, name)).Result()
	if wrongType(err) {
		return "", rs.unreadable(ctx, KindName, strings.TrimPrefix(nameKey(number, name), prefix+"name:"), err)
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		return "", fmt.Errorf("look up a name: %w", err)
	}
	if holder != "" && madeAt(holder) == 0 {
		return "", rs.unreadable(ctx, KindName, strings.TrimPrefix(nameKey(number, name), prefix+"name:"), errForm)
	}
	return holder, nil
}

// ReleaseName ends a request's reservation of a name; another request's stays.
func (rs *Records) ReleaseName(ctx context.Context, number, name, id string) error {
	return swapScript.Run(ctx, rs.rdb, []string{nameKey(number, name)}, deleteIf(whole, id)...).Err()
}

// claim sets a key that has no holder yet, and returns the holder.
func (c *core) claim(ctx context.Context, key, id string) (string, error) {
	for {
		var answer *redis.StringCmd
		_, _ = c.rdb.Pipelined(ctx, func(p redis.Pipeliner) error { // the answer has its error
			answer = queueClaim(ctx, p, key, id)
			return nil
		})
		if !errors.Is(answer.Err(), redis.Nil) { // else its holder released it in between
			return c.claimed(ctx, key, answer)
		}
	}
}

// queueClaim queues a claim of a key.
func queueClaim(ctx context.Context, p redis.Pipeliner, key, id string) *redis.StringCmd {
	p.SetNX(ctx, key, id, 0)
	return p.Get(ctx, key)
}

// claimed reads the holder of a key from the answer to queueClaim.
func (c *core) claimed(ctx context.Context, key string, answer *redis.StringCmd) (string, error) {
	holder, err := answer.Result()
	if wrongType(err) {
		f := familyOf(key)
		return "", c.unreadable(ctx, f.kind, f.idOf(key, ""), err)
	}
	if err != nil {
		return "", fmt.Errorf("claim: %w", err)
	}
	if madeAt(holder) == 0 {
		f := familyOf(key)
		return "", c.unreadable(ctx, f.kind, f.idOf(key, ""), errForm)
	}
	return holder, nil
}
