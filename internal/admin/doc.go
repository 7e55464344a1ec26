// Package admin is the admin page: what is stuck, why, and the button that helps. It is server-rendered HTML with
// one small script that only keeps it up to date: everything works without it.
//
//	request ─ api (log, guard, limits) ─ Page ─ session ─ role ─ handler ─ view
//	                                            every action is in one table (actions.go)
//
// A view is a struct with the data of a page, and a method page that writes it from top to bottom: page_*.go.
// page_parts.go has the common elements, page_frame.go the frame of every page. The elements escape everything,
// and all addresses are on this server.
//
// It reads through internal/view and internal/store and decides through internal/operate, as the
// API and the command line do; nothing is decided here.
package admin
