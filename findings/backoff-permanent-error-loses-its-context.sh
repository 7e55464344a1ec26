#!/usr/bin/env bash
# backoff 4 and 5: Retry drops what a caller has wrapped around a Permanent error.
#
# Expected: fmt.Errorf("group g1: %w", backoff.Permanent(err)) ends the retries and comes back whole: Retry finds the
#           mark inside a wrapped error, and it returns an ordinary error whole.
# Seen:     Retry returns only what Permanent got: "group g1" is gone from the text, and errors.Is does not find a
#           value that was wrapped outside. In version 5 the error does come back whole if the try was the last that
#           WithMaxTries allows, so one failure has two texts. Permanent has to be the outermost call.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	four "github.com/cenkalti/backoff/v4"
	five "github.com/cenkalti/backoff/v5"
)

var (
	rejected = errors.New("number rejected")
	fatal    = errors.New("group failed")
)

func main() {
	retry := func(mark func(error) error, tries uint) error {
		_, err := five.Retry(context.Background(), func() (int, error) {
			return 0, fmt.Errorf("%w: g1: %w", fatal, mark(rejected))
		}, five.WithMaxTries(tries), five.WithBackOff(&five.ZeroBackOff{}))
		return err
	}
	plain := func(err error) error { return err }
	same := true
	for _, c := range []struct {
		name  string
		err   error
		whole bool
	}{
		{"version 4, permanent", four.Retry(func() error {
			return fmt.Errorf("%w: g1: %w", fatal, four.Permanent(rejected))
		}, &four.ZeroBackOff{}), false},
		{"version 5, permanent, first try of three", retry(five.Permanent, 3), false},
		{"version 5, permanent, first try of one", retry(five.Permanent, 1), true},
		{"version 5, ordinary, three tries", retry(plain, 3), true},
	} {
		fmt.Printf("%-41s %q, Is group failed: %t\n", c.name+":", c.err, errors.Is(c.err, fatal))
		same = same && errors.Is(c.err, rejected) && errors.Is(c.err, fatal) == c.whole
	}
	if !same {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/cenkalti/backoff/v4@v4.3.0 github.com/cenkalti/backoff/v5@v5.0.3 >/dev/null 2>&1
echo "backoff $(go list -m -f '{{.Version}}' github.com/cenkalti/backoff/v4) and $(go list -m -f '{{.Version}}' github.com/cenkalti/backoff/v5)"
go run .
