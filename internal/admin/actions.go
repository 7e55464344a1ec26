package admin

import "github.com/rollcallhq/rollcall/internal/api"

// table is everything that can be asked of the page, and the role that it takes. There is no other
// way in: a test calls each line under every role.
func (p *Page) table() []action {
	return []action{
		{"GET /login", api.Public, p.loginForm},
		{"POST /login", api.Public, p.login},
		{"POST /language", api.Public, p.chooseLanguage},
		{"POST /logout", api.Viewer, p.logout},
		{"GET /sessions", api.Viewer, p.sessions},
		{"POST /sessions/{id}/end", api.Viewer, p.endSession},

		{"GET /{$}", api.Viewer, p.overview},
		{"GET /instances", api.Viewer, p.instances},
		{"GET /instances/{name}", api.Viewer, p.instance},
		{"GET /problems", api.Viewer, p.problems},
		{"GET /review", api.Viewer, p.review},
		{"GET /batches", api.Viewer, p.batches},
		{"GET /batches/{id}", api.Viewer, p.batch},
		{"GET /groups", api.Viewer, p.groups},
		{"GET /groups/{id}", api.Viewer, p.group},
		{"POST /search", api.Viewer, p.search},
		{"GET /jobs/{id}", api.Viewer, p.job},
		{"GET /audit", api.Admin, p.audit},
		{"GET /audit/refusals", api.Admin, p.refusals},

		{"POST /installation/recover", api.Admin, p.recoverInstallation},
		{"POST /unreadable/raw", api.Admin, p.exportUnreadable},
		{"POST /unreadable/remove", api.Admin, p.removeUnreadable},
		{"POST /groups/{id}/phones", api.Operator, p.showPhones},
		{"POST /groups/{id}/cancel", api.Operator, p.decide("cancel", p.Control.Cancel)},
		{"POST /groups/{id}/retry", api.Operator, p.decide("retry", p.Control.Retry)},
		{"POST /groups/{id}/adopt", api.Operator, p.adopt},
		{"POST /groups/{id}/recreate", api.Operator, p.decide("recreate", p.Control.Recreate)},
		{"POST /groups/{id}/abandon", api.Operator, p.decide("abandon", p.Control.Abandon)},
		{"POST /batches/{id}/failures.csv", api.Operator, p.failuresCSV},
		{"POST /instances/{name}/pause", api.Operator, p.pause},
		{"POST /instances/{name}/resume", api.Operator, p.resume},
		{"POST /instances/{name}/pace", api.Operator, p.setPace},
		{"POST /instances/{name}/pace/reset", api.Operator, p.resetPace},
		{"POST /bulk", api.Operator, p.planBulk},
		{"POST /bulk/run", api.Operator, p.runBulk},
		{"POST /jobs/{id}/stop", api.Operator, p.stopJob},
		{"POST /deliveries/{id}/replay", api.Operator, p.replay},
		{"POST /webhooks/{id}/enable", api.Operator, p.enableWebhook},
	}
}
