package group_test

import (
	"errors"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/say"
)

func TestRefusal_IsAnErrStateWithACode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		kind error
		code say.Code
		text string
	}{
		{"expired", group.ErrExpired, group.ErrExpired, say.RefusedExpired, "its expiresAt has passed; send it again with a later one: not possible now"},
		{"full", group.ErrFull, group.ErrFull, say.RefusedFull, "WhatsApp allows 1023 people besides the owner: not possible now"},
		{"replaced", editOf(group.Group{ReplacedBy: "grp_2"}), group.ErrReplaced, say.RefusedEditOf, "edit: grp_2 replaces the group: edit that one: not possible now"},
		{"in review", editOf(group.Group{Status: group.Review}), group.ErrState, say.RefusedEdit, "edit: the group is review: end its review first (resolve): not possible now"},
	} {
		if !errors.Is(c.err, group.ErrState) || !errors.Is(c.err, c.kind) || say.OfError(c.err).Code != c.code || c.err.Error() != c.text {
			t.Errorf("%s: got %q with code %s, want %q with %s, an ErrState and a %v", c.name, c.err, say.OfError(c.err).Code, c.text, c.code, c.kind)
		}
	}
}

func editOf(g group.Group) error {
	_, err := g.Correction()
	return err
}
