package app

import (
	"crypto/rand"
	"os"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/store"
)

// TellLate returns a function that logs what failed after a decision was recorded.
func TellLate(log zerolog.Logger) func(id, instance string, err error) {
	return func(id, instance string, err error) {
		log.Warn().EmbedObject(event.FollowUpFailed).Err(err).Str("group", id).Str("instance", instance).Msg("decision not followed up")
	}
}

// NewJobs returns a process' runner of bulk jobs, which logs their results. It starts nothing.
func NewJobs(control *operate.Control, log zerolog.Logger) *operate.Runner {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return operate.NewRunner(operate.RunnerConfig{
		Control: control, Name: host + "-" + rand.Text(),
		Ended: func(j store.Job) {
			log.Info().EmbedObject(event.BulkJobEnded).Str("job", j.ID).Str("action", j.Action).Str("state", string(operate.StateOf(j))).
				Int("done", j.Done).Int("failed", j.Failed).Int("of", j.Total).Str("error", j.Error).Msg("bulk job ended")
		},
		Cut: func(err error) { log.Warn().EmbedObject(event.BulkJobCut).Err(err).Msg("bulk jobs cut short") },
	})
}
