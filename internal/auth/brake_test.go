package auth

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestBrake_PausesOfASourceGrowAndEnd(t *testing.T) {
	t.Parallel()
	var b brake
	now := time.Now()
	source, other := netip.MustParsePrefix("203.0.113.9/32"), netip.MustParsePrefix("203.0.113.10/32")
	for range freeWrong {
		b.failed(source, now)
	}
	if d := b.pause(source, now); d != 0 {
		t.Errorf("after %d wrong secrets the source waits %s, want no pause", freeWrong, d)
	}
	last := time.Duration(0)
	for range 20 {
		b.failed(source, now)
		d := b.pause(source, now)
		if d <= last && d != longestPause || d > longestPause {
			t.Errorf("a pause of %s follows one of %s, want a longer one of at most %s", d, last, longestPause)
		}
		b.failed(source, now) // within the pause no secret is checked, so none counts
		if again := b.pause(source, now); again != d {
			t.Errorf("a try within the pause changes it from %s to %s", d, again)
		}
		if d := b.pause(other, now); d != 0 {
			t.Errorf("another source waits %s, want no pause", d)
		}
		last, now = d, now.Add(d)
	}
	if last != longestPause {
		t.Errorf("the pauses grow to %s, want %s", last, longestPause)
	}
	now = now.Add(forgetWrong)
	b.failed(source, now)
	if d := b.pause(source, now); d != 0 {
		t.Errorf("old wrong secrets still count: the source waits %s", d)
	}
}

func TestBrake_AllSourcesTogetherHaveABound(t *testing.T) {
	t.Parallel()
	var b brake
	now := time.Now()
	customer, stranger := netip.MustParsePrefix("198.51.100.1/32"), netip.MustParsePrefix("198.51.100.2/32")
	b.passed(customer)
	for i := range 10 * wrongMinute {
		b.failed(netip.MustParsePrefix(fmt.Sprintf("2001:db8:%x:%x::/64", i>>12, i&0xfff)), now)
	}
	if d := b.pause(stranger, now); d <= 0 || d > time.Minute {
		t.Errorf("a new source waits %s, want a pause of at most a minute", d)
	}
	if d := b.pause(customer, now); d != 0 {
		t.Errorf("a source that has sent a right secret waits %s, want no pause", d)
	}
	if len(b.wrong) > wrongMinute {
		t.Errorf("%d sources are remembered, want at most %d", len(b.wrong), wrongMinute)
	}
	for range freeWrong + 1 {
		b.failed(customer, now)
	}
	if d := b.pause(customer, now); d != firstPause {
		t.Errorf("a source with a right secret and %d wrong ones waits %s, want %s", freeWrong+1, d, firstPause)
	}
	now = now.Add(time.Minute)
	if d := b.pause(stranger, now); d != 0 {
		t.Errorf("a minute later a new source waits %s, want no pause", d)
	}
	now = now.Add(forgetWrong)
	b.failed(stranger, now)
	if len(b.wrong) != 1 {
		t.Errorf("%d sources are remembered, want the latest alone", len(b.wrong))
	}
}
