package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/tasks"
)

// requestSchema describes one requested group. The server reads it with intake.Decode, which also
// takes other spellings of the keys, integers for phones, keys and references, and the providers' own
// bodies. The document has one form of each thing: a client that is generated from it needs no other.
func requestSchema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[GroupRequest](), true, "")
}

// GroupRequest stands for tasks.GroupRequest in the OpenAPI document: it describes each key.
type GroupRequest struct {
	_              struct{}          `additionalProperties:"false"`
	GroupName      string            `json:"groupName" minLength:"1" maxLength:"100" doc:"The group's name at WhatsApp."`
	Phones         []tasks.Phone     `json:"phones,omitempty" doc:"The people. Required unless chatIds is given. Bad ones become members with the status invalid."`
	Names          map[string]string `json:"names,omitempty" doc:"People's names, by the phone or chat id as it stands in the request. They are sent to no provider."`
	ChatIDs        []string          `json:"chatIds,omitempty" doc:"People in WhatsApp's own spelling: 79001234568@c.us, or a LID."`
	AutoInvite     *bool             `json:"autoInvite,omitempty" nullable:"true" doc:"Privately invite people who cannot be added. Without it: true."`
	Instance       string            `json:"instance,omitempty" doc:"The instance that shall create it. Not together with pool."`
	Pool           string            `json:"pool,omitempty" doc:"The pool whose first free instance shall create it. Without instance and pool: default."`
	Priority       tasks.Priority    `json:"priority,omitempty" doc:"All high groups come before all normal ones, and these before all low ones."`
	IdempotencyKey string            `json:"idempotencyKey,omitempty" doc:"Names this request for good: a request with the same key is the same group."`
	ExternalRef    string            `json:"externalRef,omitempty" doc:"Your own id for the group, to find it by."`
	NotBefore      *string           `json:"notBefore,omitempty" nullable:"true" format:"date-time" doc:"Do not create it before this time."`
	ExpiresAt      *string           `json:"expiresAt,omitempty" nullable:"true" format:"date-time" doc:"Do not create it after this time: it fails with expired."`
	InviteMessage  string            `json:"inviteMessage,omitempty" doc:"The invitation's text. {{.Link}}, {{.GroupName}} and {{.Organisation}} stand for the link, the name and the pool's organisation."`
	Consent        *tasks.Consent    `json:"consent,omitempty" doc:"These people's permission, as you vouch for it: where it was given, and when."`
	Description    string            `json:"description,omitempty" maxLength:"2048" doc:"The group's description."`
	Photo          string            `json:"photo,omitempty" format:"uri" doc:"The https address of the group's picture: a JPEG or PNG of at most 5 MB."`
	Admins         *Admins           `json:"admins,omitempty" doc:"Who becomes admin: phones of people of this group, or the one word all."`
	WelcomeMessage string            `json:"welcomeMessage,omitempty" maxLength:"4096" doc:"One message to the group, sent once. {{.GroupName}}, {{.Link}} and {{.Organisation}} stand for what they name."`
	Settings       *tasks.Settings   `json:"settings,omitempty" doc:"WhatsApp's settings of the group. What is left out stays as WhatsApp has it."`
	Metadata       map[string]any    `json:"metadata,omitempty" doc:"Whatever you want to have back with the group."`
}

// Admins are the people who become admins.
type Admins struct{ tasks.Admins }

// Schema implements huma.SchemaProvider.
func (Admins) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Enum: []any{"all"}},
		{Type: huma.TypeArray, Items: &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeInteger}}}},
	}}
}

// BatchRequest is many requested groups. The server takes the bare list, too.
type BatchRequest struct {
	_      struct{}       `additionalProperties:"false"`
	Groups []GroupRequest `json:"groups" doc:"The groups, each a row of the batch."`
}
