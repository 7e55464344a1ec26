// Package admin is the admin's page: what is stuck, why, and one button. It is server-rendered HTML
// with one small script that only keeps it fresh: everything can be read and done without it.
//
//	request ─ api (log, guard, limits) ─ Page ─ session ─ role ─ handler ─ view
//	                                            every action stands in one table (actions.go)
//
// A view is a struct with what it shows, and its method page, which reads from top to bottom as the page does: page_*.go,
// with the elements that recur in page_parts.go and what stands around each page in page_frame.go. Nothing is written past
// the escaping of these elements, and all addresses are the page's own.
//
// It reads through internal/view and internal/store and decides through internal/operate, as the
// API and the command line do; nothing is decided here.
package admin
