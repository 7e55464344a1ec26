package enqueue

import "github.com/rollcallhq/rollcall/tasks"

// chunkBytes is the approximate maximum of bytes in a chunk. Without this limit, each stage could hold hundreds of rows
// of one MiB.
const chunkBytes = 2 << 20

// weigh estimates how many bytes a request takes in memory while it is accepted.
func weigh(r tasks.GroupRequest) int {
	const row, person = 512, 256 // overhead of a record and of each person in it
	n := row + (len(r.Phones)+len(r.ChatIDs))*person + len(r.GroupName) + len(r.InviteMessage) +
		len(r.IdempotencyKey) + len(r.Description) + len(r.Photo) + len(r.WelcomeMessage) + len(r.ExternalRef) + lengthOf(r.Metadata)
	for _, p := range r.Phones {
		n += len(p)
	}
	for who, name := range r.Names {
		n += len(who) + len(name)
	}
	for _, id := range r.ChatIDs {
		n += len(id)
	}
	return n
}

func lengthOf(value any) int {
	n := 16
	switch v := value.(type) {
	case string:
		n += len(v)
	case map[string]any:
		for key, item := range v {
			n += len(key) + lengthOf(item)
		}
	case []any:
		for _, item := range v {
			n += lengthOf(item)
		}
	}
	return n
}
