package testutil

import (
	"fmt"
	"os"
	"os/exec"
)

// Programs builds programs of the module in root into dir as they are released: without cgo, symbols and the pages of
// golang.org/x/net/trace. args are the packages, after further flags of go build. It leaves out -trimpath, because Go
// compiles every package again if the flags differ from those of the tests.
func Programs(root, dir string, args ...string) error {
	flags := []string{"build", "-tags=grpcnotrace,nethttpomithttp2", "-ldflags=-s -w -funcalign=16", "-o", dir + string(os.PathSeparator)}
	build := exec.Command("go", append(flags, args...)...)
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}
