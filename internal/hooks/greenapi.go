package hooks

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// greenBody is all of GREEN-API's webhooks that concern us (facts/providers.md B8). None of them
// tells who came into a group or left it: there people are found by reading.
type greenBody struct {
	TypeWebhook  wire.Text
	Timestamp    wire.Moment
	InstanceData struct{ IDInstance wire.Text }

	IDMessage, Status, Description, StateInstance wire.Text

	QuotaData *struct{ Method, Used, Total, Status, Description wire.Text }
}

func greenAPI(body []byte) (note, error) {
	var b greenBody
	if err := json.Unmarshal(body, &b); err != nil {
		return note{}, err
	}
	n := note{instanceID: string(b.InstanceData.IDInstance), event: string(b.TypeWebhook)}
	switch {
	case b.QuotaData != nil:
		q := b.QuotaData
		n.hints = []hint{{kind: quota, text: fmt.Sprintf("%s: %s of %s used by %s",
			cmp.Or(q.Status, "quota"), cmp.Or(q.Used, "all"), cmp.Or(q.Total, "all"), cmp.Or(q.Method, "a method"))}}
	case b.TypeWebhook == "stateInstanceChanged":
		n.hints = []hint{{kind: state}}
	case b.TypeWebhook == "outgoingMessageStatus":
		n.hints = b.outcome()
	}
	return n, nil
}

func (b *greenBody) outcome() []hint {
	h := hint{messages: known(b.IDMessage), text: string(cmp.Or(b.Description, b.Status))}
	switch b.Status {
	case "sent", "delivered", "read":
		h.kind = sent
	case "noAccount":
		h.kind, h.fate = notArrived, group.NotOnWhatsApp
	case "failed", "fail", "notInGroup":
		h.kind, h.fate = notArrived, group.InviteFailed
	case "yellowCard": // the message waits in the queue; it is the instance that is in trouble
		h.kind = state
	default:
		return nil
	}
	return []hint{h}
}
