package intake

import (
	"encoding/json"

	"github.com/rollcallhq/rollcall/tasks"
)

// asShown returns a record with show applied to each of its texts, except people's names.
func asShown(r Record, show func(string) string) Record {
	req := &r.Request
	for _, text := range []*string{&req.GroupName, &req.Instance, &req.Pool, &req.ExternalRef, &req.InviteMessage, &req.Description, &req.Photo, &req.WelcomeMessage} {
		*text = show(*text)
	}
	phones := make([]tasks.Phone, len(req.Phones))
	for i, p := range req.Phones {
		phones[i] = tasks.Phone(show(string(p)))
	}
	req.Phones = phones
	req.ChatIDs = shownAll(req.ChatIDs, show)
	if req.Admins != nil {
		people := make([]tasks.Phone, len(req.Admins.People))
		for i, p := range req.Admins.People {
			people[i] = tasks.Phone(show(string(p)))
		}
		req.Admins = &tasks.Admins{All: req.Admins.All, People: people}
	}
	if req.Names != nil {
		names := make(map[string]string, len(req.Names))
		for who, name := range req.Names {
			names[show(who)] = name
		}
		req.Names = names
	}
	if req.Consent != nil {
		consent := *req.Consent
		consent.Source = show(consent.Source)
		req.Consent = &consent
	}
	if req.Metadata != nil {
		req.Metadata, _ = shownValue(req.Metadata, show).(map[string]any)
	}
	r.Outcome = shownAll(r.Outcome, show)
	return r
}

func shownAll(texts []string, show func(string) string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = show(text)
	}
	return all
}

// shownValue returns a value of metadata with show applied to it. A number that show changes becomes a string.
func shownValue(value any, show func(string) string) any {
	switch x := value.(type) {
	case string:
		return show(x)
	case map[string]any:
		all := make(map[string]any, len(x))
		for key, v := range x {
			all[show(key)] = shownValue(v, show)
		}
		return all
	case []any:
		all := make([]any, len(x))
		for i, v := range x {
			all[i] = shownValue(v, show)
		}
		return all
	case nil, bool:
		return x
	}
	if text, err := json.Marshal(value); err == nil && show(string(text)) != string(text) {
		return show(string(text))
	}
	return value
}
