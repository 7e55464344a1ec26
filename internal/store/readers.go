package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
)

// reads returns a check that a value is JSON of a T.
func reads[T any]() func(context.Context, *core, string, string, string) error {
	return func(_ context.Context, _ *core, _, _, value string) error {
		return json.Unmarshal([]byte(value), new(T))
	}
}

func readRecord(ctx context.Context, c *core, key, _, value string) error {
	id := strings.TrimSuffix(strings.TrimPrefix(key, prefix+"{"), "}")
	_, err := c.crypt.openRecord(ctx, id, value)
	return err
}

// held is what the index holds of a group.
type held struct {
	status              group.Status
	place, batch, fault string
	pool                string  // the pool that the group waits for or was taken from, or ""
	members             []int64 // counts by status, in MemberStatuses' order, without the zeros at the end
}

func parseHeld(value string) (held, bool) {
	parts := heldForm.FindStringSubmatch(value)
	if parts == nil || !group.Status(parts[2]).Valid() {
		return held{}, false
	}
	h := held{status: group.Status(parts[2]), place: parts[3], batch: batchHeld(parts[4]), fault: parts[6]}
	if h.place, h.pool, _ = strings.Cut(h.place, ","); h.pool == "" {
		h.pool, _ = strings.CutPrefix(h.place, "pool:")
		if h.pool == h.place {
			h.pool = ""
		}
	}
	for text := range strings.SplitSeq(parts[5], ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return held{}, false
		}
		h.members = append(h.members, n)
	}
	return h, true
}

// heldForm matches revision|status|place|batch|members|fault, as index.lua writes it. The place of a group that an
// instance has taken from a pool is "instance,pool".
var heldForm = regexp.MustCompile(`^([0-9]+)\|([a-z]+)\|([^|]*)\|([^|]*)\|([0-9]+(?:,[0-9]+)*)(?:\|(.*))?$`)

func readHeld(_ context.Context, _ *core, _, _, value string) error {
	if _, ok := parseHeld(value); !ok {
		return errForm
	}
	return nil
}

func readCount(_ context.Context, _ *core, _, _, value string) error {
	_, err := strconv.ParseInt(value, 10, 64)
	return err
}

func readBatch(ctx context.Context, c *core, key, field, value string) error {
	if batchTexts[field] {
		return nil
	}
	return readCount(ctx, c, key, field, value)
}

func readEvent(_ context.Context, _ *core, _, _, value string) error {
	var e map[string]string
	if err := json.Unmarshal([]byte(value), &e); err != nil {
		return err
	}
	if e["type"] == "" || e["id"] == "" {
		return errForm
	}
	return nil
}

func readClaim(_ context.Context, _ *core, _, _, value string) error {
	if id, _ := claimed(value); madeAt(id) == 0 {
		return errForm
	}
	return nil
}

func readGroupID(_ context.Context, _ *core, _, _, value string) error {
	if madeAt(value) == 0 {
		return errForm
	}
	return nil
}

func readMessage(_ context.Context, _ *core, _, _, value string) error {
	_, _, err := messageOf(value)
	return err
}

func readCheck(ctx context.Context, c *core, _, field, value string) error {
	_, err := c.openCheck(ctx, field, value)
	return err
}

func readAddress(_ context.Context, _ *core, _, _, value string) error {
	sum, err := hex.DecodeString(value)
	if err == nil && len(sum) != 16 {
		err = errForm
	}
	return err
}

func readSuppression(ctx context.Context, c *core, _, field, value string) error {
	return c.readEntry(ctx, field, value, &entry{})
}

func readUpload(ctx context.Context, c *core, key, _, value string) error {
	id := strings.TrimSuffix(strings.TrimPrefix(key, prefix+"upload:{"), "}")
	_, err := openUpload(ctx, c, id, []byte(value))
	return err
}

func readNotice(_ context.Context, _ *core, _, field, value string) error {
	switch {
	case field == "e":
		return json.Unmarshal([]byte(value), &notice{})
	case strings.HasPrefix(field, "r:"):
		_, err := decodeDelivery(value)
		return err
	}
	return nil
}

func readCursor(_ context.Context, _ *core, _, _, value string) error {
	if _, _, ok := parseEventID(value); !ok {
		return errForm
	}
	return nil
}

func readAudit(_ context.Context, _ *core, _, _, value string) error {
	var values map[string]any
	err := json.Unmarshal([]byte(value), &values)
	if err == nil {
		_, err = decodeAudit(redis.XMessage{Values: values})
	}
	return err
}
