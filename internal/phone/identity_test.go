package phone_test

import (
	"errors"
	"testing"

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestIdentityOf_ReadsEveryAddressAProviderWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, address string
		want          phone.Identity
	}{
		{"digits", "5511999999999", phone.Identity{Digits: "5511999999999"}},
		{"typed", "+55 11 99999-9999", phone.Identity{Digits: "5511999999999"}},
		{"a chat id", "79001234568@c.us", phone.Identity{Digits: "79001234568"}},
		{"a JID", "5511999999999@s.whatsapp.net", phone.Identity{Digits: "5511999999999"}},
		{"a number's device", "5511999999999:12@s.whatsapp.net", phone.Identity{Digits: "5511999999999"}},
		{"a LID", "162122214428868@lid", phone.Identity{LID: "162122214428868@lid"}},
		{"a LID's device", "162122214428868:3@lid", phone.Identity{LID: "162122214428868@lid"}},
		{"a group of GREEN-API", "120363000000000001@g.us", phone.Identity{}},
		{"a group of Z-API", "120363000000000001-group", phone.Identity{}},
		{"an old group", "5511999999999-1623281429", phone.Identity{}},
		{"a name", "hello 5", phone.Identity{}},
		{"nothing", "", phone.Identity{}},
		{"an empty LID", "@lid", phone.Identity{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := phone.IdentityOf(tt.address); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestSamePerson_NeedsSomethingInCommon(t *testing.T) {
	t.Parallel()
	number := phone.Identity{Digits: "5561999536737"}
	onWhatsApp := phone.Identity{Digits: "556199536737", LID: "162122214428868@lid"}
	lid := phone.Identity{LID: "162122214428868@lid"}
	for _, tt := range []struct {
		name string
		a, b phone.Identity
		want bool
	}{
		{"a number and its old form", number, onWhatsApp, true},
		{"a LID and the same LID", onWhatsApp, lid, true},
		{"a number and a LID", number, lid, false},
		{"nothing known of both", phone.Identity{}, phone.Identity{}, false},
		{"two LIDs", lid, phone.Identity{LID: "1@lid"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := phone.SamePerson(tt.a, tt.b); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			set := phone.SetOf(tt.a)
			if got := set.Has(tt.b); got != tt.want {
				t.Errorf("the set says %v, want %v", got, tt.want)
			}
			if added := set.Add(tt.b); added == (tt.want || tt.b.Zero()) {
				t.Errorf("Add says new: %v, want %v", added, !added)
			}
		})
	}
}

func TestParseChatID_TakesPeopleOnly(t *testing.T) {
	t.Parallel()
	n, who, err := phone.ParseChatID("5215512345678@c.us")
	if err != nil || n.E164() != "+525512345678" || who.Digits != "5215512345678" {
		t.Errorf("got %s, %+v and %v", n.E164(), who, err)
	}
	n, who, err = phone.ParseChatID("162122214428868@lid")
	if err != nil || n != "" || who.LID != "162122214428868@lid" {
		t.Errorf("got %s, %+v and %v", n.E164(), who, err)
	}
	for _, bad := range []string{"120363000000000001@g.us", "79001234567", "x@c.us", "", "0@c.us"} {
		var e *phone.Error
		if _, _, err := phone.ParseChatID(bad); !errors.As(err, &e) {
			t.Errorf("%q gave %v, want an error", bad, err)
		}
	}
}
