// Package admin is the admin's page: what is stuck, why, and one button. It is server-rendered HTML
// with one small script that only keeps it fresh: everything can be read and done without it.
//
//	request ─ api (log, guard, limits) ─ Page ─ session ─ role ─ handler ─ template
//	                                            every action stands in one table (actions.go)
//
// It reads through internal/view and internal/store and decides through internal/operate, as the
// API and the command line do; nothing is decided here.
package admin
