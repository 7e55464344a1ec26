// Package admin is the admin page: what is stuck, why, and the button that helps. The server renders
// the HTML. One small script only keeps the page up to date: everything works without the script.
//
//	request ─ api (log, guard, limits) ─ Page ─ session ─ role ─ handler ─ view
//	                                            every action is in one table (actions.go)
//
// A view is a struct with the data of a page, and a method page that writes it from top to bottom: page_*.go.
// page_parts.go has the common elements, page_frame.go the frame of every page. The elements escape everything,
// and all addresses are on this server.
//
// The page reads through internal/view and internal/store. Like the API and the command line, it changes groups and
// instances only through internal/operate.
package admin
