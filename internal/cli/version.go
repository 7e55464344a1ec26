package cli

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version says how a program was built.
type Version struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Modified bool   `json:"modified"` // the commit's files had been changed
	BuiltAt  string `json:"builtAt"`  // time of the commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// ReadVersion reads what the Go linker wrote into the program.
func ReadVersion() Version {
	v := Version{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.BuiltAt = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// NewVersionCommand returns the command version.
func NewVersionCommand(o *IO, common *Common) *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Show the version", Args: cobra.NoArgs,
		Long: "Show which version this program is, from which commit it was built and with which Go.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := common.Open(o, cmd.Root().Name())
			if err != nil {
				return err
			}
			v := ReadVersion()
			return Print[Version](s, v, nil, func(p *Page) {
				p.Printf("%s %s (%s, %s)\n", cmd.Root().Name(), v.Version, v.Go, v.Platform)
				p.Fields("commit", v.Commit, "from", v.BuiltAt)
			})
		},
	}
	cmd.Example = programWord + " version --output json"
	return WithExit(cmd, "0    done")
}
