package dispatch

import (
	"fmt"

	"github.com/rs/zerolog"
)

// logger is zerolog for asynq, which says everything about its own life at info: ours at debug. It passes
// text only, and never a payload.
type logger struct{ log zerolog.Logger }

func (l logger) Debug(args ...any) { l.log.Trace().Msg(fmt.Sprint(args...)) }
func (l logger) Info(args ...any)  { l.log.Debug().Msg(fmt.Sprint(args...)) }
func (l logger) Warn(args ...any)  { l.log.Warn().Msg(fmt.Sprint(args...)) }
func (l logger) Error(args ...any) { l.log.Warn().Msg(fmt.Sprint(args...)) }

// Fatal does not end the process, as asynq's own logger would (internal/log/log.go:63): calls are
// under way.
func (l logger) Fatal(args ...any) { l.log.Error().Bool("fatal", true).Msg(fmt.Sprint(args...)) }
