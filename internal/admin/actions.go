package admin

import (
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/group"
)

// The ways in which an action treats a key that is bound to pools.
const (
	whole   = false // refused: the action concerns the whole installation
	inPools = true  // let in: it sees and changes only what its pools have
)

// table lists every action of the page, with the role that it needs and how it treats keys that are bound to
// pools. There is no other route: a test calls each line under every role and binding.
func (p *Page) table() []action {
	return []action{
		{"GET /login", auth.Public, inPools, p.loginForm},
		{"POST /login", auth.Public, inPools, p.login},
		{"POST /language", auth.Public, inPools, p.chooseLanguage},
		{"POST /logout", auth.Viewer, inPools, p.logout},
		{"GET /sessions", auth.Viewer, inPools, p.sessions},
		{"POST /sessions/{id}/end", auth.Viewer, inPools, p.endSession},

		{"GET /{$}", auth.Viewer, inPools, p.overview},
		{"GET /instances", auth.Viewer, inPools, p.instances},
		{"GET /instances/{name}", auth.Viewer, inPools, p.instance},
		{"GET /history", auth.Viewer, inPools, p.history},
		{"GET /problems", auth.Viewer, inPools, p.problems},
		{"GET /review", auth.Viewer, inPools, p.review},
		{"GET /batches", auth.Viewer, inPools, p.batches},
		{"GET /batches/{id}", auth.Viewer, inPools, p.batch},
		{"GET /batches/{id}/invalid.csv", auth.Viewer, inPools, p.invalidCSV},
		{"GET /groups", auth.Viewer, inPools, p.groups},
		{"GET /groups/{id}", auth.Viewer, inPools, p.group},
		{"POST /search", auth.Viewer, inPools, p.search},
		{"GET /people/{token}", auth.Viewer, inPools, p.person},
		{"GET /groups/{id}/edit", auth.Operator, inPools, p.editForm},
		{"GET /groups/new", auth.Operator, inPools, p.createForm},
		{"GET /batches/new", auth.Operator, inPools, p.uploadForm},
		{"GET /uploads/{id}", auth.Operator, inPools, p.upload},
		{"GET /jobs", auth.Viewer, inPools, p.jobs},
		{"GET /jobs/{id}", auth.Viewer, inPools, p.job},
		{"GET /audit", auth.Admin, whole, p.audit},
		{"GET /audit/refusals", auth.Admin, whole, p.refusals},

		{"POST /installation/recover", auth.Admin, whole, p.recoverInstallation},
		{"POST /unreadable/raw", auth.Admin, whole, p.exportUnreadable},
		{"POST /unreadable/remove", auth.Admin, whole, p.removeUnreadable},
		{"POST /groups/{id}/phones", auth.Operator, inPools, p.showPhones},
		{"POST /groups/{id}/cancel", auth.Operator, inPools, p.decide("cancel", p.Control.Cancel)},
		{"POST /groups/{id}/retry", auth.Operator, inPools, p.decideShown("retry", p.Control.Retry)},
		{"POST /groups/{id}/edit", auth.Operator, inPools, p.planEdit},
		{"POST /groups/{id}/edit/run", auth.Operator, inPools, p.runEdit},
		{uploadPattern, auth.Operator, inPools, p.send},
		{"POST /uploads/{id}/run", auth.Operator, inPools, p.runUpload},
		{"POST /uploads/{id}/drop", auth.Operator, inPools, p.dropUpload},
		{"POST /groups/new", auth.Operator, inPools, p.planCreate},
		{"POST /groups/new/run", auth.Operator, inPools, p.runCreate},
		{"POST /groups/{id}/adopt", auth.Operator, inPools, p.adopt},
		{"POST /groups/{id}/recreate", auth.Operator, inPools, p.decideShown("recreate", p.Control.Recreate)},
		{"POST /groups/{id}/joins/approve", auth.Operator, inPools, p.answerJoin(group.ApproveJoin)},
		{"POST /groups/{id}/joins/reject", auth.Operator, inPools, p.answerJoin(group.RejectJoin)},
		{"POST /groups/{id}/abandon", auth.Operator, inPools, p.decideShown("abandon", p.Control.Abandon)},
		{"POST /instances/{name}/pause", auth.Operator, inPools, p.pause},
		{"POST /instances/{name}/resume", auth.Operator, inPools, p.resume},
		{"POST /instances/{name}/pace", auth.Operator, inPools, p.setPace},
		{"POST /instances/{name}/pace/reset", auth.Operator, inPools, p.resetPace},
		{"POST /people/{token}/suppress", auth.Operator, inPools, p.suppress(true)},
		{"POST /people/{token}/unsuppress", auth.Operator, whole, p.suppress(false)},
		{"POST /people/{token}/evidence", auth.Operator, inPools, p.evidence},
		{"POST /bulk", auth.Operator, inPools, p.planBulk},
		{"POST /bulk/run", auth.Operator, inPools, p.runBulk},
		{"POST /jobs/{id}/abort", auth.Operator, inPools, p.abortJob},
		{"POST /views", auth.Operator, whole, p.saveView},
		{"POST /views/{id}/rename", auth.Operator, whole, p.renameView},
		{"POST /views/{id}/delete", auth.Operator, whole, p.deleteView},
		{"POST /deliveries/{id}/replay", auth.Operator, whole, p.replay},
		{"POST /webhooks/{id}/enable", auth.Operator, whole, p.enableWebhook},
	}
}
