package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// TestExport_LibreOfficeFindsNoFormula opens an export in LibreOffice with two separators and looks for cells
// whose formula was computed.
func TestExport_LibreOfficeFindsNoFormula(t *testing.T) {
	t.Parallel()
	var export bytes.Buffer
	w, err := intake.NewWriter(&export, intake.Form{}, "message")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"=1+41", "x;=1+41;y", "x,=1+41,y", `x;"=1+41";y`, "＝1+41", "x;＝1+41", "@SUM(1)", "-1+1", "x;-1+1;"} {
		r := intake.Record{Request: tasks.GroupRequest{GroupName: text, Phones: []tasks.Phone{"+5544999999991"}, ExternalRef: text, InviteMessage: text}, Outcome: []string{text}}
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed: no export was opened in it (Debian: apt-get install libreoffice-calc)")
	}
	for _, separator := range []string{"44", "59"} {
		t.Run(separator, func(t *testing.T) {
			dir := t.TempDir()
			in := filepath.Join(dir, "export.csv")
			if err := os.WriteFile(in, export.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			// Tokens 13 and 14 of the filter say how cells are read: a formula is computed, as a person's import does.
			cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"), "--headless",
				"--infilter=Text - txt - csv (StarCalc):"+separator+",34,76,1,,0,false,true,false,false,false,-1,true", "--convert-to", "fods", "--outdir", dir, in)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			sheet, err := os.ReadFile(filepath.Join(dir, "export.fods"))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(sheet), "table:formula="); n > 0 {
				t.Errorf("LibreOffice found %d formulas", n)
			}
			if !strings.Contains(string(sheet), "groupName") {
				t.Error("LibreOffice did not open the export")
			}
		})
	}
}
