package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// Pool holds the rules for the groups of a pool. A pool without an entry has the zero value.
type Pool struct {
	// Region is the country of numbers without a country code, such as "BR", or "" if the pool has none.
	Region string
	// Organisation is the sender's name in messages. InviteMessage is the text of invitations.
	Organisation, InviteMessage string
	// Setup are the defaults of its groups. Its admins are among Always.
	Setup tasks.Setup
	// Always are the staff in each of its groups.
	Always []phone.Number
	// InviteStaff says that staff who could not be added are invited privately.
	InviteStaff bool
}

// Photo says where photos of groups may come from.
type Photo struct {
	// AllowPrivate lets an address be http:// and not public.
	AllowPrivate bool
}

// poolRules reads the entries of the pools, by name. The instances and the photo's rules must have been read.
func (c *Config) poolRules() func(name value) ([]field, func(mapping)) {
	return func(name value) ([]field, func(mapping)) {
		p := &Pool{}
		if name.node != nil && vetName(name, name.node.Value) && len(c.Instances) > 0 && !slices.Contains(c.PoolNames(), name.node.Value) {
			name.warn("no instance works for this pool", "add it to the pools of an instance; the pools of the instances are "+strings.Join(c.PoolNames(), ", "))
		}
		return p.fields(c), func(mapping) {
			if c.Pools == nil {
				c.Pools = map[string]Pool{}
			}
			if name.node != nil {
				c.Pools[name.node.Value] = *p
			}
		}
	}
}

func (p *Pool) fields(c *Config) []field {
	settings := &tasks.Settings{}
	return []field{
		{
			name: "region", read: str(&p.Region, vetRegion),
			doc: "The country of numbers without a country code, such as `BR`: of `always` and `admins` here, and of the rows for this pool where the program that takes them in reads this file (`rollcall-producer create`, `rollcall-producer serve`). `--region` overrides it.",
		},
		{name: "organisation", read: str(&p.Organisation, nil), doc: "What `{{.Organisation}}` stands for in the messages of its groups."},
		{
			name: "invite_message", read: str(&p.InviteMessage, vetMessage),
			doc: "The text of its invitations, as `invite.message`. A group may bring its own.",
		},
		{
			name: "setup", doc: "What is done to each of its groups before people are invited (docs/setup.md). A row's own values replace these.",
			fields: []field{
				{
					name: "photo", read: str(&p.Setup.Photo, vetPhoto(c)),
					doc: fmt.Sprintf("The picture: the `https://` address of a JPEG or PNG of at most %d MB.", tasks.MaxPhotoBytes>>20),
				},
				{
					name: "description", read: str(&p.Setup.Description, vetDescription),
					doc: fmt.Sprintf("The description, at most %d characters.", tasks.MaxDescription),
				},
				{name: "only_admins_send", read: setting(p, settings, &settings.OnlyAdminsSend), doc: "Only admins may write. Without the key WhatsApp's default holds; the same goes for the next three keys."},
				{name: "only_admins_edit", read: setting(p, settings, &settings.OnlyAdminsEdit), doc: "Only admins may change name, picture and description."},
				{name: "only_admins_add", read: setting(p, settings, &settings.OnlyAdminsAdd), doc: "Only admins may add people."},
				{name: "approve_joins", read: setting(p, settings, &settings.ApproveJoins), doc: "An admin must approve people who join by the link. People whom the group was asked for are approved automatically."},
				{
					name: "always", read: staff(p),
					doc: "The staff: phones of people who are in every group of this pool, with the role `staff`. They are not counted among the people that were asked for.",
				},
				{
					name: "admins", read: admins(p),
					doc: "Who of `always` becomes admin, or `all`: every member of the group.",
				},
				{
					name: "welcome_message", read: str(&p.Setup.WelcomeMessage, vetWelcome),
					doc: "One message to the group, sent once: text with `{{.GroupName}}`, `{{.Link}}` and `{{.Organisation}}`, and `{{if}}` as in `invite.message`.",
				},
				{
					name: "auto_invite", dflt: "false", read: boolean(&p.InviteStaff),
					doc: "Invite staff privately as well where they could not be added. `false`: only a person's own add or invitation brings them in.",
				},
			},
		},
	}
}

// setting reads one of the settings. Without its key, the setting stays as WhatsApp has it.
func setting(p *Pool, all *tasks.Settings, to **bool) func(value) {
	return func(v value) {
		var on bool
		before := len(v.r.faults)
		if boolean(&on)(v); len(v.r.faults) == before {
			*to, p.Setup.Settings = &on, all
		}
	}
}

