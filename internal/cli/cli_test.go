package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// outside returns a process without a terminal: what it writes is in out and errs, and signals interrupts it.
func outside(env map[string]string, args ...string) (o *IO, out, errs *bytes.Buffer, signals chan os.Signal) {
	out, errs, signals = &bytes.Buffer{}, &bytes.Buffer{}, make(chan os.Signal, 2)
	return &IO{
		Args: args, In: strings.NewReader(""), Out: out, Err: errs,
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Width:     func() int { return 0 },
		Signals:   func() (<-chan os.Signal, func()) { return signals, func() {} },
		Now:       noon,
		CacheDir:  func() (string, error) { return "", errors.New("a test has no cache directory") },
	}, out, errs, signals
}

func TestCode_TheTypeOfTheErrorDecides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		want int
	}{
		{"nothing went wrong", nil, Done},
		{"anything else", errors.New("boom"), Failed},
		{"what a command decides", fmt.Errorf("wrapped: %w", Exit(Partly, nil)), Partly},
		{"a wrong flag", Usage("no"), BadUsage},
		{"a faulty configuration", config.Faults{{What: "wrong"}}, BadUsage},
		{"an unusable input", fmt.Errorf("read: %w", &intake.Unusable{Why: say.Words("no")}), BadUsage},
		{"a wrong Redis address", redisconn.Valid("nonsense", redisconn.Access{}), BadUsage},
		{"an unfit Redis", fmt.Errorf("x: %w", redisconn.ErrUnfit), BadUsage},
		{"a wrong encryption key", fmt.Errorf("open: %w", store.ErrKey), BadUsage},
		{"an unreachable Redis", fmt.Errorf("list: %w", &os.SyscallError{Syscall: "connect", Err: syscall.ECONNREFUSED}), Unreachable},
		{"a missing file is not a missing Redis", &fs.PathError{Op: "open", Err: syscall.ENOENT}, Failed},
		{"an unknown id", fmt.Errorf("group: %w", store.ErrNotFound), Failed},
		{"an action that the group's state does not allow", fmt.Errorf("cancel: %w", group.ErrState), Failed},
		{"a signal", fmt.Errorf("stopped: %w", ErrInterrupted), Interrupted},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Code(c.err); got != c.want {
				t.Errorf("got %d for %v, want %d", got, c.err, c.want)
			}
		})
	}
}

// program returns a command tree whose one command, work, calls the function work.
func program(work func(ctx context.Context) error) *cobra.Command {
	root := &cobra.Command{Use: "prog"}
	root.AddCommand(&cobra.Command{
		Use: "work", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return work(cmd.Context()) },
	})
	return root
}

func TestRun_BeginsEachLineOfAnErrorWithTheProgramsName(t *testing.T) {
	t.Parallel()
	o, out, errs, _ := outside(nil, "work")
	code := Run(o, program(func(context.Context) error { return errors.New("one\ntwo") }))
	if want := "prog: one\nprog: two\n"; errs.String() != want || code != Failed || out.Len() > 0 {
		t.Errorf("got %q and the code %d, want %q and 1; stdout %q", errs, code, want, out)
	}
}

func TestRun_AWrongCommandLineIsAUsageErrorThatNamesTheHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"work", "--nonsense"}, {"work", "much"}, {"nonsense"}, {"help", "nonsense"}, {"help", "work", "nonsense"}} {
		o, _, errs, _ := outside(nil, args...)
		if code := Run(o, program(func(context.Context) error { return nil })); code != BadUsage {
			t.Errorf("%v: got the code %d, want 2", args, code)
		}
		if !strings.Contains(errs.String(), "see: prog") {
			t.Errorf("%v: it said %q, want the help's command in it", args, errs)
		}
	}
}

// full is a writer without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestRun_HelpThatCannotBeWrittenIsAFailure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"help", "work"}, {"work", "--help"}} {
		o, _, errs, _ := outside(nil, args...)
		o.Out = full{}
		root := program(func(context.Context) error { return nil })
		UseHelp(root)
		if code := Run(o, root); code != Failed || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%v: got the code %d and %q, want 1 and the cause", args, code, errs)
		}
	}
}

func TestRun_TheFirstSignalLetsTheCommandFinish(t *testing.T) {
	t.Parallel()
	o, _, _, signals := outside(nil, "work")
	code := Run(o, program(func(ctx context.Context) error {
		signals <- os.Interrupt
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), ErrInterrupted) {
			t.Errorf("got the cause %v, want ErrInterrupted", context.Cause(ctx))
		}
		return nil // drained
	}))
	if code != Done {
		t.Errorf("got the code %d, want 0: the command finished", code)
	}
}

