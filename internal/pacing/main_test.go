package pacing_test

import (
	"context"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	testutil.Waiting(4)
	testutil.Main(m)
}

// taken takes a grant and claims it at once, as a worker without a leader does.
func taken(ctx context.Context, p *pacing.Pacer, instance string, kind pacing.Kind, pace pacing.Pace, lead time.Duration) (*pacing.Slot, *pacing.Denied, error) {
	grant, err := p.NewGrant(ctx, instance)
	if err != nil {
		return nil, nil, err
	}
	denied, err := p.Take(ctx, grant, instance, kind, pace, lead)
	if err != nil || denied != nil {
		return nil, denied, err
	}
	slot, err := p.Claim(ctx, grant, instance, kind, pace)
	return slot, nil, err
}
