#!/usr/bin/env bash
# go-redis 9.23: a package that only passes on a value which holds a *redis.Client compiles its methods again.
#
# Expected: a package of three lines, which names a struct of another package and calls nothing of Redis,
#           compiles to a few kilobytes: the client's methods are compiled once, in go-redis.
# Seen:     since 9.23.0 it compiles to 9.5 MB (9.22.0: 1.1 MB), with more than two thousand symbols
#           of a "go.shape" struct of the client's fields: wrappers of its commands. The client has held a
#           weak.Pointer[Client] since then: the compiler makes an instance of the generic type for the client's
#           shape, an unnamed struct with embedded command tables, and its wrappers, in every package whose
#           code reaches the type. A tree of forty packages over go-redis pays for it forty times, and once more
#           for each test.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir queue door

cat >queue/queue.go <<'GO'
// Package queue holds a client.
package queue

import "github.com/redis/go-redis/v9"

type Queue struct{ rdb *redis.Client }

func (q *Queue) Close() error { return q.rdb.Close() }
GO
cat >door/door.go <<'GO'
// Package door knows the queue and nothing of Redis.
package door

import (
	"io"

	"finding/queue"
)

func Closer(q *queue.Queue) io.Closer { return q }
GO

measure() { # VERSION → bytes of the compiled package, symbols of the client's shape
	go get "github.com/redis/go-redis/v9@$1" >/dev/null 2>&1
	go mod tidy >/dev/null 2>&1
	go build -o door.a ./door
	go tool nm door.a >symbols
	echo "$(wc -c <door.a) $(grep -c 'go.shape.struct { \*github.com/redis/go-redis/v9.baseClient' symbols || true)"
}

go mod init finding >/dev/null 2>&1
read -r before shapesBefore <<<"$(measure v9.22.0)"
read -r after shapesAfter <<<"$(measure v9.23.0)"
echo "$(go version)"
echo "go-redis v9.22.0: package door has $before bytes, $shapesBefore symbols of the client's shape"
echo "go-redis v9.23.0: package door has $after bytes, $shapesAfter symbols of the client's shape"
if ((after < 5 * before || shapesBefore > 0 || shapesAfter < 1000)); then
	echo "CHANGED: this is no longer what was seen"
	exit 1
fi
echo "as seen before"
