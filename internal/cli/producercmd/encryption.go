package producercmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

func newEncryptionCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "encryption",
		Short: "Change the key that phone numbers and texts are encrypted with in Redis",
		Long: `With redis.encryption_key, phone numbers and texts are encrypted in Redis; docs/security.md says what that
protects.`,
		Example: `rollcall-producer encryption rotate`,
	}
	cli.WithExit(cmd, cli.ExitLines("0    done")...)
	return cli.Group(cmd, newEncryptionRotateCommand(p))
}

func newEncryptionRotateCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate",
		Short: "Encrypt everything again, with a new key",
		Long: `Make a new data key and encrypt everything with it, also records from before redis.encryption_key was
set. Workers and producers go on meanwhile. The data keys themselves are
sealed with the first key of redis.encryption_key: so, to change that, write the new one before the
old one in the configuration of all processes, restart them, rotate, and take the old one out.
If it is interrupted, run it again.`,
		Example: `rollcall-producer encryption rotate`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return p.in(cmd, runEncryptionRotate) },
	}
	return cli.WithExit(cmd, cli.ExitLines("0    done", "1    nothing is encrypted here")...)
}

func runEncryptionRotate(ctx context.Context, r *rooms) error {
	done, err := r.store.Rotate(ctx, func(so store.Rotated) {
		r.Say("%d records so far", so.Records)
	})
	r.control.Audit.Did(ctx, audit.RotateKey, audit.About{Count: done.Records + done.Suppressions, Detail: rotatedText(done)}, err)
	if err != nil {
		return err
	}
	return cli.Print[store.Rotated](r.Session, done, nil, func(p *cli.Page) {
		p.Printf("%s\n", rotatedText(done))
	})
}

func rotatedText(done store.Rotated) say.Phrase {
	if done.DataKey == 0 {
		return say.Phrase{} // it came to nothing
	}
	return say.Phrase{Code: say.AuditRotated, N: int(done.DataKey), Name: done.MasterKey, M: done.Records, Of: done.Suppressions} //nolint:gosec // a data key's number counts rotations
}
