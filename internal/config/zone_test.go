package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestNameZone_FindsTheNameOfTheMachinesClock(t *testing.T) {
	t.Parallel()
	load := func(name string) *time.Location {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		return zone
	}
	// called returns the clock of a zone under another name: Go says Local if $TZ is not set, and the path if $TZ is one.
	called := func(name, zone string) *time.Location {
		data, err := os.ReadFile(filepath.Join(zoneDirectory(t), zone))
		if err != nil {
			t.Fatal(err)
		}
		clock, err := time.LoadLocationFromTZData(name, data)
		if err != nil {
			t.Fatal(err)
		}
		return clock
	}
	const saoPaulo = "America/Sao_Paulo"
	for _, c := range []struct {
		name           string
		clock          *time.Location
		link, timezone string
		want, origin   string
	}{
		{"$TZ", load(saoPaulo), "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo\n", saoPaulo, "$TZ"},
		{"$TZ as a path", called("/usr/share/zoneinfo/"+saoPaulo, saoPaulo), "", "", saoPaulo, "$TZ"},
		{"$TZ as a file of its own", called("/opt/clock", saoPaulo), "", "", "UTC", ""},
		{"$TZ is empty or wrong", time.UTC, "/usr/share/zoneinfo/" + saoPaulo, "", "UTC", ""},
		{"a link", called("Local", saoPaulo), "../usr/share/zoneinfo/" + saoPaulo, "Asia/Tokyo\n", saoPaulo, "/etc/localtime"},
		{"a link of macOS", called("Local", saoPaulo), "/var/db/timezone/zoneinfo/" + saoPaulo, "", saoPaulo, "/etc/localtime"},
		{"a link with leap seconds", called("Local", saoPaulo), "/usr/share/zoneinfo/right/" + saoPaulo, "", saoPaulo, "/etc/localtime"},
		{"UTC has one name", called("Local", "Etc/UTC"), "/usr/share/zoneinfo/Etc/UTC", "", "UTC", "/etc/localtime"},
		{"a file, and Debian's name", called("Local", saoPaulo), "", saoPaulo + "\n", saoPaulo, "/etc/timezone"},
		{"a file, and a name of another clock", called("Local", saoPaulo), "", "Asia/Tokyo\n", "UTC", ""},
		{"a link to anywhere", called("Local", saoPaulo), "/opt/clock", "", "UTC", ""},
		{"nothing", called("Local", saoPaulo), "", "", "UTC", ""},
	} {
		dir := t.TempDir()
		link, timezone := filepath.Join(dir, "localtime"), filepath.Join(dir, "timezone")
		if c.link != "" {
			if err := os.Symlink(c.link, link); err != nil {
				t.Fatal(err)
			}
		}
		if c.timezone != "" {
			if err := os.WriteFile(timezone, []byte(c.timezone), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		origin := map[string]string{"/etc/localtime": link, "/etc/timezone": timezone}[c.origin]
		if origin == "" {
			origin = c.origin
		}
		if got := nameZone(c.clock, link, timezone); got.zone.String() != c.want || got.origin != origin {
			t.Errorf("%s: got %s from %q, want %s from %q", c.name, got.zone, got.origin, c.want, origin)
		}
	}
}

// zoneDirectory returns the machine's directory of zones, and skips the test if there is none.
func zoneDirectory(t *testing.T) string {
	t.Helper()
	const dir = "/usr/share/zoneinfo"
	if _, err := os.Stat(dir); err != nil {
		t.Skip(err)
	}
	return dir
}
