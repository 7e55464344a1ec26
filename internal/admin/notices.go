package admin

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/store"
)

// noticeLine is one webhook event and its delivery to each receiver.
type noticeLine struct {
	ID         string
	Type       string
	At         time.Time
	Deliveries []store.Delivery
	Failed     bool
}

// noticesOf returns the webhook events about a batch, but not those about its groups, and whether any receiver is
// configured.
func (p *Page) noticesOf(ctx context.Context, doc group.BatchDocument) (lines []noticeLine, configured bool, err error) {
	receivers, err := p.Store.Outbox.Receivers(ctx)
	if err != nil || len(receivers) == 0 {
		return nil, false, err
	}
	lines, err = p.noticesAbout(ctx, doc.ID)
	return lines, true, err
}

// noticesAbout returns the webhook events about the batch or the group with an id.
func (p *Page) noticesAbout(ctx context.Context, id string) ([]noticeLine, error) {
	ids, err := p.Store.Outbox.NoticesAbout(ctx, id)
	if err != nil {
		return nil, err
	}
	found, err := p.Store.Outbox.Notices(ctx, ids)
	if err != nil {
		return nil, err
	}
	var lines []noticeLine
	for _, n := range found {
		line := noticeLine{ID: n.ID, Type: n.Type, At: n.At}
		for _, d := range n.Deliveries {
			line.Deliveries = append(line.Deliveries, d)
			line.Failed = line.Failed || d.State == store.DeliveryFailed
		}
		slices.SortFunc(line.Deliveries, func(a, b store.Delivery) int { return a.First.Compare(b.First) })
		lines = append(lines, line)
	}
	return lines, nil
}

func (p *Page) replay(v *visit) error {
	events := []string{v.r.PathValue("id")}
	done, err := notify.Desk{Store: p.Store}.Replay(v.ctx(), notify.Selection{IDs: events, Missed: true})
	if err == nil && len(done.Unknown) > 0 {
		err = store.ErrNotFound
	}
	p.Control.Audit.Did(v.ctx(), audit.ReplayWebhooks, audit.OfReplay(events, done.Events, done.Deliveries), err)
	if err != nil {
		return err
	}
	return v.back(local(v.r.PostFormValue("back")), "replayed")
}

func (p *Page) enableWebhook(v *visit) error {
	desk, id := notify.Desk{Store: p.Store}, v.r.PathValue("id")
	_, err := desk.Enable(v.ctx(), id)
	p.Control.Audit.Did(v.ctx(), audit.EnableWebhook, audit.About{Subjects: []string{desk.IDOf(id)}}, err)
	if errors.Is(err, store.ErrNotFound) {
		return store.ErrNotFound
	}
	if err != nil {
		return err
	}
	return v.back("/problems", "enabled")
}
