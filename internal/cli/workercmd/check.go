package workercmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func newCheckCommand(o *cli.IO, common *cli.Common) *cobra.Command {
	cmd := &cobra.Command{
		Use: "check", Short: "Say whether a run would work, and what to mend", Args: cobra.NoArgs,
		Long: `Check what a run needs: the configuration, Redis, and each instance, which is asked for its state and
its own number. Redis is asked to do what a run does, with keys that are gone afterwards: nothing else is
changed, and no message is sent.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := common.Open(o, program)
			if err != nil {
				return err
			}
			return runCheck(cmd.Context(), s)
		},
	}
	cmd.Example = `rollcall-worker check --config rollcall.yaml
rollcall-worker check --output json | jq '.instances[] | select(.ok | not)'`
	return cli.WithExit(cmd, cli.ExitLines(
		"0    a run would work, with every instance",
		"1    an instance would not work")...)
}

// checkup is the answer of check: its JSON document.
type checkup struct {
	OK        bool              `json:"ok"` // a run would work, with every instance
	Config    configCheckup     `json:"config"`
	Redis     *redisCheckup     `json:"redis"` // null when it was not checked
	Instances []instanceCheckup `json:"instances"`
}

type configCheckup struct {
	Path     string    `json:"path"` // "" when there is no file
	OK       bool      `json:"ok"`
	Faults   []finding `json:"faults"`
	Warnings []finding `json:"warnings"`
}

type redisCheckup struct {
	URL      string    `json:"url"` // without its password
	OK       bool      `json:"ok"`
	Version  string    `json:"version"`
	Findings []finding `json:"findings"`

	held bool // it is reachable, and a run would make no call
}

// finding is one fault or warning, and its remedy.
type finding struct {
	Where  string `json:"where"` // file, line and key, or a node of Redis
	What   string `json:"what"`
	Remedy string `json:"remedy"`
}

// runCheck checks everything that can be checked, so that one run shows every fault. The worst fault decides the exit
// code: the configuration, then Redis, then the instances.
func runCheck(ctx context.Context, s *cli.Session) error {
	cfg, err := s.Settings(config.Uses{})
	c := checkup{Config: configCheckup{Path: s.ConfigPath(), OK: err == nil, Faults: []finding{}, Warnings: []finding{}}, Instances: []instanceCheckup{}}
	if err != nil {
		faults, ok := errors.AsType[config.Faults](err)
		if !ok {
			return err
		}
		c.Config.Faults = findingsOf(faults)
		return errors.Join(c.print(s), cli.Exit(cli.BadUsage, nil))
	}
	c.Config.Warnings = findingsOf(cfg.Warnings)
	var verdict error
	if traces, err := s.Tracing(ctx, program); err != nil {
		c.Config.OK, verdict = false, cli.Exit(cli.BadUsage, nil)
		c.Config.Faults = append(c.Config.Faults, finding{Where: "OTEL_…", What: err.Error()})
	} else {
		s.CloseTracing(ctx, traces)
	}
	if warning := fewFiles(); warning != "" {
		c.Config.Warnings = append(c.Config.Warnings, finding{Where: "open files", What: warning})
	}
	if len(cfg.Instances) == 0 {
		c.Config.OK, verdict = false, cli.Exit(cli.BadUsage, nil)
		c.Config.Faults = append(c.Config.Faults, finding{
			Where: cfg.Path, What: "no instances are configured, so there is nothing to run",
			Remedy: "list them under instances:, or try `rollcall-worker dev`, which needs none",
		})
	}
	checked := make(chan []instanceCheckup, 1) // runs while Redis is checked
	go func() { checked <- checkInstances(ctx, cfg) }()
	redisErr := c.checkRedis(ctx, s, cfg)
	c.Instances = <-checked
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if verdict == nil && redisErr != nil {
		verdict = cli.Exit(cli.Code(redisErr), nil)
	}
	for i := range c.Instances {
		if verdict == nil && !c.Instances[i].OK {
			verdict = cli.Exit(cli.Failed, nil)
		}
	}
	c.OK = verdict == nil
	return errors.Join(c.print(s), verdict)
}

// checkRedis opens Redis and judges it, as a run would. It returns the error with which a run would end.
func (c *checkup) checkRedis(ctx context.Context, s *cli.Session, cfg *config.Config) error {
	c.Redis = &redisCheckup{URL: redisconn.Display(cfg.Redis.URL.Reveal(), cli.RedisAccess(cfg)), Findings: []finding{}}
	conn, err := s.OpenRedis(ctx, cfg)
	if err != nil {
		c.Redis.fail(err)
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was written that could be lost
	report, err := conn.Judge(ctx, app.RedisNeeds(cfg))
	if err != nil {
		c.Redis.fail(err)
		return err
	}
	c.Redis.Version = report.Version
	for _, f := range report.Findings {
		c.Redis.Findings = append(c.Redis.Findings, finding{Where: f.Node, What: f.What, Remedy: f.Remedy})
	}
	if err := store.CheckKey(ctx, conn.Client(), cfg.Redis.EncryptionKey.Reveal()); err != nil {
		c.Redis.fail(err)
		return err
	}
	why, err := standing(ctx, conn, cfg.Redis.Installation)
	if err != nil {
		c.Redis.fail(err)
		return err
	}
	if why != "" {
		c.Redis.held = true
		c.Redis.Findings = append(c.Redis.Findings, finding{What: why})
		return cli.Exit(cli.BadUsage, nil)
	}
	err = report.Refuse(cfg.Redis.RequireDurable)
	c.Redis.OK = err == nil
	return err
}

// standing says why a run would make no call on this Redis; "" if it would.
func standing(ctx context.Context, conn *redisconn.Conn, configured string) (string, error) {
	rdb := conn.Client()
	key, err := store.Misused(ctx, rdb)
	if err != nil {
		return "", err
	}
	i, err := store.ReadInstallation(ctx, rdb)
	if err != nil {
		return "", err
	}
	if key == "" {
		key = i.Blocked
	}
	if key == "" {
		_, err := queue.New(rdb, nil).Counts(ctx)
		if blocked, ok := errors.AsType[*queue.BlockedError](err); ok {
			key = blocked.Key
		} else if err != nil {
			return "", err
		}
	}
	var why say.Phrase
	switch {
	case key != "":
		why = say.Phrase{Code: say.KeyBlocked, Place: key}
	case i.Loss == store.Foreign, configured != "" && i.ID != "" && i.ID != configured:
		why.Code = say.LossForeign
	case i.Loss == store.Emptied, configured != "" && i.ID == "":
		why.Code = say.LossEmptied
	}
	return why.String(), nil
}

func (c *redisCheckup) fail(err error) {
	f := finding{What: redisconn.Explain(err)}
	if e, ok := errors.AsType[*redisconn.Error](err); ok {
		f.What, f.Remedy = e.What, e.Remedy
	}
	c.Findings = append(c.Findings, f)
}

func findingsOf(faults []config.Fault) []finding {
	all := make([]finding, len(faults))
	for i, f := range faults {
		where := f.File
		if f.Line > 0 {
			where = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if f.Key != "" {
			where += " " + f.Key
		}
		all[i] = finding{Where: where, What: f.What, Remedy: f.Remedy}
	}
	return all
}
