package config

import (
	"os"
	"strings"
	"sync"
	"time"

	// The file and the machine name zones. A container built from scratch has no table of zones: without this import
	// America/Sao_Paulo would be unknown there.
	_ "time/tzdata"
)

// LocalZone returns the zone of this machine's clock, by its name in $TZ, or else in the link /etc/localtime, or else
// in /etc/timezone. It returns UTC if none of them has the name.
func LocalZone() *time.Location { return local().zone }

// LocalZoneOrigin returns where the name of LocalZone was found: "$TZ", "/etc/localtime" or "/etc/timezone", or "" if
// it was found nowhere.
func LocalZoneOrigin() string { return local().origin }

// namedZone is a zone and where its name was found.
type namedZone struct {
	zone   *time.Location
	origin string
}

var local = sync.OnceValue(func() namedZone {
	return nameZone(time.Local, "/etc/localtime", "/etc/timezone")
})

// nameZone returns the zone of a clock, and where its name was found. Go calls the clock Local unless $TZ names it or
// holds a path, and UTC if there is nothing to read. In a container localtime is often a plain file, which has no name.
// On Debian the file timezone then has a name, which counts only if that zone agrees with the clock.
func nameZone(clock *time.Location, localtime, timezone string) namedZone {
	switch name := clock.String(); name {
	case "Local":
	case "UTC":
		return namedZone{zone: time.UTC}
	default:
		if zone := zoneOfPath(name); zone != nil {
			return namedZone{zone, "$TZ"}
		}
		return namedZone{zone: time.UTC}
	}
	if target, err := os.Readlink(localtime); err == nil {
		if zone := zoneOfPath(target); zone != nil {
			return namedZone{zone, localtime}
		}
	}
	if text, err := os.ReadFile(timezone); err == nil { //nolint:gosec // the machine's own file
		if zone := zoneOfPath(strings.TrimSpace(string(text))); zone != nil && agree(zone, clock) {
			return namedZone{zone, timezone}
		}
	}
	return namedZone{zone: time.UTC}
}

// zoneOfPath returns the zone of a name, or of a file in a directory of zones, or nil for any other text.
func zoneOfPath(path string) *time.Location {
	const directory = "zoneinfo/"
	name := path
	if i := strings.LastIndex(path, directory); i >= 0 {
		name = path[i+len(directory):]
	}
	name = strings.TrimPrefix(strings.TrimPrefix(name, "posix/"), "right/")
	switch name {
	case "", "Local":
		return nil
	case "UTC", "Etc/UTC":
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// agree reports whether two clocks show the same time in the winter and in the summer of this year.
func agree(a, b *time.Location) bool {
	year := time.Now().Year()
	for _, month := range []time.Month{time.January, time.July} {
		at := time.Date(year, month, 15, 12, 0, 0, 0, time.UTC)
		_, left := at.In(a).Zone()
		if _, right := at.In(b).Zone(); left != right {
			return false
		}
	}
	return true
}

func zone(to **time.Location) func(value) {
	return func(v value) {
		if text, ok := v.text(); ok {
			readZone(v, text, to, "write a name such as America/Sao_Paulo or Europe/Moscow, not an offset or an abbreviation")
		}
	}
}

// readZone reads a zone by name. It refuses "" and "Local", which LoadLocation accepts, because they depend on the
// machine.
func readZone(v value, text string, to **time.Location, remedy string) {
	location, err := time.LoadLocation(text)
	if err != nil || text == "" || text == "Local" {
		v.fault(v.raw()+" is not a time zone", remedy)
		return
	}
	*to = location
}
