// Worker creates WhatsApp groups from a queue.
package main

import (
	"os"
	_ "time/tzdata" // quiet hours name zones, and an image from scratch has no table of them

	_ "golang.org/x/crypto/x509roots/fallback" // Mozilla's certificate authorities, for an image that has none

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
)

func main() { os.Exit(workercmd.Main(cli.OS())) }
