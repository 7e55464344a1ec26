package tasks_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/tasks"
)

// FuzzDecodePayload checks that no payload causes a panic, and that each one that decodes has a version.
func FuzzDecodePayload(f *testing.F) {
	for _, task := range every() {
		f.Add(task.Payload.Encode())
	}
	for _, s := range []string{``, `null`, `{}`, `{"v":2}`, `{"v":1e9}`, `{"v":1,"person":-1}`, `{"v":1,"person":["x"]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := tasks.DecodePayload(data)
		if err == nil && p.Version < 1 {
			t.Fatalf("%q has no version: %+v", data, p)
		}
	})
}
