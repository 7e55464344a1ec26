// The producer puts groups into the queue and follows them. See docs/cli.md.
package main

import (
	"os"
	_ "time/tzdata" // time zones, for a machine or an image without its own

	_ "golang.org/x/crypto/x509roots/fallback" // Mozilla's certificate authorities, for an image that has none

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
)

func main() { os.Exit(producercmd.Main(cli.OS())) }
