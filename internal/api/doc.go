// Package api is the HTTP API of docs/api.md.
//
//	observe ─ guard ─ route ─┬─ operation ─ huma (parameters, documents) ─ store, status, control, enqueue
//	 id, log,  Host,  key,   ├─ uploads and exports, a row at a time
//	 panics    Origin role,  ├─ /v1/events ─ feed (one reader of the stream for all listeners)
//	                  body   └─ pages, health
//
// The API keeps three promises. Every error is an application/problem+json with the faults by field, and never
// shows a phone number. The OpenAPI document comes from the table that serves the requests, so the two agree; a
// test calls every operation and checks request and answer against it. No client can block the server: every read
// and write has a deadline that only progress extends.
package api
