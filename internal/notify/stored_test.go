package notify

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// assertNothingStored fails if a key that matches pattern, or its value, holds one of texts.
func assertNothingStored(t *testing.T, rdb redis.UniversalClient, pattern string, texts ...string) {
	t.Helper()
	keys, err := rdb.Keys(t.Context(), pattern).Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) == 0 {
		t.Fatalf("no key matches %s, so this proves nothing", pattern)
	}
	for _, key := range keys {
		var value any
		switch rdb.Type(t.Context(), key).Val() {
		case "hash":
			value = rdb.HGetAll(t.Context(), key).Val()
		case "zset":
			value = rdb.ZRange(t.Context(), key, 0, -1).Val()
		case "list":
			value = rdb.LRange(t.Context(), key, 0, -1).Val()
		default:
			value = rdb.Get(t.Context(), key).Val()
		}
		for _, text := range texts {
			if strings.Contains(key+fmt.Sprint(value), text) {
				t.Errorf("%s holds %q", key, text)
			}
		}
	}
}
