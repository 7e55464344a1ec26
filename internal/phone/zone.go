package phone

import (
	"time"

	"github.com/nyaruka/phonenumbers"
)

// Zones are the time zones a number may be in, for quiet hours: one for most, several where a
// country's numbers do not tell. Never empty: UTC where nothing is known. It needs the tz
// database, which the programs carry (time/tzdata).
func Zones(n Number) []*time.Location {
	var zones []*time.Location
	if parsed, err := phonenumbers.Parse(n.E164(), ""); err == nil {
		names, _ := phonenumbers.GetTimezonesForNumber(parsed)
		for _, name := range names {
			if zone, err := time.LoadLocation(name); err == nil && name != "" {
				zones = append(zones, zone)
			}
		}
	}
	if len(zones) == 0 {
		return []*time.Location{time.UTC}
	}
	return zones
}
