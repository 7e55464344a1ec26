package store

import (
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

var update = flag.Bool("update", false, "write the golden files of the records")

// plain is the codec of an installation that encrypts nothing.
var plain = &encryption{}

// Processes of two versions share one Redis during a deploy, so golden files fix a record's form: the store writes each
// byte for byte, and reads the same group from it.
func TestRecord_IsWrittenAndReadAsItsGoldenFileSays(t *testing.T) {
	t.Parallel()
	for name, g := range everyRecord() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g.Write = "00c0ffee0000"
			path := filepath.Join("testdata", "record."+name)
			value, err := plain.sealRecord(g)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(path, []byte(value+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if value+"\n" != string(golden) {
				t.Errorf("sealRecord = %q, want %s: %q", value, path, golden)
			}
			got, err := plain.openRecord(t.Context(), g.ID, strings.TrimSuffix(string(golden), "\n"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(g, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s is read as another group (-want +got):\n%s", path, diff)
			}
		})
	}
}

func TestRecord_KeepsNumbersOfMetadataDigitByDigit(t *testing.T) {
	t.Parallel()
	g := everyRecord()["queued"]
	if err := json.Unmarshal([]byte(`{"n": 0}`), &g.Metadata); err != nil {
		t.Fatal(err)
	}
	for _, number := range []string{"9007199254740993", "1e400", "0.10", "-0", "123456789012345678901234567890"} {
		g.Metadata["n"] = json.Number(number)
		value, err := plain.sealRecord(g)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plain.openRecord(t.Context(), g.ID, value)
		if err != nil {
			t.Errorf("the record with %s cannot be read: %v", number, err)
			continue
		}
		if text, err := json.Marshal(got.Metadata); err != nil || string(text) != `{"n":`+number+`}` {
			t.Errorf("%s comes back as %s, %v; want the same digits", number, text, err)
		}
	}
}

func TestRecord_ThatIsDamagedIsUnreadableAndNamed(t *testing.T) {
	t.Parallel()
	whole, err := plain.sealRecord(everyRecord()["done"])
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"empty": "", "no body": "1.t|", "no revision": "x.t|\x02\xa0", "another form": "1.t|\x7f...",
		"cut off": whole[:len(whole)/2], "JSON": `1.t|{"n":"a"}`, "sealed": "1.t|\x03abc", "unknown status": "1.t|\x02\xa1\x11\x18\x63",
	} {
		if g, err := plain.openRecord(t.Context(), recordID, value); !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), recordID) {
			t.Errorf("%s: read as %+v, %v; want ErrUnreadable with the id", name, g, err)
		}
	}
}

// BenchmarkSeal measures what it costs to write and read an encrypted record.
func BenchmarkSeal(b *testing.B) {
	st, err := Open(b.Context(), testutil.Redis(b), Options{EncryptionKey: "k1:" + strings.Repeat("A", 43) + "="})
	if err != nil {
		b.Fatal(err)
	}
	g := everyRecord()["queued"]
	open, err := plain.sealRecord(g)
	if err != nil {
		b.Fatal(err)
	}
	value, err := st.crypt.sealRecord(g)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			if _, err := st.crypt.sealRecord(g); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(value)-len(open)), "more-bytes")
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := st.crypt.openRecord(b.Context(), recordID, value); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	for name, g := range everyRecord() {
		value, err := plain.sealRecord(g)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("seal/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plain.sealRecord(g); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(value)), "bytes")
		})
		b.Run("open/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := plain.openRecord(b.Context(), g.ID, value); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A time outside of the years 0 to 9999 cannot be written as JSON, so one document with it would fail a whole list.
func TestRecord_AnyStoredTimeGivesAValidDocument(t *testing.T) {
	t.Parallel()
	for _, year := range []int{-300, -1, 10000, 200000} {
		g := everyRecord()["queued"]
		strange := time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		g.NotBefore, g.ExpiresAt, g.Consent.At, g.UpdatedAt, g.Wait.Until = strange, strange, strange, strange, strange
		value, err := plain.sealRecord(g)
		if err != nil {
			t.Fatal(err)
		}
		got, err := plain.openRecord(t.Context(), g.ID, value)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(got.Document()); err != nil {
			t.Errorf("a document with times of the year %d cannot be written: %v", year, err)
		}
	}
	for _, ms := range []int64{math.MinInt64, -1 << 53, 1 << 53, math.MaxInt64} {
		if _, err := json.Marshal(moment(ms)); err != nil {
			t.Errorf("the time %d ms cannot be written: %v", ms, err)
		}
	}
	if _, err := json.Marshal(unreadableRefusal("ffffffffff{")); err != nil {
		t.Errorf("a refusal that cannot be read cannot be written: %v", err)
	}
}