func TestRun_AnErrorAfterASignalMeansInterrupted(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		errors.New("the group is gone"):                          "the group is gone",
		fmt.Errorf("rank 9 groups: %w", os.ErrDeadlineExceeded):  "no answer in time",
		Exit(Failed, errors.New("9 groups changed before that")): "9 groups changed before that",
	} {
		o, _, said, signals := outside(nil, "work")
		code := Run(o, program(func(ctx context.Context) error {
			signals <- os.Interrupt
			<-ctx.Done()
			return err
		}))
		if code != Interrupted || !strings.Contains(said.String(), want) || strings.Contains(said.String(), "rank") {
			t.Errorf("got the code %d and %q, want 130 and %q", code, said, want)
		}
	}
}

func TestRun_TheSecondSignalDoesNotWait(t *testing.T) {
	t.Parallel()
	o, _, _, signals := outside(nil, "work")
	hang := make(chan struct{})
	defer close(hang)
	code := Run(o, program(func(ctx context.Context) error {
		signals <- os.Interrupt
		<-ctx.Done()
		signals <- os.Interrupt
		<-hang
		return nil
	}))
	if code != Interrupted {
		t.Errorf("got the code %d, want 130", code)
	}
}

// session opens the common flags as a command would.
func session(t *testing.T, o *IO, args ...string) (*Session, error) {
	t.Helper()
	var c Common
	cmd := &cobra.Command{Use: "prog"}
	c.AddFlags(cmd.PersistentFlags(), zerolog.WarnLevel)
	if err := cmd.PersistentFlags().Parse(args); err != nil {
		t.Fatal(err)
	}
	return c.Open(o, "prog")
}

func TestCommonOpen_AFlagWinsOverItsVariable(t *testing.T) {
	t.Parallel()
	env := map[string]string{"ROLLCALL_OUTPUT": "json", "ROLLCALL_QUIET": "true"}
	o, _, _, _ := outside(env)
	s, err := session(t, o)
	if err != nil || s.Format != JSON || !s.Quiet {
		t.Errorf("got %v, quiet %v, %v; want what the environment says", s.Format, s.Quiet, err)
	}
	if s, err = session(t, o, "--output", "jsonl"); err != nil || s.Format != JSONL {
		t.Errorf("got %v, %v; want what the flag says", s.Format, err)
	}
}

func TestIOGiven_AnEmptyVariableSetsNothing(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"": false, "127.0.0.1:0": true} {
		o, _, _, _ := outside(map[string]string{"ROLLCALL_LISTEN": value})
		flags := pflag.NewFlagSet("prog", pflag.ContinueOnError)
		flags.String("listen", DefaultListen, "")
		if got := o.Given(flags, "listen"); got != want {
			t.Errorf("with the variable %q: got %v, want %v", value, got, want)
		}
	}
}

func TestCommonOpen_AnUnknownValueIsAUsageError(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--output", "yaml"}, {"--log-level", "loud"}, {"--log-format", "xml"}, {"--redis", ""}, {"--config", ""}} {
		o, _, _, _ := outside(nil)
		if _, err := session(t, o, args...); Code(err) != BadUsage {
			t.Errorf("%v: got %v, want a usage error", args, err)
		}
	}
	o, _, _, _ := outside(map[string]string{"ROLLCALL_NO_INPUT": "perhaps"})
	if _, err := session(t, o); Code(err) != BadUsage || !strings.Contains(err.Error(), "$ROLLCALL_NO_INPUT") {
		t.Errorf("got %v, want the variable's name in a usage error", err)
	}
}

func TestSession_QuietSilencesMessagesButNotWarnings(t *testing.T) {
	t.Parallel()
	o, out, errs, _ := outside(nil)
	s, err := session(t, o, "--quiet")
	if err != nil {
		t.Fatal(err)
	}
	s.Say("by the way")
	s.Warn("mind %s", "this")
	p := s.Progress("things")
	p.Stop()
	if errs.String() != "prog: mind this\n" || out.Len() > 0 {
		t.Errorf("got %q on stderr and %q on stdout, want the warning alone", errs, out)
	}
}

func TestLog_IsJSONWithoutATerminal(t *testing.T) {
	t.Parallel()
	o, _, errs, _ := outside(nil)
	s, err := session(t, o, "--log-level", "info")
	if err != nil {
		t.Fatal(err)
	}
	s.Log.Debug().Msg("hidden")
	s.Log.Info().Msg("shown")
	var line map[string]any
	if err := json.Unmarshal(errs.Bytes(), &line); err != nil || line["message"] != "shown" {
		t.Errorf("got %q (%v), want one JSON line", errs, err)
	}
}

