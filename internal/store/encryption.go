package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/sealed"
)

// keysKey has the data keys, each sealed with a master key: number -> "<master>:<base64>". While it
// does not exist, nothing is encrypted.
const keysKey = prefix + "keys"

// keysFor is how long a process seals with the newest data key it knows before it looks for a newer one. It does not
// matter for opening: each sealed text names its key, and a key that is not known is loaded at once.
const keysFor = 10 * time.Second

const (
	formSealed   = '\x03' // begins a sealed text; our JSON and CBOR never begin with it
	secretPlace  = "secret"
	sealedPrefix = "sealed:" // before the installation's secret
)

// ErrKey says that redis.encryption_key is not the one that this installation needs.
var ErrKey = errors.New("redis.encryption_key")

// encryption seals what holds phones and texts. Without master keys it leaves everything as it is.
type encryption struct {
	rdb     redis.UniversalClient
	masters sealed.Masters
	ring    sealed.Ring
	// readOnly is Options.ReadOnly.
	readOnly bool

	mu     sync.Mutex
	looked time.Time
}

// open gets the data keys and makes the first one. An installation that is encrypted cannot be
// opened without its key: reading half of it would lose the other half.
func (c *encryption) open(ctx context.Context) error {
	if len(c.masters) == 0 {
		n, err := c.rdb.Exists(ctx, keysKey).Result()
		if err == nil && n > 0 {
			err = fmt.Errorf("%w is not set, and this installation is encrypted: set it, or ROLLCALL_REDIS_ENCRYPTION_KEY, to the key that the other processes have", ErrKey)
		}
		return err
	}
	if c.readOnly {
		if err := c.load(ctx); err != nil || c.ring.Top() > 0 {
			return err
		}
		return c.ring.Put(1, sealed.NewDataKey())
	}
	if err := c.rdb.HSetNX(ctx, keysKey, "1", c.masters.Wrap(keyPlace("1"), sealed.NewDataKey())).Err(); err != nil {
		return err
	}
	return c.load(ctx)
}

// CheckKey returns the error that Open would return for an encryption key. Unlike Open it writes nothing.
func CheckKey(ctx context.Context, rdb redis.UniversalClient, encryptionKey string) error {
	masters, err := sealed.Parse(encryptionKey)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKey, err)
	}
	c := &encryption{rdb: rdb, masters: masters}
	if c.on() {
		return c.load(ctx)
	}
	return c.open(ctx) // only reads
}

func keyPlace(n string) string { return "data key " + n }

func (c *encryption) on() bool { return len(c.masters) > 0 }

// load reads the data keys. It forgets those that Redis no longer holds, because only this process could read what was
// sealed with one of them.
func (c *encryption) load(ctx context.Context) error {
	wrapped, err := c.rdb.HGetAll(ctx, keysKey).Result()
	if err != nil {
		return err
	}
	var faults []error // a key that cannot be opened does not keep the others from being loaded
	keys := make(map[uint64][]byte, len(wrapped))
	lacks := make(map[string]bool) // the master keys that an error names: one seals several data keys
	for field, text := range wrapped {
		n, err := strconv.ParseUint(field, 10, 64)
		if err != nil {
			faults = append(faults, fmt.Errorf("%w: the key %s holds %q, which is not the number of a data key", ErrKey, keysKey, field))
			continue
		}
		key, err := c.masters.Unwrap(keyPlace(field), text)
		if err == nil {
			keys[n], err = key, c.ring.Put(n, key)
		}
		var missing *sealed.MissingError
		switch {
		case errors.As(err, &missing) && !lacks[missing.ID]:
			lacks[missing.ID] = true
			faults = append(faults, fmt.Errorf("%w: %w", ErrKey, missing))
		case missing == nil && err != nil:
			faults = append(faults, fmt.Errorf("%w: data key %d: %w", ErrKey, n, err))
		}
	}
	if len(faults) == 0 && len(keys) > 0 {
		faults = append(faults, c.ring.Replace(keys))
	}
	c.mu.Lock()
	c.looked = time.Now()
	c.mu.Unlock()
	return errors.Join(faults...)
}

// fresh loads newer data keys when the last load is keysFor old. It ignores a failure: the newest key at hand still
// seals.
func (c *encryption) fresh(ctx context.Context) {
	c.mu.Lock()
	due := c.on() && time.Since(c.looked) > keysFor
	if due {
		c.looked = time.Now() // other callers do not load at the same time
	}
	c.mu.Unlock()
	if due {
		_ = c.load(ctx)
	}
}

// seal makes a value unreadable without a key.
func (c *encryption) seal(place string, plain []byte) []byte {
	if !c.on() {
		return plain
	}
	return c.ring.Seal([]byte{formSealed}, place, plain)
}

// errKeysUnread says that Redis did not give the data keys: the value may be sound.
var errKeysUnread = errors.New("read the data keys")

// unseal reads a value, sealed or from before encryption was set. It fails with ErrUnreadable, or with
// errKeysUnread.
func (c *encryption) unseal(ctx context.Context, place string, value []byte) ([]byte, error) {
	if len(value) == 0 || value[0] != formSealed {
		return value, nil
	}
	if !c.on() {
		return nil, fmt.Errorf("%w: %w: it is encrypted, and no key is set", ErrUnreadable, ErrKey)
	}
	plain, err := c.ring.Open(place, value[1:])
	if err != nil { // its data key is newer, or Redis was emptied and has another key of that number
		if err := c.load(ctx); errors.Is(err, ErrKey) {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		} else if err != nil {
			return nil, fmt.Errorf("%w: %w", errKeysUnread, err)
		}
		plain, err = c.ring.Open(place, value[1:])
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return plain, nil
}

// secret returns the installation's key for hashing people, and the text of it in Redis. If there is none, it makes
// one. With encryption the text is sealed like the rest: a person who has the key can try all numbers until a hash
// fits.
func (c *encryption) secret(ctx context.Context) (secret []byte, text string, err error) {
	const key = secretKey
	if c.readOnly {
		text, err = c.rdb.Get(ctx, key).Result()
		if errors.Is(err, redis.Nil) {
			return sealed.NewDataKey(), "", nil
		}
		if err != nil {
			return nil, "", err
		}
		secret, err = c.opened(ctx, text)
		return secret, text, err
	}
	if err := c.rdb.SetNX(ctx, key, c.written(hex.EncodeToString(sealed.NewDataKey())), 0).Err(); err != nil {
		return nil, "", err
	}
	if text, err = c.rdb.Get(ctx, key).Result(); err != nil {
		return nil, "", err
	}
	if c.on() && !strings.HasPrefix(text, sealedPrefix) {
		if _, err := swapScript.Run(ctx, c.rdb, []string{key}, setIf(whole, text, c.written(text), 0)...).Result(); err != nil {
			return nil, "", err
		}
	}
	secret, err = c.opened(ctx, text)
	return secret, text, err
}

// opened returns the secret that a stored text holds.
func (c *encryption) opened(ctx context.Context, text string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(text, sealedPrefix); ok {
		plain, err := c.unseal(ctx, secretPlace, []byte(rest))
		if err != nil {
			return nil, err
		}
		text = string(plain)
	}
	secret, err := hex.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("the key %s is not ours: %w", secretKey, err)
	}
	return secret, nil
}

func (c *encryption) written(secret string) string {
	if !c.on() {
		return secret
	}
	return sealedPrefix + string(c.seal(secretPlace, []byte(secret)))
}
