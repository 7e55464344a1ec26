package admin_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// wrongRows has a row for each of several kinds of mistakes. The stored mistakes hold none of its cells.
const wrongRows = "name;phones;priority;expiresAt\r\n" +
	"Turma 1;+5544999999991;;\r\n" +
	";+5544999999992;;\r\n" +
	"Turma 3;5544-99998;;\r\n" +
	"Turma 4;+5544999999994;urgente mesmo;\r\n" +
	"Turma 5;+5544999999995;;03/04/26\r\n" +
	"Total de 3;texto;;\r\n"

func TestInvalidRows_AreShownInTheReadersLanguageAndStoredWithoutCells(t *testing.T) {
	t.Parallel()
	r := setup(t)
	sent := r.send("wrong.csv", []byte(wrongRows), "autoInvite", "1")
	const line = `data-label="Row">2</td><td class="n" data-label="Line of the file">3</td>`
	r.awaits(sent.to(), "What would happen")
	wants(t, r.get(sent.to()).body, line)
	said := map[string][]string{
		"en":     {"The group has no name.", "The only phone cannot be used.", "The priority", "is not known. Write high, normal or low.", "expiresAt is not a time: the year has two digits", "Lines of totals were not read"},
		"pt-BR":  {"O grupo não tem nome.", "O único telefone não pode ser usado.", "A prioridade", "não é conhecida. Escreva high, normal ou low.", "expiresAt não é um horário: o ano tem dois dígitos", "Linhas de somas não foram lidas"},
		"es-419": {"El grupo no tiene nombre.", "El único teléfono no se puede usar.", "La prioridad", "no se conoce. Escriba high, normal o low.", "expiresAt no es una hora: el año tiene dos dígitos", "No se leyeron las líneas de sumas"},
	}
	for lang, parts := range said {
		wants(t, text(r.get(sent.to(), "Accept-Language: "+lang).body), parts...)
	}
	r.post(sent.to() + "/run")
	r.awaits(sent.to(), "The file is taken in: 1 created.")
	batch, err := r.store.Index.BatchID(t.Context(), "wrong.csv")
	if err != nil {
		t.Fatal(err)
	}
	for lang, parts := range said {
		page := r.get("/batches/"+batch, "Accept-Language: "+lang)
		wants(t, text(page.body), parts[:len(parts)-1]...)
		wants(t, page.body, `href="/batches/`+batch+`/invalid.csv"`, "<code>expiresAt</code>")
		a := r.get("/batches/"+batch+"/invalid.csv", "Accept-Language: "+lang)
		rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
		if err != nil || a.status != http.StatusOK || len(rows) != 5 || !slices.Equal(rows[1][:4], []string{"2", "3", "groupName", "noName"}) || !strings.HasPrefix(rows[1][4], parts[0]) {
			t.Errorf("%s: the file of invalid rows: got %d with %v, want a head and 4 rows (%v)", lang, a.status, rows, err)
		}
	}
	wants(t, r.get("/batches/"+batch).body, line)
	kept := r.rdb.Get(t.Context(), "rollcall:{ix}:bad:"+batch).Val()
	for _, cell := range []string{"99998", "99••", "urgente", "03/04", "Turma"} {
		if kept == "" || strings.Contains(kept, cell) {
			t.Errorf("the stored mistakes are missing, or hold the cell %q: %s", cell, kept)
		}
	}
	// A run without invalid rows removes those of the run before.
	again := r.send("right.csv", []byte("name;phones\r\nTurma 9;+5544999999999\r\n"), "batch", "wrong.csv", "autoInvite", "1")
	r.awaits(again.to(), "What would happen")
	r.post(again.to() + "/run")
	r.awaits(again.to(), "The file is taken in: 1 created.")
	if strings.Contains(r.get("/batches/"+batch).body, "invalid.csv") {
		t.Error("after a run without invalid rows, the batch still offers a file of them")
	}
}

// A JSON row can have any key, and a spreadsheet splits the file at its own separator.
func TestInvalidCSV_HoldsNoFormulaWhateverTheSeparator(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var rows strings.Builder
	formulas := []string{"=1+41", "a;=1+41;b", "a,=1+41", "＝1+41", "@SUM(1)", "a\";=1+41"}
	for i, key := range formulas {
		fmt.Fprintf(&rows, "{\"groupName\": \"Turma %d\", \"phones\": [\"+5544999999991\"], %q: 1}\n", i, key)
	}
	sent := r.send("wrong.ndjson", []byte(rows.String()+`{"groupName": "Turma", "phones": ["+5544999999991"]}`), "autoInvite", "1")
	r.awaits(sent.to(), "What would happen")
	r.post(sent.to() + "/run")
	r.awaits(sent.to(), "The file is taken in: 1 created.")
	batch, err := r.store.Index.BatchID(t.Context(), "wrong.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	file := r.get("/batches/" + batch + "/invalid.csv").body
	if n := strings.Count(file, "\n"); n != len(formulas)+1 {
		t.Fatalf("the file has %d lines, want %d: %s", n, len(formulas)+1, file)
	}
	for _, cell := range regexp.MustCompile(`[,;\n]`).Split(file, -1) {
		if begun := strings.TrimLeft(cell, `" `); strings.ContainsAny(begun[:min(len(begun), 1)], "=@") || strings.HasPrefix(begun, "＝") {
			t.Errorf("a spreadsheet takes the cell for a formula: %q", cell)
		}
	}
}
