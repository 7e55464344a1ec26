package tasks

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Setup is what is done to a group once it exists, before its people are invited. Everything is
// optional. docs/setup.md describes its JSON form.
type Setup struct {
	Description string `json:"description,omitempty"`
	// Photo is the https address of a JPEG or PNG of at most MaxPhotoBytes.
	Photo  string  `json:"photo,omitempty"`
	Admins *Admins `json:"admins,omitempty"`
	// WelcomeMessage is sent to the group once: text with {{.GroupName}}, {{.Link}} and
	// {{.Organisation}}, and a choice by one of them: {{if .Organisation}}…{{else}}…{{end}}.
	WelcomeMessage string    `json:"welcomeMessage,omitempty"`
	Settings       *Settings `json:"settings,omitempty"`
}

// Settings are WhatsApp's settings of a group. A nil setting is not changed.
type Settings struct {
	OnlyAdminsSend *bool `json:"onlyAdminsSend,omitempty"` // messages
	OnlyAdminsEdit *bool `json:"onlyAdminsEdit,omitempty"` // name, picture and description
	OnlyAdminsAdd  *bool `json:"onlyAdminsAdd,omitempty"`  // members
	// ApproveJoins makes people who follow the link wait until an admin approves them.
	ApproveJoins *bool `json:"approveJoins,omitempty"`
}

// Admins are the people who become admins of a group: some of its members, or all of them.
type Admins struct {
	All    bool
	People []Phone // empty where All is set
}

// allAdmins is the JSON form of Admins.All.
const allAdmins = "all"

// MarshalJSON writes "all" or the list.
func (a Admins) MarshalJSON() ([]byte, error) {
	if a.All {
		return json.Marshal(allAdmins)
	}
	return json.Marshal(append([]Phone{}, a.People...))
}

// UnmarshalJSON accepts "all", as a string or as the only entry of a list, or a list of phones.
func (a *Admins) UnmarshalJSON(data []byte) error {
	*a = Admins{}
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '[' {
		err := json.Unmarshal(data, &a.People)
		if len(a.People) == 1 && a.People[0] == allAdmins { // generated clients can only send a list
			*a = Admins{All: true}
		}
		return err
	}
	var word string
	if err := json.Unmarshal(data, &word); err != nil || word != allAdmins {
		return fmt.Errorf(`admins is a list of phones or %q`, allAdmins)
	}
	a.All = true
	return nil
}

// Zero reports whether the setup is empty.
func (s Setup) Zero() bool { return s == Setup{} }

// Or returns s with the values of defaults where s has none, the settings one by one.
func (s Setup) Or(defaults Setup) Setup {
	if s.Description == "" {
		s.Description = defaults.Description
	}
	if s.Photo == "" {
		s.Photo = defaults.Photo
	}
	if s.Admins == nil {
		s.Admins = defaults.Admins
	}
	if s.WelcomeMessage == "" {
		s.WelcomeMessage = defaults.WelcomeMessage
	}
	switch {
	case s.Settings == nil:
		s.Settings = defaults.Settings
	case defaults.Settings != nil:
		own := s.Settings.Or(*defaults.Settings)
		s.Settings = &own
	}
	return s
}

// Or returns s with the settings of defaults where s has none.
func (s Settings) Or(defaults Settings) Settings {
	own, theirs := s.fields(), defaults.fields()
	for i := range own {
		if *own[i] == nil {
			*own[i] = *theirs[i]
		}
	}
	return s
}

// fields returns the four settings in the order of SettingNames.
func (s *Settings) fields() [4]**bool {
	return [...]**bool{&s.OnlyAdminsSend, &s.OnlyAdminsEdit, &s.OnlyAdminsAdd, &s.ApproveJoins}
}

// SettingNames are the names of the settings in JSON.
var SettingNames = [...]string{"onlyAdminsSend", "onlyAdminsEdit", "onlyAdminsAdd", "approveJoins"}

// Each calls f for each setting that is not nil.
func (s *Settings) Each(f func(name string, on bool)) {
	if s == nil {
		return
	}
	for i, v := range s.fields() {
		if *v != nil {
			f(SettingNames[i], **v)
		}
	}
}

// Set sets one setting by its name in JSON; it does nothing with a name that is not among SettingNames.
func (s *Settings) Set(name string, on bool) {
	for i, v := range s.fields() {
		if SettingNames[i] == name {
			*v = &on
		}
	}
}

// Only returns s without the settings whose names keep rejects.
func (s Settings) Only(keep func(name string) bool) Settings {
	for i, v := range s.fields() {
		if !keep(SettingNames[i]) {
			*v = nil
		}
	}
	return s
}
