// Man writes the manual pages of both programs, and their completions, for a release.
//
//	go run ./internal/cli/man DIR
//
// It makes DIR/man/*.1 and DIR/completions/PROGRAM.{bash,zsh,fish}.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/cli/workercmd"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "man: name the directory to write to")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "man:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	pages, completions := filepath.Join(dir, "man"), filepath.Join(dir, "completions")
	for _, d := range []string{pages, completions} {
		if err := os.MkdirAll(d, 0o755); err != nil { //nolint:gosec // published
			return err
		}
	}
	o := cli.OS()
	for _, root := range []*cobra.Command{workercmd.New(o), producercmd.New(o)} {
		root.DisableAutoGenTag = true
		cli.Spell(root)
		if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "rollcall", Manual: "rollcall"}, pages); err != nil {
			return err
		}
		for shell, generate := range map[string]func(string) error{
			"bash": func(path string) error { return root.GenBashCompletionFileV2(path, true) },
			"zsh":  root.GenZshCompletionFile,
			"fish": func(path string) error { return root.GenFishCompletionFile(path, true) },
		} {
			if err := generate(filepath.Join(completions, root.Name()+"."+shell)); err != nil {
				return err
			}
		}
	}
	return nil
}
