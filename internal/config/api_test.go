package config

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestTrustedProxies_AreAddressesOrNetworksAndNeverAll(t *testing.T) {
	t.Parallel()
	c, err := decode("f", []byte("api: {trusted_proxies: [10.0.0.5, 10.1.2.3/16, '2001:db8::1']}"), env(nil), nil)
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.5/32"), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8::1/128")}
	if err != nil || !slices.Equal(c.API.TrustedProxies, want) {
		t.Errorf("got %v, %v, want %v", c, err, want)
	}
	for _, text := range []string{"0.0.0.0/0", "'::/0'", "proxy.example", "10.0.0.0/40"} {
		if _, err := decode("f", []byte("api: {trusted_proxies: ["+text+"]}"), env(nil), nil); err == nil || !strings.Contains(err.Error(), "trusted_proxies") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestKeyName_LocalIsTheActorOfAnAPIWithoutKeys(t *testing.T) {
	t.Parallel()
	text := "api: {keys: [{name: local, hash: 'sha256:" + strings.Repeat("ab", 32) + "', role: viewer}]}"
	if _, err := decode("f", []byte(text), env(nil), nil); err == nil || !strings.Contains(err.Error(), "local") {
		t.Errorf("got %v", err)
	}
}
