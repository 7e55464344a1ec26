package app_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestMain(m *testing.M) {
	testutil.Waiting(4)
	m.Run()
}
