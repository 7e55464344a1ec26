package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/view"
)

type historyInput struct {
	Days     int    `query:"days" minimum:"1" maximum:"90" default:"90" doc:"How many days, including today."`
	Instance string `query:"instance" maxLength:"40" doc:"Only this instance."`
}

func (a *API) addStatus() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/status", id: "getStatus", tag: "status", role: auth.Viewer, pools: true,
		summary: "Show the whole installation",
		about:   "How many groups and people are in each state, when each instance may make its next calls, the running and the latest batches, the workers, and the estimated completion.",
	}, func(ctx context.Context, _ *struct{}) (*answered[view.Document], error) {
		doc, err := a.shown(ctx).Status(ctx)
		if err != nil {
			return nil, err
		}
		return &answered[view.Document]{doc}, nil
	})
	add(a, operation{
		method: http.MethodGet, path: "/v1/history", id: "getHistory", tag: "status", role: auth.Viewer, pools: true,
		summary:  "Show what was done day by day",
		about:    "Groups created and failed, people added, invited and joined, and how much the pace allowed, for each of the last days, today last, of one instance or of all together. Each instance's days are those of its pacing.zone. The answer has a single page.",
		problems: []int{http.StatusNotFound},
	}, func(ctx context.Context, in *historyInput) (*answered[view.History], error) {
		doc, err := a.shown(ctx).History(ctx, in.Instance, in.Days)
		if err != nil {
			return nil, noInstance(in.Instance, err)
		}
		return &answered[view.History]{doc}, nil
	})
	op := add(a, operation{
		method: http.MethodGet, path: "/v1/events", id: "streamEvents", tag: "status", role: auth.Viewer, pools: true, long: true, session: true,
		summary: "Follow what changes",
		about: "A stream of server-sent events: every change of a group, batch or instance from now on. `event` is group, batch or instance. `data` is the document at the moment of sending; a group has no members in it. " +
			"`id` resumes the stream: a request with it in Last-Event-ID misses no event. An event may come twice, and events that follow each other quickly may show the same document.\n\n" +
			"The event gap, with `{\"after\", \"next\"}`, says that events may be missing between the two ids: the store no longer keeps the first, or never issued it. Read the lists again. Comments keep a silent stream alive.",
	}, a.streamEvents)
	answersWith(op, http.StatusOK, "The stream. It ends when the server stops; connect again.", map[string]*huma.MediaType{
		"text/event-stream": file(a.huma.OpenAPI().Components.Schemas, "EventStream", "Server-sent events, as id: 1763762400000-0, event: group and data: {\"id\": \"grp_…\", \"status\": \"done\"}, each on a line of its own."),
	})
}

func unixNano(n int64) time.Time { return time.Unix(0, n).UTC() }
