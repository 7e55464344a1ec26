package admin

import (
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
)

// table is everything that can be asked of the page, and the role that it takes. There is no other
// way in: a test calls each line under every role.
func (p *Page) table() []action {
	return []action{
		{"GET /login", auth.Public, p.loginForm},
		{"POST /login", auth.Public, p.login},
		{"POST /language", auth.Public, p.chooseLanguage},
		{"POST /logout", auth.Viewer, p.logout},
		{"GET /sessions", auth.Viewer, p.sessions},
		{"POST /sessions/{id}/end", auth.Viewer, p.endSession},

		{"GET /{$}", auth.Viewer, p.overview},
		{"GET /instances", auth.Viewer, p.instances},
		{"GET /instances/{name}", auth.Viewer, p.instance},
		{"GET /history", auth.Viewer, p.history},
		{"GET /problems", auth.Viewer, p.problems},
		{"GET /review", auth.Viewer, p.review},
		{"GET /batches", auth.Viewer, p.batches},
		{"GET /batches/{id}", auth.Viewer, p.batch},
		{"GET /batches/{id}/invalid.csv", auth.Viewer, p.invalidCSV},
		{"GET /groups", auth.Viewer, p.groups},
		{"GET /groups/{id}", auth.Viewer, p.group},
		{"POST /search", auth.Viewer, p.search},
		{"GET /people/{token}", auth.Viewer, p.person},
		{"GET /groups/{id}/edit", auth.Operator, p.editForm},
		{"GET /groups/new", auth.Operator, p.createForm},
		{"GET /batches/new", auth.Operator, p.uploadForm},
		{"GET /uploads/{id}", auth.Operator, p.upload},
		{"GET /jobs", auth.Viewer, p.jobs},
		{"GET /jobs/{id}", auth.Viewer, p.job},
		{"GET /audit", auth.Admin, p.audit},
		{"GET /audit/refusals", auth.Admin, p.refusals},

		{"POST /installation/recover", auth.Admin, p.recoverInstallation},
		{"POST /unreadable/raw", auth.Admin, p.exportUnreadable},
		{"POST /unreadable/remove", auth.Admin, p.removeUnreadable},
		{"POST /groups/{id}/phones", auth.Operator, p.showPhones},
		{"POST /groups/{id}/cancel", auth.Operator, p.decide("cancel", p.Control.Cancel)},
		{"POST /groups/{id}/retry", auth.Operator, p.decide("retry", p.Control.Retry)},
		{"POST /groups/{id}/edit", auth.Operator, p.planEdit},
		{"POST /groups/{id}/edit/run", auth.Operator, p.runEdit},
		{uploadPattern, auth.Operator, p.send},
		{"POST /uploads/{id}/run", auth.Operator, p.runUpload},
		{"POST /uploads/{id}/drop", auth.Operator, p.dropUpload},
		{"POST /groups/new", auth.Operator, p.planCreate},
		{"POST /groups/new/run", auth.Operator, p.runCreate},
		{"POST /groups/{id}/adopt", auth.Operator, p.adopt},
		{"POST /groups/{id}/recreate", auth.Operator, p.decide("recreate", p.Control.Recreate)},
		{"POST /groups/{id}/joins/approve", auth.Operator, p.answerJoin(group.ApproveJoin)},
		{"POST /groups/{id}/joins/reject", auth.Operator, p.answerJoin(group.RejectJoin)},
		{"POST /groups/{id}/abandon", auth.Operator, p.decide("abandon", p.Control.Abandon)},
		{"POST /instances/{name}/pause", auth.Operator, p.pause},
		{"POST /instances/{name}/resume", auth.Operator, p.resume},
		{"POST /instances/{name}/pace", auth.Operator, p.setPace},
		{"POST /instances/{name}/pace/reset", auth.Operator, p.resetPace},
		{"POST /people/{token}/suppress", auth.Operator, p.suppress(true)},
		{"POST /people/{token}/unsuppress", auth.Operator, p.suppress(false)},
		{"POST /people/{token}/evidence", auth.Operator, p.evidence},
		{"POST /bulk", auth.Operator, p.planBulk},
		{"POST /bulk/run", auth.Operator, p.runBulk},
		{"POST /jobs/{id}/abort", auth.Operator, p.abortJob},
		{"POST /views", auth.Operator, p.saveView},
		{"POST /views/{id}/rename", auth.Operator, p.renameView},
		{"POST /views/{id}/delete", auth.Operator, p.deleteView},
		{"POST /deliveries/{id}/replay", auth.Operator, p.replay},
		{"POST /webhooks/{id}/enable", auth.Operator, p.enableWebhook},
	}
}
