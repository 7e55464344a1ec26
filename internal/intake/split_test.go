package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// written returns a part of a row on one line, for comparing.
func written(r intake.Row) string {
	if r.Err != nil {
		return fmt.Sprintf("%d %s %s", r.N, r.Err.Code, r.Err.Field)
	}
	var people []string
	for _, p := range r.Request.Phones {
		people = append(people, string(p)+r.Request.Names[string(p)])
	}
	admins := ""
	if a := r.Request.Admins; a != nil {
		admins = fmt.Sprint(" admins ", a.People)
	}
	return fmt.Sprintf("%d %s %s%v%v%s", r.N, r.Request.GroupName, r.Request.IdempotencyKey, people, r.Request.ChatIDs, admins)
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const a, b, c, d = "+5511900000001", "+5511900000002", "+5511900000003", "+5511900000004"
	for _, tc := range []struct {
		name   string
		in     tasks.GroupRequest
		strict bool
		want   []string
	}{
		{"a row that fits keeps its name", tasks.GroupRequest{GroupName: "T", Phones: []tasks.Phone{a, b}}, false, []string{"7 T [" + a + " " + b + "][]"}},
		{
			"people fill the groups in their order",
			tasks.GroupRequest{GroupName: " T ", IdempotencyKey: "k", Phones: []tasks.Phone{a, b, c}, ChatIDs: []string{"5511900000004@c.us"}},
			false,
			[]string{"7 T 1 k/1[" + a + " " + b + "][]", "7 T 2 k/2[" + c + "][5511900000004@c.us]"},
		},
		{
			"a person is in one group, and one who cannot be used takes no place",
			tasks.GroupRequest{GroupName: "T", Phones: []tasks.Phone{a, "x", b, "5511900000001", "y", c, "z"}},
			false,
			[]string{"7 T 1 [" + a + " x " + b + " y][]", "7 T 2 [" + c + " z][]"},
		},
		{
			"names and admins go with their people",
			tasks.GroupRequest{GroupName: "T", Phones: []tasks.Phone{a, b, c}, Names: map[string]string{b: " Bia ", c: "Caio"}, Setup: tasks.Setup{Admins: &tasks.Admins{People: []tasks.Phone{c, "55 11 90000-0001"}}}},
			false,
			[]string{"7 T 1 [" + a + " " + b + "Bia][] admins [55 11 90000-0001]", "7 T 2 [" + c + "Caio][] admins [" + c + "]"},
		},
		{"an admin who is not in the group", tasks.GroupRequest{GroupName: "T", Phones: []tasks.Phone{a, b, c}, Setup: tasks.Setup{Admins: &tasks.Admins{People: []tasks.Phone{d}}}}, false, []string{"7 badField admins"}},
		{"no name", tasks.GroupRequest{Phones: []tasks.Phone{a, b, c}}, false, []string{"7  [" + a + " " + b + " " + c + "][]"}},
		{"no room for the number", tasks.GroupRequest{GroupName: strings.Repeat("x", 99), Phones: []tasks.Phone{a, b, c}}, false, []string{"7 nameTooLong groupName"}},
		{"a part that strict refuses", tasks.GroupRequest{GroupName: "T", Phones: []tasks.Phone{a, b, c, "x"}}, true, []string{"7 badPhone phones"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, part := range intake.Split(intake.Row{N: 7, Request: tc.in}, 2, intake.Rules{Strict: tc.strict, Now: time.Now()}) {
				got = append(got, written(part))
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}

func TestSplit_LargeListOfNamedPeople(t *testing.T) {
	t.Parallel()
	r := tasks.GroupRequest{GroupName: "T", Names: map[string]string{}}
	for i := range 3*tasks.MaxPeople + 1 {
		p := fmt.Sprintf("+55119%08d", i)
		r.Phones, r.Names[p] = append(r.Phones, tasks.Phone(p)), "Ana"
	}
	parts := intake.Split(intake.Row{N: 1, Request: r}, tasks.MaxPeople, intake.Rules{Now: time.Now()})
	if len(parts) != 4 || len(parts[3].Request.Phones) != 1 || len(parts[0].Request.Names) != tasks.MaxPeople {
		t.Errorf("got %d parts, the first %.80s; want 4, the first full and one person in the last", len(parts), written(parts[0]))
	}
}