func TestProgress_ShowsCountRateFailuresAndTheEnd(t *testing.T) {
	t.Parallel()
	o, _, _, _ := outside(nil)
	p := &Progress{s: &Session{IO: o}, what: "groups ended", begun: noon()}
	for _, c := range []struct {
		name string
		step Step
		want []string
	}{
		{"nothing yet", Step{}, []string{"groups ended: 0"}},
		{"no total", Step{Done: 120}, []string{"groups ended: 120, 12/s"}},
		{"half way", Step{Done: 5, Total: 10, Failed: 2}, []string{"groups ended: 5 of 10 (50%), 30.0/min, 2 failed, done about 12:00 UTC (in 10s)"}},
		{"the end is known", Step{Done: 1, Total: 10, Until: noon().Add(2 * time.Hour)}, []string{"1 of 10 (10%)", "done about 14:00 UTC (in 1h59m)"}},
		{"a pace decides", Step{Done: 5, Total: 10, Paced: true, Note: "no estimate yet: waits for alpha until 2026-11-28T14:00:00Z"}, []string{"30.0/min, no estimate yet: waits for alpha until 2026-11-28 14:00 UTC"}},
	} {
		p.state = c.step
		got := p.line(noon().Add(10 * time.Second))
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q in it", c.name, got, want)
			}
		}
	}
}

func TestDistance_UsesTheLargestUnits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "now", 12 * time.Second: "in 12s", -90 * time.Second: "1m ago", 3*time.Hour + 4*time.Minute: "in 3h04m",
		100 * time.Hour: "in 4d",
	} {
		if got := Distance(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestPlain_ForeignTextCannotMoveTheCursor(t *testing.T) {
	t.Parallel()
	o, out, _, _ := outside(nil)
	p := (&Session{IO: o}).Page()
	p.Table([]string{"NAME"}, [][]string{{"a\x1b[2Jb\tc\nd\u202ee"}})
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "NAME\na[2Jb c de\n"; out.String() != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestPrint_WritesOneDocumentOrALineForEachItem(t *testing.T) {
	t.Parallel()
	doc, items := map[string]int{"n": 2}, []string{"a", "<b>"}
	for format, want := range map[Format]string{JSON: "{\n  \"n\": 2\n}\n", JSONL: "\"a\"\n\"<b>\"\n", Text: "two\n"} {
		o, out, _, _ := outside(nil)
		s := &Session{IO: o, Format: format}
		if err := Print(s, doc, items, func(p *Page) { p.Printf("two\n") }); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("%s: got %q, want %q", format, out, want)
		}
	}
}

func TestPage_OneClockForTimesAndSentences(t *testing.T) {
	t.Parallel()
	at := noon().Add(26 * time.Hour)
	for tty, want := range map[bool]string{
		true:  "waits for  alpha until 2026-01-02 11:00 -03\nuntil      2026-01-02 11:00 -03 (in 26h00m)\n",
		false: "waits for\talpha until 2026-01-02T11:00:00-03:00\nuntil\t2026-01-02T11:00:00-03:00\n",
	} {
		o, out, _, _ := outside(nil)
		o.OutTTY, o.Zone = tty, time.FixedZone("-03", -3*3600)
		p := (&Session{IO: o}).Page()
		p.Fields("waits for", "alpha until "+at.Format(time.RFC3339), "until", p.Time(&at))
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
		want = strings.ReplaceAll(want, "2026-01-02", at.Add(-3*time.Hour).Format(time.DateOnly))
		if got := out.String(); got != want {
			t.Errorf("on a terminal %v: got %q, want %q", tty, got, want)
		}
	}
}

// In a container without /etc/passwd user.Current fails.
func TestUserName_AnUnlistedUserIsNamedByItsNumber(t *testing.T) {
	t.Parallel()
	unlisted := errors.New("user: Current requires cgo or $USER set in environment")
	for _, c := range []struct {
		u    *user.User
		err  error
		uid  int
		want string
	}{
		{&user.User{Uid: "1000", Username: "ana"}, nil, 1000, "ana"},
		{nil, unlisted, 65532, "uid 65532"},
		{nil, unlisted, -1, "unknown"},
	} {
		if got := userName(c.u, c.err, c.uid); got != c.want {
			t.Errorf("uid %d (%v): got %q, want %q", c.uid, c.err, got, c.want)
		}
	}
}
