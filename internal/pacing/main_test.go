package pacing_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	testutil.Waiting()
	goleak.VerifyTestMain(m)
}
