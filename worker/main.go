// The worker creates WhatsApp groups from a queue. See docs/cli.md.
package main

import (
	"os"
	_ "time/tzdata" // time zones, for a machine or an image without its own

	_ "golang.org/x/crypto/x509roots/fallback" // Mozilla's certificate authorities, for an image that has none

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
)

func main() { os.Exit(workercmd.Main(cli.OS())) }
