package workercmd

import "testing"

func TestOtherPrograms_InstalledWorkerNamesTheInstalledProducer(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"/usr/local/bin/rollcall-worker":    "rollcall-producer",
		`C:/rollcall/rollcall-worker.exe`:   "rollcall-producer",
		"/tmp/go-build1234/b001/exe/worker": "go run ./producer",
		"":                                  "go run ./producer",
	} {
		if got, _ := otherPrograms(program); got != want {
			t.Errorf("%s: got %s, want %s", program, got, want)
		}
	}
}
