package cli

import (
	"context"
	"os"
	"os/user"
	"strconv"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Audit returns the audit log, which writes to Redis and to the log. An entry that Redis refuses is in the log alone.
func (s *Session) Audit(st *store.Store) *audit.Log {
	return &audit.Log{
		Trail: st.Trail,
		Wrote: func(e store.AuditEntry) {
			s.Log.Info().EmbedObject(event.Audit).Str("actor", e.Actor).Str("through", e.Through).Str("from", e.From).Str("action", e.Action).
				Strs("subjects", e.Subjects).Int("count", e.Count).Str("result", e.Result).Str("requestId", e.RequestID).Msg("audit")
		},
		Lost: func(e store.AuditEntry, err error) {
			s.Log.Error().EmbedObject(event.AuditLost).Err(err).Str("actor", e.Actor).Str("through", e.Through).Str("from", e.From).Str("action", e.Action).
				Strs("subjects", e.Subjects).Int("count", e.Count).Str("result", e.Result).Str("requestId", e.RequestID).Msg("audit entry not stored")
		},
	}
}

// AsUser returns a context whose actor in the audit log is the user who runs the command.
func (o *IO) AsUser(ctx context.Context) context.Context {
	who := audit.Actor{Through: audit.CLI}
	if o.User != nil {
		who.Name, who.From = o.User()
	}
	// Under sudo both users are named.
	if before := o.env("SUDO_USER"); before != "" && before != who.Name {
		who.Name = before + " as " + who.Name
	}
	return audit.As(ctx, who)
}

// osUser returns the user of this process and the host it runs on.
func osUser() (name, host string) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	u, err := user.Current()
	return userName(u, err, os.Getuid()), host
}

// userName returns the name of the user that user.Current returned. Where it failed, as in a container without
// /etc/passwd, userName returns the uid.
func userName(u *user.User, err error, uid int) string {
	switch {
	case err == nil:
		return u.Username
	case uid >= 0: // -1 on Windows
		return "uid " + strconv.Itoa(uid)
	}
	return "unknown"
}
