package admin

import (
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// setupForm has the values of a set-up form that are not texts.
type setupForm struct {
	Admins   string // phones, or the word for all people
	Named    int    // how many admins the group names by phone; the page does not show their phones
	Clear    bool   // the visitor removes those
	Settings []settingField
}

// settingField is one setting in a form.
type settingField struct {
	Name string
	On   string // "on", "off", or "" for as WhatsApp has it
	Free bool   // "" can be chosen
}

// setupFormOf returns the form with the values of a group's set-up.
func setupFormOf(asked tasks.Setup) setupForm {
	f := setupForm{}
	if asked.Admins != nil {
		f.Named = len(asked.Admins.People)
		if asked.Admins.All {
			f.Admins = "all"
		}
	}
	for _, name := range tasks.SettingNames {
		f.Settings = append(f.Settings, settingField{Name: name, Free: true})
	}
	asked.Settings.Each(func(name string, on bool) {
		for i := range f.Settings {
			if s := &f.Settings[i]; s.Name == name {
				s.On, s.Free = "off", false
				if on {
					s.On = "on"
				}
			}
		}
	})
	return f
}

// read takes the typed values and returns those that differ. Admins without people remove the group's own admins.
func (f *setupForm) read(v *visit, region string) (admins *tasks.Admins, settings *tasks.Settings) {
	typed := formText(v, "admins")
	f.Clear = f.Named > 0 && cleared(v, "admins")
	if typed != f.Admins || f.Clear {
		f.Admins = typed
		if admins = intake.AdminsOf(typed, region); admins == nil {
			admins = &tasks.Admins{}
		}
	}
	for i := range f.Settings {
		s := &f.Settings[i]
		typed := v.r.PostFormValue(s.Name)
		if typed == s.On || typed != "on" && typed != "off" {
			continue
		}
		s.On = typed
		if settings == nil {
			settings = &tasks.Settings{}
		}
		settings.Set(s.Name, typed == "on")
	}
	return admins, settings
}

// cleared reports whether the visitor removes a value that the form does not show.
func cleared(v *visit, field string) bool { return slices.Contains(v.r.PostForm["clear"], field) }

// setupLine is one step of a group's set-up as the page shows it.
type setupLine struct {
	Title, Word say.Code
	Reason      say.Phrase
	At          time.Time
	Next        time.Time // the next try; zero if there is none or it is due
}

// setupOf lists the steps of a group's set-up in their order.
func setupOf(g *group.Group, now time.Time) []setupLine {
	if g.Setup == nil {
		return nil
	}
	lines := make([]setupLine, len(g.Setup.Steps))
	for i := range g.Setup.Steps {
		s := &g.Setup.Steps[i]
		lines[i] = setupLine{Title: stepTitle(s.Name), Word: stepWord(s.Status), Reason: s.Reason, At: s.UpdatedAt}
		if s.At.After(now) {
			lines[i].Next = s.At
		}
	}
	return lines
}

func stepTitle(name group.StepName) say.Code { return say.Code("step:" + string(name)) }

func stepWord(status group.StepStatus) say.Code { return say.Code("setup:" + string(status)) }

// setup adds the steps that have ended to the timeline.
func (l *liner) setup(g *group.Group) {
	if g.Setup == nil {
		return
	}
	for i := range g.Setup.Steps {
		s := &g.Setup.Steps[i]
		if s.Status == group.StepWanted {
			continue
		}
		word := stepWord(s.Status)
		l.insert(moment{
			At: s.UpdatedAt, Tone: tones[string(word)], What: l.T("pair", l.T(stepTitle(s.Name)), l.T(word)),
			Detail: phone.Mask(l.voice(l.now).Say(s.Reason)),
		})
	}
}
