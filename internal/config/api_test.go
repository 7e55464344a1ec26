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
			t.Errorf("%s: got %v, want a fault of trusted_proxies", text, err)
		}
	}
}

func TestKeyName_LocalIsTheActorOfAnAPIWithoutKeys(t *testing.T) {
	t.Parallel()
	text := "api: {keys: [{name: local, hash: 'sha256:" + strings.Repeat("ab", 32) + "', role: viewer}]}"
	if _, err := decode("f", []byte(text), env(nil), nil); err == nil || !strings.Contains(err.Error(), "local") {
		t.Errorf("got %v, want a fault that names local", err)
	}
}

func TestKeyPools_AreWordsAndAnUnservedOneWarns(t *testing.T) {
	t.Parallel()
	const instance = "instances: [{name: alpha, provider: zapi, instance_id: I1, token: t, client_token: c, pools: [a]}]\n"
	key := func(role, more string) string {
		return instance + "api: {keys: [{name: crm, hash: 'sha256:" + strings.Repeat("ab", 32) + "', role: " + role + ", " + more + "}]}"
	}
	c, err := decode("f", []byte(key("operator", "pools: [a, b], only: create")), env(nil), nil)
	if err != nil || !slices.Equal(c.API.Keys[0].Pools, []string{"a", "b"}) || c.API.Keys[0].Only != OnlyCreate {
		t.Fatalf("got %+v, %v, want the pools a and b, and only create", c, err)
	}
	if !slices.ContainsFunc(c.Warnings, func(f Fault) bool { return strings.Contains(f.What, `serves the pool "b"`) }) ||
		slices.ContainsFunc(c.Warnings, func(f Fault) bool { return strings.Contains(f.What, `serves the pool "a"`) }) {
		t.Errorf("got the warnings %v, want one of the pool b and none of a", c.Warnings)
	}
	for _, text := range []string{key("operator", "pools: []"), key("operator", "pools: [A!]"), key("viewer", "only: create"), key("operator", "only: read")} {
		if _, err := decode("f", []byte(text), env(nil), nil); err == nil {
			t.Errorf("%s is accepted, want a fault", text)
		}
	}
}

func TestBasePath_IsAPathWithoutAClosingSlash(t *testing.T) {
	t.Parallel()
	c, err := decode("f", []byte("api: {base_path: /tools/rollcall, environment: staging}"), env(nil), nil)
	if err != nil || c.API.BasePath != "/tools/rollcall" || c.API.Environment != "staging" {
		t.Fatalf("got %+v, %v", c, err)
	}
	for _, text := range []string{"rollcall", "/", "/rollcall/", "//rollcall", "/a/../b", `'/a"b'`, "https://proxy.example/rollcall"} {
		if _, err := decode("f", []byte("api: {base_path: "+text+"}"), env(nil), nil); err == nil || !strings.Contains(err.Error(), "base_path") {
			t.Errorf("%s: got %v, want a fault of base_path", text, err)
		}
	}
	if _, err := decode("f", []byte("api: {environment: a name that does not fit}"), env(nil), nil); err == nil {
		t.Error("a long name of the environment is accepted, want a fault")
	}
}
