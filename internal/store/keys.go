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

// sureKey is written behind a record, in the same slot: see Replicated.
func sureKey(id string) string { return recordKey(id) + ":sure" }

// idempotencyKey is the key of a claim, which the record of its group names.
func idempotencyKey(claim []byte) string { return prefix + "key:" + hex.EncodeToString(claim) }

// whatsAppKey is shared by the ids of one group at WhatsApp.
func whatsAppKey(groupID string) string { return prefix + "wa:" + digest(group.FoldWhatsApp(groupID)) }

// nameKey is shared by names that a look could not tell apart.
func nameKey(number, name string) string {
	return prefix + "name:" + digest(number, group.FoldName(name))
}

// metKey has the WhatsApp groups that a number was seen to have.
func metKey(number string) string { return prefix + "met:" + digest(number) }

// secretKey has the installation's key for hashing people.
const secretKey = prefix + "secret"

// removedKey says that a person has removed a record which could not be read: see Remove.
func removedKey(id string) string { return recordKey(id) + ":removed" }

// leadKey has the worker that does a job.
func leadKey(job string) string { return prefix + "lead:" + job }

func batchKey(id string) string { return index + "b:" + id }

// poolCountsKey counts the groups and people of a pool, poolBatchesKey has the batches with a group of it.
func poolCountsKey(pool string) string  { return index + "pn:" + pool }
func poolBatchesKey(pool string) string { return index + "pb:" + pool }

// countsKey counts the groups and people of a pool, or of all pools if pool is "".
func countsKey(pool string) string {
	if pool == "" {
		return index + "n"
	}
	return poolCountsKey(pool)
}

// waitingKey counts the people who wait, faultsKey the groups with each fault: of one pool, or of all pools if pool is
// "".
func waitingKey(pool string) string { return ofPool(index+"waiting", pool) }
func faultsKey(pool string) string  { return ofPool(index+"faults", pool) }

func ofPool(key, pool string) string {
	if pool == "" {
		return key
	}
	return key + ":" + pool
}

// knowsKey has the names of the instances that the workers with this digest know.
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
