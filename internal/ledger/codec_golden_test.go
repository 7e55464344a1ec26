package ledger

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

var update = flag.Bool("update", false, "write the golden file of a record that has none yet")

// A record may lie in Redis for a year, so every form that was ever written is read for ever. What
// was written once is never written over: a new form gets a new file beside the old one.
func TestRecordsOfEveryFormDecodeForEver(t *testing.T) {
	t.Parallel()
	for name, g := range everyRecord() {
		for _, form := range []string{"v1", "v2"} {
			t.Run(name+"."+form, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join("testdata", "record."+name+"."+form)
				if _, err := os.Stat(path); *update && os.IsNotExist(err) {
					value, err := encode(g, "00c0ffee0000")
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				golden, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				got, err := decode(g.ID, strings.TrimSuffix(string(golden), "\n"))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(g, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(*g, "Write")); diff != "" {
					t.Errorf("%s decodes to something else (-want +got):\n%s", path, diff)
				}
			})
		}
	}
}

// The present form is written as its golden file says, byte for byte: another process reads it.
func TestARecordIsWrittenAsItsGoldenFileSays(t *testing.T) {
	t.Parallel()
	for name, g := range everyRecord() {
		golden, err := os.ReadFile(filepath.Join("testdata", "record."+name+".v2"))
		if err != nil {
			t.Fatal(err)
		}
		value, err := encode(g, "00c0ffee0000")
		if err != nil || value+"\n" != string(golden) {
			t.Errorf("%s is written as %q, its golden file says %q; %v", name, value, golden, err)
		}
	}
}

func TestABrokenOrNewerRecordIsAnErrorThatSaysSo(t *testing.T) {
	t.Parallel()
	whole, err := encode(everyRecord()["done"], "t")
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"empty": "", "no body": "1.t|", "no revision": "x.t|{}", "a newer form": "1.t|\x7f...",
		"cut off": whole[:len(whole)/2], "JSON cut off": `1.t|{"n":"a`,
	} {
		if g, err := decode(recordID, value); err == nil || !strings.Contains(err.Error(), recordID) {
			t.Errorf("%s decodes to %+v, %v", name, g, err)
		}
	}
}

// BenchmarkSeal is what encryption adds to writing and reading a record.
func BenchmarkSeal(b *testing.B) {
	l, err := Open(b.Context(), testutil.Redis(b), Options{EncryptionKey: "k1:" + strings.Repeat("A", 43) + "="})
	if err != nil {
		b.Fatal(err)
	}
	value, err := encode(everyRecord()["queued"], "00c0ffee0000")
	if err != nil {
		b.Fatal(err)
	}
	sealed := l.crypt.sealRecord(recordID, value)
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			l.crypt.sealRecord(recordID, value)
		}
		b.ReportMetric(float64(len(sealed)-len(value)), "more-bytes")
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := l.crypt.unsealRecord(b.Context(), recordID, sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	for name, g := range everyRecord() {
		value, err := encode(g, "00c0ffee0000")
		if err != nil {
			b.Fatal(err)
		}
		b.Run("encode/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encode(g, "00c0ffee0000"); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(value)), "bytes")
		})
		b.Run("decode/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(g.ID, value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
