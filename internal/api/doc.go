// Package api is the HTTP API of docs/api.md.
//
//	observe ─ guard ─ route ─┬─ operation ─ huma (parameters, documents) ─ store, status, control, enqueue
//	 id, log,  Host,  key,   ├─ uploads and exports, a row at a time
//	 panics    Origin role,  ├─ /v1/events ─ feed (one reader of the stream for all who listen)
//	                  body   └─ pages, health
//
// Three promises. Whatever is wrong with a request, the answer is application/problem+json with the
// faults by field, and never shows a telephone number. The OpenAPI document is made from the same
// table that serves the requests, so it cannot disagree; a test calls every operation and holds
// request and answer against it. And no client can hold the server up: every read and write has a
// deadline that only progress extends.
package api
