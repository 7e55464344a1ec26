package producercmd

import (
	"github.com/spf13/pflag"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// setupOptions are the flags of a set-up.
type setupOptions struct {
	Description    string
	Photo          string
	Admins         string
	WelcomeMessage string
	Settings       tasks.Settings // those whose flag is given

	typed [4]bool // the values of the flags, in the order of settingFlags
}

// settingFlags are the flags of the settings, in the order of tasks.SettingNames.
var settingFlags = [...]struct{ name, usage string }{
	{"only-admins-send", "let only admins write to the groups"},
	{"only-admins-edit", "let only admins change name, picture and description"},
	{"only-admins-add", "let only admins add people"},
	{"approve-joins", "let an admin approve people who join by the link; the people asked for are approved automatically"},
}

func (o *setupOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.Description, "description", "", "the groups' description: a `TEXT`")
	f.StringVar(&o.Photo, "photo", "", "the groups' picture: the https `ADDRESS` of a JPEG or PNG")
	f.StringVar(&o.Admins, "admins", "", "`PHONES` of people of the group who become its admins, with commas between; or all")
	f.StringVar(&o.WelcomeMessage, "welcome-message", "", "a `TEXT` sent to each group once, with {{.GroupName}}, {{.Link}} or {{.Organisation}} in it")
	for i, s := range settingFlags {
		f.BoolVar(&o.typed[i], s.name, false, s.usage+" (default: as WhatsApp has it)")
	}
}

// changed takes the settings whose flag is given.
func (o *setupOptions) changed(f *pflag.FlagSet) {
	for i, to := range []**bool{&o.Settings.OnlyAdminsSend, &o.Settings.OnlyAdminsEdit, &o.Settings.OnlyAdminsAdd, &o.Settings.ApproveJoins} {
		if f.Changed(settingFlags[i].name) {
			*to = &o.typed[i]
		}
	}
}

// asked returns the set-up for rows without one of their own.
func (o *setupOptions) asked(region string) tasks.Setup {
	s := tasks.Setup{Description: o.Description, Photo: o.Photo, WelcomeMessage: o.WelcomeMessage, Admins: intake.AdminsOf(o.Admins, region)}
	if o.Settings != (tasks.Settings{}) {
		settings := o.Settings
		s.Settings = &settings
	}
	return s
}
