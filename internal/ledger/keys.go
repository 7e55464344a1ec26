package ledger

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// prefix begins every key of rollcall (asynq's begin with "asynq:").
const prefix = "rollcall:"

// index begins every key of the index. They share one slot, because one script moves a group
// between several of them.
const index = prefix + "{ix}:"

func recordKey(id string) string { return prefix + "{" + id + "}" }

func idempotencyKey(scope, key string) string { return prefix + "key:" + digest(scope, key) }

func whatsAppKey(groupID string) string { return prefix + "wa:" + digest(groupID) }

func nameKey(instance, name string) string { return prefix + "name:" + digest(instance, name) }

func batchKey(id string) string { return index + "b:" + id }

func addingKey(batch string) string { return index + "adding:" + batch }

func workerKey(id string) string { return prefix + "worker:" + id }

// digest shortens user-chosen words of any length and alphabet to a key of fixed size.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// person is the keyed hash of one way of recognising a person: a folded number or a LID. Redis
// never sees the number in an index.
func (l *Ledger) person(key string) []byte {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(key))
	return mac.Sum(nil)
}

// phoneBucket is where groups are found by a person. A sorted set holds many people, so that a
// person costs some 30 bytes in a compact encoding instead of a key of its own.
func (l *Ledger) phoneBucket(key string) (bucket, member string) {
	sum := l.person(key)
	return prefix + "ph:" + hex.EncodeToString(sum[:2]), string(sum[2:10])
}
