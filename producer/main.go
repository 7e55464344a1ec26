// The producer puts groups into the queue and follows them. See docs/cli.md.
package main

import (
	"os"
	_ "time/tzdata" // quiet hours are told on machines without a tz database, too

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
)

func main() { os.Exit(producercmd.Main(cli.OS())) }
