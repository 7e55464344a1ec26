package workercmd_test

import (
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/cli"
)

func TestHelp_EndsInExamplesAndExitStatus(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "run", "dev", "check", "simulate", "version"} {
		t.Run("worker "+command, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t)
			if code := p.run(append(strings.Fields(command), "--help")...); code != cli.Done {
				t.Errorf("exit %d, want 0", code)
			}
			help := p.out.String()
			examples, exit := strings.Index(help, "\nEXAMPLES\n"), strings.Index(help, "\nEXIT STATUS\n")
			if examples < 0 || exit < examples || strings.Contains(help[exit:], "FLAGS") {
				t.Errorf("want EXAMPLES, then EXIT STATUS, at the end of:\n%s", help)
			}
		})
	}
}

func TestCompletion_WritesAScriptForFourShells(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		p := newProcess(t)
		if code := p.run("completion", shell); code != cli.Done || !strings.Contains(p.out.String(), "rollcall-worker") {
			t.Errorf("%s: exit %d, want 0 and a script:\n%s", shell, code, p.out.String())
		}
	}
}
