package app

import (
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/store"
)

// TellUnreadable logs that a stored entry cannot be read. The line has the entry's name and nothing of its content.
func TellUnreadable(log zerolog.Logger, u store.Unreadable) {
	log.Error().EmbedObject(event.UnreadableFound).Str("kind", string(u.Kind)).Str("id", u.ID).Str("reason", string(u.Reason)).
		Str("remedy", u.Reason.Said().String()+" `rollcall-producer unreadable` lists, exports and removes what cannot be read.").
		Msg("stored entry unreadable")
}
