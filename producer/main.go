// The producer puts groups into the queue and follows them. See docs/cli.md.
package main

import (
	"os"
	_ "time/tzdata" // zones and authorities for machines and images without their own

	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
)

func main() { os.Exit(producercmd.Main(cli.OS())) }
