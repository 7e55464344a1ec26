package phone_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata" // the machine may have no zone files

	"github.com/nyaruka/phonenumbers"

	"github.com/rollcallhq/rollcall/internal/phone"
)

func TestZones_ReturnsEveryZoneThatTheNumberMayBeIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		number phone.Number
		want   string // zones that Zones must return; a dot at the end means no others
	}{
		{"a Brazilian mobile", "+5511900028495", "America/Sao_Paulo."},
		{"a Brazilian mobile of the Amazon", "+5592900028495", "America/Manaus."},
		{"Recife shares its area code with an island", "+5581999991234", "America/Recife America/Noronha."},
		{"Recife in the old form", "+558199991234", "America/Recife America/Noronha."},
		{"the west of Amazonas", "+5597999991234", "America/Manaus America/Rio_Branco."},
		{"a Russian mobile", "+79161234567", "Europe/Kaliningrad Europe/Moscow Asia/Novosibirsk Asia/Kamchatka"},
		{"a landline of Moscow", "+74951234567", "Europe/Moscow."},
		{"an Australian mobile", "+61412345678", "Australia/Perth Australia/Sydney"},
		{"an Indonesian mobile", "+6281234567890", "Asia/Jakarta Asia/Makassar Asia/Jayapura."},
		{"a Chilean mobile", "+56912345678", "America/Santiago Pacific/Easter"},
		{"a Spanish mobile", "+34612345678", "Europe/Madrid Atlantic/Canary."},
		{"a landline of the Canaries", "+34928123456", "Atlantic/Canary."},
		{"a Portuguese mobile", "+351912345678", "Europe/Lisbon Atlantic/Azores."},
		{"a mobile of Congo", "+243812345678", "Africa/Kinshasa Africa/Lubumbashi."},
		{"an American area code", "+14155551234", "America/Los_Angeles."},
		{"a country with one clock", "+4915112345678", "Europe/Berlin."},
		{"a number of no country", "+80012345678", "."},
		{"no number", "", "."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, z := range phone.Zones(tt.number) {
				got = append(got, z.String())
			}
			want, alone := strings.CutSuffix(tt.want, ".")
			for z := range strings.FieldsSeq(want) {
				if !slices.Contains(got, z) {
					t.Errorf("got %v, want %s among them", got, z)
				}
			}
			if alone && len(got) != len(strings.Fields(want)) {
				t.Errorf("got %v, want only %s", got, want)
			}
		})
	}
}

func TestCountryZones_HasZonesForEveryRegionOfPhonenumbers(t *testing.T) {
	t.Parallel()
	for region := range phonenumbers.GetSupportedRegions() {
		if len(phone.CountryZones(region)) == 0 {
			t.Errorf("%s has no zone", region)
		}
	}
}

var update = flag.Bool("update", false, "write the generated parts of docs")

// The table in docs/quiet-hours.md is generated from CountryZones.
func TestCountryZones_MatchesTheTableInTheDocs(t *testing.T) {
	t.Parallel()
	const path, begin, end = "../../docs/quiet-hours.md", "-update`) -->\n", "<!-- zones: end -->"
	regions := make([]string, 0, 250)
	for region := range phonenumbers.GetSupportedRegions() {
		regions = append(regions, region)
	}
	slices.Sort(regions)
	var table strings.Builder
	table.WriteString("| country | code | zones |\n|---|---|---|\n")
	for _, region := range regions {
		fmt.Fprintf(&table, "| %s | +%d | %s |\n", region, phonenumbers.GetCountryCodeForRegion(region), strings.Join(phone.CountryZones(region), ", "))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(data), begin)
	old, tail, ended := strings.Cut(rest, end)
	switch {
	case !found || !ended:
		t.Fatalf("%s lacks the comments around the table of zones", path)
	case old == table.String():
	case *update:
		if err := os.WriteFile(path, []byte(head+begin+table.String()+end+tail), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the table of %s is stale; generate it: go test ./internal/phone -update", path)
	}
}
