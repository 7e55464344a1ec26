package intake_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestRead_ANameBelongsToThePersonOfItsLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, want string }{
		{"grupo;Nome;telefone\nT1;Ana Souza;+5544999999991\nT1;Bia;+5544999999992\n", "+5544999999991=Ana Souza +5544999999992=Bia"},
		{"group,First Name,Last Name,phone\nT1,Ana,Souza,+5544999999991\nT1,,Lima,+5544999999992\n", "+5544999999991=Ana Souza +5544999999992=Lima"},
		{"turma,Aluno,telefone\nT1,Ana,+5544999999991\nT1,Bia,+5544999999991\n", "+5544999999991=Ana, Bia"},
		{"group,Nome,Sobrenome,phone\nT1,Ana,Souza,+5544999999991\n", "+5544999999991=Ana Souza"},
		{"group,phones,name\nT1,+5544999999991,Ana\n", ""}, // one row is one group: the name could be of any person
	} {
		var got []string
		for row, err := range intake.Read(t.Context(), strings.NewReader(c.file), intake.Options{}) {
			if err != nil || row.Err != nil {
				t.Fatalf("%q: %v %v", c.file, err, row.Err)
			}
			for _, p := range row.Request.Phones {
				if name := row.Request.Names[string(p)]; name != "" && !strings.Contains(strings.Join(got, " "), name) {
					got = append(got, string(p)+"="+name)
				}
			}
			if _, is := row.Request.Metadata["Nome"]; is {
				t.Errorf("%q: the name of a person is the group's metadata", c.file)
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.file, got, c.want)
		}
	}
}

func TestCheck_GivesEachPersonTheirName(t *testing.T) {
	t.Parallel()
	r := tasks.GroupRequest{
		GroupName: "T1", Phones: []tasks.Phone{" +5544999999991", "+5544999999992"}, ChatIDs: []string{"79001234568@c.us"},
		Names: map[string]string{"+5544999999991": " Ana  Souza ", "79001234568@c.us": "Oleg", "+1": "not in the group"},
	}
	checked, rowErr := intake.Check(r, intake.Rules{Now: time.Now()})
	if rowErr != nil {
		t.Fatal(rowErr)
	}
	var got []string
	for _, p := range checked.People {
		got = append(got, p.Name)
	}
	if diff := cmp.Diff([]string{"Ana Souza", "", "Oleg"}, got); diff != "" {
		t.Errorf("names of the people (-want +got):\n%s", diff)
	}
	r.Names = map[string]string{"+5544999999991": "Ana\u0007"}
	if _, rowErr := intake.Check(r, intake.Rules{Now: time.Now()}); rowErr == nil || rowErr.Code != tasks.BadField || rowErr.Field != "names" {
		t.Errorf("a name with a control character: got %v, want badField of names", rowErr)
	}
}
