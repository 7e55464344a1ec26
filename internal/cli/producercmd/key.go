package producercmd

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/config"
)

type keyOptions struct {
	Name  string
	Role  string
	Pools []string
	Only  string
}

func newKeyCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make keys for the HTTP API",
		Long: `Make keys for the HTTP API. A key is shown once and kept nowhere; the configuration has its hash. To
change a key without a gap, add a second one, give it to who used the first, and take that out.`,
		Example: `rollcall-producer key new --name crm --role operator`,
	}
	cli.WithExit(cmd, "0    done", "2    the command line is wrong")
	return cli.Group(cmd, newKeyNewCommand(p))
}

// keyName is what the configuration takes as a key's name.
var keyName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func newKeyNewCommand(p *program) *cobra.Command {
	var o keyOptions
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a key, show it once, and the line for the configuration",
		Long: `Make a key. It is shown this once: give it to whom it is for. The line below it goes into
rollcall.yaml under api.keys; it cannot be turned back into the key. Then restart serve.

A viewer reads. An operator creates, cancels, retries, resolves, pauses, slows down and keeps the suppression
list, too. An admin may do everything. With --pool the key sees and touches only groups of these pools.`,
		Example: `rollcall-producer key new --name crm --role operator
rollcall-producer key new --name school-a --pool school-a --only create
rollcall-producer key new --name grafana --role viewer --output json | jq -r .key`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := p.common.Open(p.IO, cmd.Root().Name())
			if err != nil {
				return err
			}
			return runKeyNew(s, o)
		},
	}
	cmd.Flags().StringVar(&o.Name, "name", "", "the key's `NAME` in the server's log (default: its role)")
	cmd.Flags().StringVar(&o.Role, "role", auth.Operator.String(), "the key's `ROLE`: viewer, operator or admin")
	cmd.Flags().StringSliceVar(&o.Pools, "pool", nil, "bind the key to `POOL`; again for several (default: it sees everything)")
	cmd.Flags().StringVar(&o.Only, "only", "", "let the key do `WHAT` alone: create (default: all that its role allows)")
	return cli.WithExit(cmd, "0    done", "2    the command line is wrong")
}

// newKey is the answer of key new.
type newKey struct {
	Name string `json:"name"`
	Role string `json:"role"`
	// Pools and Only are left out of a key that is not limited.
	Pools []string `json:"pools,omitempty"`
	Only  string   `json:"only,omitempty"`
	Key   string   `json:"key"`
	Hash  string   `json:"hash"`
}

func runKeyNew(s *cli.Session, o keyOptions) error {
	o.Name = cmp.Or(o.Name, o.Role)
	if !keyName.MatchString(o.Name) {
		return cli.Usage("--name is one word of small letters, digits and dashes, as crm")
	}
	if _, ok := auth.ParseRole(o.Role); !ok {
		return cli.Usage("--role is viewer, operator or admin, not %q", o.Role)
	}
	if o.Only != "" && o.Only != string(config.OnlyCreate) || o.Only != "" && o.Role == auth.Viewer.String() {
		return cli.Usage("--only is create, and goes with the role operator or admin")
	}
	for _, pool := range o.Pools {
		if !keyName.MatchString(pool) {
			return cli.Usage("--pool is one word of small letters, digits and dashes, not %q", pool)
		}
	}
	k := newKey{Name: o.Name, Role: o.Role, Pools: o.Pools, Only: o.Only, Key: auth.NewKey()}
	k.Hash = auth.KeyHash(k.Key)
	return cli.Print[newKey](s, k, nil, func(page *cli.Page) {
		page.Printf("%s\n\n", k.Key)
		limits := ""
		if len(k.Pools) > 0 {
			limits += ", pools: [" + strings.Join(k.Pools, ", ") + "]"
		}
		if k.Only != "" {
			limits += ", only: " + k.Only
		}
		page.Printf("api:\n  keys:\n    - {name: %s, hash: %q, role: %s%s}\n", k.Name, k.Hash, k.Role, limits)
		s.Say("the key is the first line, and it is shown only now; the rest goes into rollcall.yaml")
	})
}