// staff reads the phones of the people who are in each group of a pool.
func staff(p *Pool) func(value) {
	return func(v value) {
		items, _ := v.items()
		for _, item := range items {
			n, ok := readPhone(item, p.Region)
			switch {
			case !ok:
			case slices.ContainsFunc(p.Always, sameAs(n)):
				item.fault("the same person stands here twice", "remove one of the two")
			default:
				p.Always = append(p.Always, n)
			}
		}
		if len(p.Always) > tasks.MaxPeople {
			v.fault(fmt.Sprintf("a group takes %d people besides the owner", tasks.MaxPeople), "shorten the list")
		}
	}
}

// admins reads the word all, or a list of some of the staff.
func admins(p *Pool) func(value) {
	return func(v value) {
		const all = "all"
		if text, ok := scalarText(v); ok {
			if text == all {
				p.Setup.Admins = &tasks.Admins{All: true}
				return
			}
			v.fault(v.raw()+" is not a list", `write all, or a list of phones that are in always: ["+5544999999999"]`)
			return
		}
		items, ok := v.items()
		if !ok {
			return
		}
		if len(items) == 0 {
			v.fault("the list is empty", "name some of always, write all, or remove the line")
			return
		}
		a := &tasks.Admins{}
		for _, item := range items {
			n, ok := readPhone(item, p.Region)
			switch i := slices.IndexFunc(p.Always, sameAs(n)); {
			case !ok:
			case i < 0:
				item.fault("this person is not in always, so a group of the pool may lack them", "add the phone to always")
			case slices.Contains(a.People, tasks.Phone(p.Always[i].E164())):
				item.fault("the same person stands here twice", "remove one of the two")
			default:
				a.People = append(a.People, tasks.Phone(p.Always[i].E164()))
			}
		}
		p.Setup.Admins = a
	}
}

func sameAs(n phone.Number) func(phone.Number) bool {
	return func(other phone.Number) bool { return phone.SamePerson(n.Identity(), other.Identity()) }
}

// readPhone reads a phone. Its faults repeat no digits.
func readPhone(v value, region string) (phone.Number, bool) {
	text, ok := v.text()
	if !ok {
		return "", false
	}
	n, err := phone.Parse(text, region)
	if err != nil || n == "" {
		v.fault("this is not a phone number", `write it with + and the country code, in quotes: "+5544999999999"`)
		return "", false
	}
	return n, true
}

func vetRegion(v value, text string) bool {
	if !phone.KnownRegion(text) || text != strings.ToUpper(text) {
		v.fault(v.raw()+" is not a country", "write its two capital letters, such as BR or US")
		return false
	}
	return true
}

func vetDescription(v value, text string) bool {
	if n := utf8.RuneCountInString(text); n > tasks.MaxDescription {
		v.fault(fmt.Sprintf("it has %d characters, WhatsApp allows %d", n, tasks.MaxDescription), "shorten it")
		return false
	}
	return true
}

// vetPhoto returns a function that accepts an address that the photo's rules allow.
func vetPhoto(c *Config) func(v value, text string) bool {
	return func(v value, text string) bool {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
			v.fault("it is not an https:// address", "write it as https://host/logo.jpg")
		case c.Photo.AllowPrivate:
			return true
		case u.Scheme != "https":
			v.fault("it does not begin with https://", "write https://, or photo: {allow_private: true} for a server in your own network")
		case !publicHost(u.Hostname()):
			v.fault("its address is not public", "name a public host, or write photo: {allow_private: true} for a server in your own network")
		default:
			return true
		}
		return false
	}
}

// PoolNames returns the pools that the instances belong to, each once, in the order of the file.
func (c *Config) PoolNames() []string {
	var all []string
	for i := range c.Instances {
		for _, p := range c.Instances[i].Pools {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	return all
}

// PoolPhotos returns the photos of the pools that have one, by pool.
func (c *Config) PoolPhotos() map[string]string {
	all := map[string]string{}
	for name := range c.Pools {
		if photo := c.Pools[name].Setup.Photo; photo != "" {
			all[name] = photo
		}
	}
	return all
}

// Regions returns the regions of the pools that have one, by pool.
func (c *Config) Regions() map[string]string {
	all := map[string]string{}
	for name := range c.Pools {
		if region := c.Pools[name].Region; region != "" {
			all[name] = region
		}
	}
	return all
}
