package producercmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	File  string
}

func newKeyCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make keys for the HTTP API",
		Long: `Make keys for the HTTP API. A key is shown once and kept nowhere; the configuration has its hash. To
change a key without a gap, add a second one, give it to the users of the first, and take that out.`,
		Example: `rollcall-producer key new --name crm --role operator`,
	}
	cli.WithExit(cmd, "0    done", "2    the command line is wrong")
	return cli.Group(cmd, newKeyNewCommand(p))
}

// keyName matches the key names that the configuration accepts.
var keyName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func newKeyNewCommand(p *program) *cobra.Command {
	var o keyOptions
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a key, show it once, and the line for the configuration",
		Long: `Make a key. It is shown this once: give it to its user. The line below it goes into
rollcall.yaml under api.keys; it cannot be turned back into the key. Then restart serve.

A viewer reads. An operator creates, cancels, retries, resolves, pauses, slows down and keeps the suppression
list, too. An admin may do everything. With --pool the key sees and changes only groups of these pools.

With --hash-file the hash also goes into a file, for hash_file in the configuration. If the file exists,
no key is made, so containers may run this at every start.`,
		Example: `rollcall-producer key new --name crm --role operator
rollcall-producer key new --name school-a --pool school-a --only create
rollcall-producer key new --name grafana --role viewer --output json | jq -r .key
rollcall-producer key new --name page --role admin --hash-file /run/rollcall/page`,
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
	cmd.Flags().StringVar(&o.File, "hash-file", "", "also write the hash into `FILE`, unless the file exists (default: none)")
	return cli.WithExit(cmd, "0    done, or the file was there", "1    the file cannot be written", "2    the command line is wrong")
}

// newKey is the answer of key new.
type newKey struct {
	Name string `json:"name"`
	Role string `json:"role"`
	// Pools and Only are left out of a key that is not limited.
	Pools []string `json:"pools,omitempty"`
	Only  string   `json:"only,omitempty"`
	Key   string   `json:"key,omitempty"`
	Hash  string   `json:"hash,omitempty"`
	// Kept says that the file was there, so no key was made.
	Kept bool `json:"kept,omitempty"`
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
	if o.File != "" {
		err := writeHash(o.File, k.Hash)
		switch {
		case errors.Is(err, fs.ErrExist):
			k.Key, k.Hash, k.Kept = "", "", true
		case err != nil:
			return cli.Exit(cli.Failed, fmt.Errorf("keep the key's hash: %w", err))
		}
	}
	return cli.Print[newKey](s, k, nil, func(page *cli.Page) {
		if k.Kept {
			s.Say("%s is there already, so no key was made; remove it for a new one", o.File)
			return
		}
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

// writeHash writes a hash into a file that is not there yet.
func writeHash(path, hash string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names it
	if err != nil {
		return err
	}
	_, err = f.WriteString(hash + "\n")
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path)) // half a hash matches no key
	}
	return nil
}
