package event_test

import (
	"bytes"
	"testing"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/event"
)

func TestName_BecomesTheFieldEvent(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := zerolog.New(&out)
	log.Info().EmbedObject(event.GroupCreated).Str("group", "grp_1").Msg("group created")
	if want := `{"level":"info","event":"group_created","group":"grp_1","message":"group created"}` + "\n"; out.String() != want {
		t.Errorf("got %swant %s", &out, want)
	}
}
