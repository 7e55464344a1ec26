package cli

import (
	"fmt"
	"strings"

	"github.com/rs/zerolog"
	"github.com/spf13/pflag"
)

// Format is how data is written to stdout.
type Format string

// The formats.
const (
	Text  Format = "text"
	JSON  Format = "json"  // exactly one document
	JSONL Format = "jsonl" // one document a line
)

// Common are the flags that every command has.
type Common struct {
	Config    string
	Redis     string
	Output    string
	NoInput   bool
	Quiet     bool
	LogLevel  string
	LogFormat string

	flags *pflag.FlagSet
}

// AddFlags adds the common flags. level is the default of --log-level: a worker logs what it
// does, a producer logs only what is wrong.
func (c *Common) AddFlags(flags *pflag.FlagSet, level zerolog.Level) {
	flags.StringVar(&c.Config, "config", "", "read the configuration from `FILE` (default rollcall.yaml, if it is there)")
	flags.StringVar(&c.Redis, "redis", "", "use the Redis at `URL`")
	flags.StringVarP(&c.Output, "output", "o", string(Text), "write data in this `FORMAT`: text, json (one document) or jsonl (one a line)")
	flags.BoolVar(&c.NoInput, "no-input", false, "never ask")
	flags.BoolVarP(&c.Quiet, "quiet", "q", false, "say nothing but errors")
	flags.StringVar(&c.LogLevel, "log-level", level.String(), "log from this `LEVEL` on: trace, debug, info, warn, error, disabled")
	flags.StringVar(&c.LogFormat, "log-format", "", "log in this `FORMAT`: json or console (default console on a terminal)")
	c.flags = flags
}

// variable returns a flag's environment variable: --log-level is ROLLCALL_LOG_LEVEL.
func variable(flag string) string {
	if flag == "redis" { // the configuration's own name for it
		return "ROLLCALL_REDIS_URL"
	}
	return "ROLLCALL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// FromEnv gives flags that were not set the values of their environment variables.
func FromEnv(o *IO, flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		f := flags.Lookup(name)
		value, ok := o.LookupEnv(variable(name))
		if f.Changed || !ok || value == "" {
			continue
		}
		if err := flags.Set(name, value); err != nil {
			return Usage("$%s: %w", variable(name), err)
		}
		f.Changed = false // the command line did not set it
	}
	return nil
}

// Given reports whether the command line or a variable that is not empty sets a flag.
func (o *IO) Given(flags *pflag.FlagSet, name string) bool {
	return flags.Changed(name) || o.env(variable(name)) != ""
}

// NotEmpty refuses flags that the command line sets to nothing, as a script does with a variable that is not set.
func NotEmpty(flags *pflag.FlagSet, names ...string) error {
	for _, name := range names {
		if f := flags.Lookup(name); f.Changed && f.Value.String() == "" {
			return Usage("--%s is empty; give it a value, or leave it out", name)
		}
	}
	return nil
}

// Session is one run of one command: the outside of the process, and what the common flags say.
type Session struct {
	*IO
	Format  Format
	NoInput bool
	Quiet   bool
	Log     zerolog.Logger
	// Dev says that Connect took the Redis of a `rollcall-worker dev`.
	Dev bool

	common  *Common
	program string
}

// Open returns the session that the common flags describe. program is the name before every message.
func (c *Common) Open(o *IO, program string) (*Session, error) {
	if err := NotEmpty(c.flags, "config", "redis"); err != nil {
		return nil, err
	}
	// --redis is left out: the configuration reads its variable and decides which one wins.
	if err := FromEnv(o, c.flags, "config", "output", "no-input", "quiet", "log-level", "log-format"); err != nil {
		return nil, err
	}
	s := &Session{IO: o, Format: Format(c.Output), NoInput: c.NoInput, Quiet: c.Quiet, common: c, program: program}
	switch s.Format {
	case Text, JSON, JSONL:
	default:
		return nil, Usage("--output is text, json or jsonl, not %q", c.Output)
	}
	var err error
	s.Log, err = newLogger(o, c.LogLevel, c.LogFormat)
	return s, err
}

func newLogger(o *IO, level, format string) (zerolog.Logger, error) {
	at, err := zerolog.ParseLevel(strings.ToLower(level))
	if err != nil || level == "" {
		return zerolog.Nop(), Usage("--log-level is trace, debug, info, warn, error or disabled, not %q", level)
	}
	log := zerolog.New(o.Err)
	switch {
	case format == "console", format == "" && o.ErrTTY:
		_, plain := o.LookupEnv("NO_COLOR")
		log = zerolog.New(zerolog.ConsoleWriter{Out: o.Err, NoColor: plain || !o.ErrTTY, TimeFormat: "15:04:05.000"})
	case format == "json", format == "":
	default:
		return zerolog.Nop(), Usage("--log-format is json or console, not %q", format)
	}
	return log.Level(at).With().Timestamp().Logger(), nil
}

// Say tells the user something that is not data. --quiet silences it.
func (s *Session) Say(format string, args ...any) {
	if !s.Quiet {
		s.Warn(format, args...)
	}
}

// Warn tells the user something important. --quiet does not silence it.
func (s *Session) Warn(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Err, "%s: %s\n", s.program, fmt.Sprintf(format, args...))
}
