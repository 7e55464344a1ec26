package lane

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
)

// logger is zerolog for asynq, which says everything about its own life at info, a thousand lanes'
// worth: ours at debug. It passes text only, and never a payload.
type logger struct{ log zerolog.Logger }

func (l logger) Debug(args ...any) { l.log.Trace().Msg(fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.log.Debug().Msg(fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.log.Warn().Msg(fmt.Sprint(args...)) }

// Error hides that lanes do not listen for cancellations (client.Subscribe), and says at debug what every lane's heartbeat would say every five seconds while Redis takes no
// writes: the worker's own sign of life fails with it and is told once.
func (l logger) Error(args ...any) {
	text := fmt.Sprint(args...)
	if strings.HasPrefix(text, "cannot subscribe to cancelation channel") {
		return
	}
	if strings.HasPrefix(text, "Failed to write server state data") || strings.HasPrefix(text, "Failed to extend lease") {
		l.log.Debug().Msg(text)
		return
	}
	l.log.Error().Msg(text)
}

// Fatal does not end the process, as asynq's own logger would (internal/log/log.go:63): calls are
// under way.
func (l logger) Fatal(args ...any) { l.log.Error().Bool("fatal", true).Msg(fmt.Sprint(args...)) }
