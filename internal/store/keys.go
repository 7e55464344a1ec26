package store

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/rollcallhq/rollcall/internal/group"
)

// prefix begins every key of rollcall (asynq's begin with "asynq:").
const prefix = "rollcall:"

// index begins every key of the index. They share one slot, because one script moves a group
// between several of them.
const index = prefix + "{ix}:"

func recordKey(id string) string { return prefix + "{" + id + "}" }

// sureKey returns the key that is written after a record, in the same slot: see Replicated.
func sureKey(id string) string { return recordKey(id) + ":sure" }

// idempotencyKey returns the key of a claim, which the record of its group names.
func idempotencyKey(claim []byte) string { return prefix + "key:" + hex.EncodeToString(claim) }

// whatsAppKey returns the key of the claim on a group at WhatsApp. All ids of one group have the same key.
func whatsAppKey(groupID string) string { return prefix + "wa:" + digest(group.FoldWhatsApp(groupID)) }

// nameKey returns the key of the reservation of a name on a number. Names that a look could not tell apart have the
// same key.
func nameKey(number, name string) string {
	return prefix + "name:" + digest(number, group.FoldName(name))
}

// metKey returns the key of the WhatsApp groups that a number was seen to have.
func metKey(number string) string { return prefix + "met:" + digest(number) }

// secretKey has the installation's key for hashing people.
const secretKey = prefix + "secret"

// removedKey returns the key that exists after a person has removed a record which could not be read: see Remove.
func removedKey(id string) string { return recordKey(id) + ":removed" }

// leadKey returns the key of the worker that does a job.
func leadKey(job string) string { return prefix + "lead:" + job }

func batchKey(id string) string { return index + "b:" + id }

// poolCountsKey returns the key of the counts of a pool's groups and people, and poolBatchesKey that of the batches
// with a group of the pool.
func poolCountsKey(pool string) string  { return index + "pn:" + pool }
func poolBatchesKey(pool string) string { return index + "pb:" + pool }

// countsKey returns the key of the counts of groups and people: of a pool, or of all pools if pool is "".
func countsKey(pool string) string {
	if pool == "" {
		return index + "n"
	}
	return poolCountsKey(pool)
}

// waitingKey returns the key of the counts of people who wait, and faultsKey that of the groups with each fault: of one
// pool, or of all pools if pool is "".
func waitingKey(pool string) string { return ofPool(index+"waiting", pool) }
func faultsKey(pool string) string  { return ofPool(index+"faults", pool) }

func ofPool(key, pool string) string {
	if pool == "" {
		return key
	}
	return key + ":" + pool
}

// knowsKey returns the key of the names of the instances that the workers with this digest know.
func knowsKey(digest string) string { return prefix + "knows:" + digest }

func addingKey(batch string) string { return index + "adding:" + batch }

func workerKey(id string) string { return prefix + "worker:" + id }

// digest shortens user-chosen words of any length and alphabet to a key of fixed size.
func digest(parts ...string) string { return hex.EncodeToString(digestBytes(parts...)) }

func digestBytes(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)[:16]
}
