package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestZAPI_AnswersInItsDocumentedShapes(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	group := b.zCreate("G", ana, bruno)
	id, link := group.text("phone"), group.text("invitationLink")
	if !strings.HasPrefix(id, "120363") || !strings.HasSuffix(id, "-group") || len(id) != 24 {
		t.Errorf("group id %q, want 18 digits and -group", id)
	}
	meta := b.z("GET", "group-metadata/"+id, nil)
	b.want("times are milliseconds", meta.at("creation"), b.sim.Ledger().Groups[0].CreatedAt.UnixMilli())
	b.want("the link", meta.at("invitationLink"), link)
	b.want("the light form has none", b.z("GET", "light-group-metadata/"+id, nil).at("invitationLink"), nil)
	b.want("link by GET", b.z("GET", "group-invitation-link/"+id, nil).at("invitationLink"), link)
	b.want("link by POST, as before 2026", b.z("POST", "group-invitation-link/"+id, map[string]any{}).at("invitationLink"), link)
	b.want("by link", b.z("GET", "group-invitation-metadata?url="+link, nil).at("participantsCount"), 3)
	b.want("accept", b.z("GET", "accept-invite-group?url="+link, nil).at("success"), true)
	fresh := b.z("POST", "redefine-invitation-link/"+id, map[string]any{}).text("invitationLink")
	b.want("another link", fresh != link && fresh != "", true)
	b.want("the old link is invalid", b.z("GET", "group-invitation-metadata?url="+link, nil).status, 400)
	b.want("rename", b.z("POST", "update-group-name", map[string]any{"groupId": id, "groupName": "H"}).at("value"), true)
	b.want("listed", b.z("GET", "chats?page=1&pageSize=5", nil).at(0, "name"), "H")
	b.want("one chat", b.z("GET", "chats/"+id, nil).at("isGroup"), true)
	b.want("remove", b.z("POST", "remove-participant", map[string]any{"groupId": id, "phones": []string{ana}}).at("value"), true)
	b.want("remove again", b.z("POST", "remove-participant", map[string]any{"groupId": id, "phones": []string{ana}}).at("value"), false)
	b.want("device", b.z("GET", "device", nil).at("phone"), zPhone)
	b.want("me", b.z("GET", "me", nil).at("connected"), true)

	sent := b.z("POST", "send-link", map[string]any{
		"phone": ana, "message": "Join " + fresh, "image": "i", "linkUrl": fresh, "title": "t", "linkDescription": "d",
		"delayMessage": 15,
	})
	b.want("id is messageId", sent.at("id"), sent.at("messageId"))
	b.want("count", b.z("GET", "queue/count", nil).at("count"), 1)
	b.want("old queue page", b.z("GET", "queue?page=1&pageSize=5", nil).at("messages", 0, "ZaapId"), sent.at("zaapId"))
	b.want("delete", b.z("DELETE", "queue/"+sent.text("zaapId"), nil).at("value"), true)
	b.want("gone", b.z("GET", "queue/count", nil).at("count"), 0)
	b.want("leave", b.z("POST", "leave-group", map[string]any{"groupId": id}).at("value"), true)
	b.want("unknown from now on", b.z("GET", "light-group-metadata/"+id, nil).status, 400)
	b.want("disconnect", b.z("GET", "disconnect", nil).at("value"), true)
	b.want("status is not a failure", b.z("GET", "status", nil).status, 200)
	b.state("I1", simulator.State{State: "restore"})
	b.want("error text", b.z("GET", "status", nil).at("error"), "You need to restore the session.")
	b.want("restore", b.z("GET", "restore-session", nil).at("value"), true)
	b.want("connected", b.z("GET", "status", nil).at("error"), "You are already connected.")
	b.want("notify", b.z("PUT", "update-notify-sent-by-me", map[string]any{"notifySentByMe": true}).at("value"), true)
}

