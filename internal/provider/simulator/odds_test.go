package simulator

import "testing"

func TestOdds_NameKnownFaultsWithinTheirShares(t *testing.T) {
	t.Parallel()
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct {
		p         Personality
		low, high float64
	}{{Kind, 0, 0}, {Realistic, 0.01, 0.09}, {Hostile, 0.10, 0.22}} {
		for _, provider := range []string{ZAPI, GreenAPI} {
			for _, k := range []callKind{kindCreate, kindMembers, kindList, kindAdd, kindSet, kindSend, kindPost, kindCheck, kindState, kindQueue} {
				sum := 0.0
				for _, o := range odds(c.p, provider, k) {
					if _, ok := s.fault(o.fault); !ok {
						t.Errorf("%s %s %s: no fault %q", c.p, provider, k, o.fault)
					}
					sum += o.p
				}
				if sum < c.low || sum > c.high {
					t.Errorf("%s %s %s: %.3f of the calls misbehave, want %.2f to %.2f", c.p, provider, k, sum, c.low, c.high)
				}
			}
			if len(odds(c.p, provider, kindHook)) != 0 {
				t.Errorf("%s %s: settings and notifications misbehave, want no fault", c.p, provider)
			}
		}
	}
}

func TestFold_JoinsTheSpellingsOfOneAccountOnly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"5541987654321", "554187654321", true},
		{"5511934567890", "551134567890", false}, // a new mobile and a landline
		{"5215512345678", "525512345678", true},
		{"5491123456789", "541123456789", true},
		{"79000000001", "79000000002", false},
	} {
		if got := fold(c.a) == fold(c.b); got != c.same {
			t.Errorf("%s and %s fold to the same account: %v, want %v", c.a, c.b, got, c.same)
		}
	}
}
