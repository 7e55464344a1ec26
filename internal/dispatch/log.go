package dispatch

import (
	"fmt"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
)

// logger writes asynq's log with zerolog. asynq logs its own start and stop at info, which is debug here. asynq
// passes only text, and never a payload.
type logger struct{ log zerolog.Logger }

func (l logger) Debug(args ...any) { write(l.log.Trace(), args) }
func (l logger) Info(args ...any)  { write(l.log.Debug(), args) }
func (l logger) Warn(args ...any)  { write(l.log.Warn(), args) }
func (l logger) Error(args ...any) { write(l.log.Warn(), args) }

// Fatal does not end the process, as asynq's own logger would (internal/log/log.go:63): calls are
// under way.
func (l logger) Fatal(args ...any) { write(l.log.Error().Bool("fatal", true), args) }

func write(e *zerolog.Event, args []any) {
	e.EmbedObject(event.AsynqLog).Str("text", fmt.Sprint(args...)).Msg("asynq log line")
}