func TestGreenAPI_AnswersInItsDocumentedShapes(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *simulator.Config) {
		c.Adjust = func(q *simulator.Quirks) { q.Restart = simulator.Duration(20 * time.Second) }
	})
	group := b.gCreate("G", vera, gPhone)
	id := group.text("chatId")
	data := b.gData(id)
	b.want("times are seconds", data.at("creation"), b.sim.Ledger().Groups[0].CreatedAt.Unix())
	b.want("the own number among the people is counted once", data.at("size"), 2)
	b.want("owner", data.at("owner"), gPhone+"@c.us")
	b.want("rename", b.g("POST", "UpdateGroupName", map[string]any{"groupId": id, "groupName": "H"}).at("updateGroupName"), true)
	b.want("contacts", b.g("GET", "getContacts", nil).at(0, "name"), "H")
	person := map[string]any{"groupId": id, "participantChatId": vera + "@c.us"}
	b.want("remove", b.g("POST", "removeGroupParticipant", person).at("removeParticipant"), true)
	b.want("remove again", b.g("POST", "removeGroupParticipant", person).at("removeParticipant"), false)
	b.want("send to a LID", b.g("POST", "sendMessage", map[string]any{"chatId": data.text("participants", 1, "lid"), "message": "m"}).status, 200)
	b.want("queue", b.burst("GET", "showMessagesQueue", nil).at(0, "body", "message"), "m")
	b.want("count", b.burst("GET", "getMessagesCount", nil).at("count"), 1)
	b.want("clear", b.burst("GET", "clearMessagesQueue", nil).at("isCleared"), true)
	b.want("leave", b.g("POST", "leaveGroup", map[string]any{"groupId": id}).at("leaveGroup"), true)
	b.want("unlisted", b.g("GET", "getChats", nil).raw, "[]")
	b.want("settings", b.g("GET", "getSettings", nil).at("stateWebhook"), "yes")
	b.want("a wrong flag", b.g("POST", "setSettings", map[string]any{"stateWebhook": true}).status, 400)
	b.want("a wrong delay", b.g("POST", "setSettings", map[string]any{"delaySendMessagesMilliseconds": 1}).status, 400)
	b.want("an unknown key", b.g("POST", "setSettings", map[string]any{"colour": "red"}).status, 400)
	b.want("saved", b.g("POST", "setSettings", map[string]any{"delaySendMessagesMilliseconds": 15000}).at("saveSettings"), true)
	b.want("restarts", b.g("GET", "getStateInstance", nil).at("stateInstance"), "starting")
	b.want("starting refuses a create", b.gCreate("I", vera).at("message"), "instance in starting process try later")
	check := b.g("POST", "checkWhatsapp", map[string]any{"phoneNumber": 79000000001})
	b.want("starting refuses a check", check.at("message"), "instance is starting or not authorized")
	b.pass(20 * time.Second)
	b.want("back", b.g("GET", "getStateInstance", nil).at("stateInstance"), "authorized")
	b.want("own number", b.g("GET", "getWaSettings", nil).at("phone"), gPhone)
	b.want("history", b.g("GET", "getStateInstanceHistory?count=1", nil).status, 404) // the query comes after the token
	b.want("reboot", b.g("GET", "reboot", nil).at("isReboot"), true)
	b.pass(20 * time.Second)
	b.want("logout", b.g("GET", "logout", nil).at("isLogout"), true)
	b.want("history", b.g("GET", "getStateInstanceHistory", nil).at(0, "stateInstance"), "notAuthorized")
	b.sim.Reset()
	b.want("reset", []int{len(b.sim.Ledger().Groups), len(b.sim.Ledger().Calls)}, []int{0, 0})
}

func TestLedger_CountsTheCallsThatItDrops(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *simulator.Config) { c.KeepCalls = 10 })
	for range 40 {
		b.z("GET", "status", nil)
	}
	l := b.sim.Ledger()
	b.want("all are accounted for", len(l.Calls)+l.DroppedCalls, 40)
	b.want("few are kept", len(l.Calls) <= 11, true)
}

func TestLedger_DropsTheOldestWebhooksAndSendsTheNext(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *simulator.Config) { c.KeepCalls = 10 })
	hooks := receive(t, 200)
	b.z("PUT", "update-every-webhooks", map[string]any{"value": hooks.url})
	for range 20 {
		b.state("I1", simulator.State{State: "disconnected"})
		b.state("I1", simulator.State{State: "connected"})
	}
	b.eventually("every change of the state is sent", func() bool { return hooks.count() == 40 })
	l := b.sim.Ledger()
	b.want("all are accounted for", len(l.Webhooks)+l.DroppedWebhooks, 40)
	b.want("few are kept", len(l.Webhooks) <= 11, true)
}
