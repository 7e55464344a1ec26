package steps_test

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestSteps_NoRequestToAProviderHoldsTheNameOfAPerson(t *testing.T) {
	t.Parallel()
	for _, name := range providers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, name)
			no := false
			if err := r.sim.SetPerson(simulator.Person{Phone: bia, Addable: &no, Joins: &no}); err != nil {
				t.Fatal(err)
			}
			id := r.ask(name, "Turma 12", ana, bia)
			if _, err := r.store.Records.Update(t.Context(), id, func(g *group.Group, _ time.Time) error {
				g.Members[0].Name, g.Members[1].Name = "Annabella", "Beatrix"
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			g := r.run(id)
			if g.Members[1].Status != group.Invited || g.Members[1].Name != "Beatrix" {
				t.Fatalf("the members are %+v, want Beatrix invited", g.Members)
			}
			asked := r.asked.text()
			if !strings.Contains(asked, ana) || !strings.Contains(asked, bia) || !strings.Contains(asked, "Turma 12") {
				t.Fatal("the recorder has not kept the create and the invitation")
			}
			for _, name := range []string{"Annabella", "Beatrix"} {
				if strings.Contains(strings.ToLower(asked), strings.ToLower(name)) {
					t.Errorf("a request to the provider holds the name %s", name)
				}
			}
		})
	}
}
