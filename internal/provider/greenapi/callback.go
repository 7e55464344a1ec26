package greenapi

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// callbackBody has the fields of all webhooks of GREEN-API that rollcall uses. No webhook says who joined or left a
// group: readings find that out.
type callbackBody struct {
	TypeWebhook  wire.Text
	Timestamp    wire.Moment
	InstanceData struct{ IDInstance wire.Text }

	IDMessage, Status, Description, StateInstance wire.Text

	QuotaData *struct{ Method, Used, Total, Status, Description wire.Text }
}

// decodeCallback reads a webhook.
func decodeCallback(body []byte) (spec.Note, error) {
	var b callbackBody
	if err := json.Unmarshal(body, &b); err != nil {
		return spec.Note{}, err
	}
	n := spec.Note{InstanceID: string(b.InstanceData.IDInstance), Event: string(b.TypeWebhook)}
	switch {
	case b.QuotaData != nil:
		q := b.QuotaData
		n.Hints = []spec.Hint{{Kind: spec.Quota, Text: fmt.Sprintf("%s: %s of %s used by %s",
			cmp.Or(q.Status, "quota"), cmp.Or(q.Used, "all"), cmp.Or(q.Total, "all"), cmp.Or(q.Method, "a method"))}}
	case b.TypeWebhook == "stateInstanceChanged":
		n.Hints = []spec.Hint{{Kind: spec.State}}
	case b.TypeWebhook == "outgoingMessageStatus":
		n.Hints = b.outcome()
	}
	return n, nil
}

func (b *callbackBody) outcome() []spec.Hint {
	h := spec.Hint{Messages: spec.Known(b.IDMessage), Text: string(cmp.Or(b.Description, b.Status))}
	switch b.Status {
	case "sent", "delivered", "read":
		h.Kind = spec.Sent
	case "noAccount":
		h.Kind, h.Fate = spec.NotArrived, spec.FateNoAccount
	case "failed", "fail", "notInGroup":
		h.Kind, h.Fate = spec.NotArrived, spec.FateFailed
	case "yellowCard": // the message waits in the queue; it is the instance that is in trouble
		h.Kind = spec.State
	default:
		return nil
	}
	return []spec.Hint{h}
}
