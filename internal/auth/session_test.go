package auth

import (
	"net/http"
	"strings"
	"testing"
)

func TestAgentOf_ALongAgentIsCutToValidUTF8(t *testing.T) {
	t.Parallel()
	r := &http.Request{Header: http.Header{"User-Agent": {strings.Repeat("a", 199) + "é"}}}
	if got, want := agentOf(r), strings.Repeat("a", 199); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
