package e2e

import "testing"

// As documented, GREEN-API checks only numbers of 11 or 12 digits, and answers a create with 500 if one of the numbers has
// no WhatsApp. A Brazilian number has 13 digits.
func TestANumberThatCannotBeCheckedDoesNotKeepItsGroupFromComingToBe(t *testing.T) {
	t.Parallel()
	const (
		here, gone             = "5511987651111", "5511987652222" // cannot be checked
		checked, checkedAbsent = "79001110001", "79001110002"
	)
	delta := fourInstances()[3]
	delta.Old = true
	s := newStage(t, script{seed: 10, instances: []instance{delta}, quirks: []quirk{blocked(0)}})
	s.person(gone, false, true)
	s.person(checkedAbsent, false, true)
	s.worker("worker", s.config)
	r := s.produce("create", "--name", "Mixed", "--phone", here, "--phone", gone, "--phone", checked, "--phone", checkedAbsent)
	if r.code != 0 {
		t.Fatal(r)
	}
	groups := s.settle()
	truth := s.provider.Ledger()
	if len(groups) != 1 || groups[0].Status != "done" || len(truth.Groups) != 1 {
		t.Fatalf("want one group, done: %v and %d at the provider\n%s", groups, len(truth.Groups), s.historyOf(groups, truth, "Mixed"))
	}
	status := map[string]string{}
	for _, m := range groups[0].Members {
		status[m.Phone] = m.Status
	}
	// A person who could not be checked is invited. An invitation does no harm to a person on WhatsApp; of a
	// person who is not, the provider tells by a webhook, if at all.
	want := map[string]string{"+" + here: "invited", "+" + gone: "invited", "+" + checked: "added", "+" + checkedAbsent: "notOnWhatsApp"}
	for phone, is := range want {
		if status[phone] != is {
			t.Errorf("…%s is %q, want %s", tail(phone), status[phone], is)
		}
	}
	creates, invites := len(s.creates()), len(truth.Invitations())
	if creates > 3 || invites != 2 {
		t.Errorf("%d creates and %d invites, want at most 3 and 2", creates, invites)
	}
	t.Logf("%d creates until the group came to be, %v", creates, status)
}
