// Worker creates WhatsApp groups from a queue.
package main

import (
	"os"
	_ "time/tzdata" // quiet hours name zones, and a static image has no table of them

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
)

func main() { os.Exit(workercmd.Main(cli.OS())) }
