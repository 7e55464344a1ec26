package config

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// API is the HTTP API and the admin page.
type API struct {
	Listen string
	// BasePath is the path under which a reverse proxy shows the API and the page, as "/rollcall"; "" for the root.
	BasePath string
	// Environment is a name that the page shows to tell this installation from others; "" for no name.
	Environment string
	// Keys are the programs and people that may use the API. Without keys it listens on loopback only.
	Keys []APIKey
	// TrustedProxies are the proxies whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// Health is a second address that answers /healthz and /readyz; "off" means none.
	Health string
	Limits APILimits
}

// APILimits bound what clients can use of the API at once.
type APILimits struct {
	Connections, PerSource, PerKey           int
	Streams, StreamsPerSource, StreamsPerKey int
}

// APIKey is a program or a person that may use the API.
type APIKey struct {
	Name string
	// Hash is "sha256:" and the hex of the whole key, in small letters.
	Hash string
	Role Role
	// Pools are the pools whose groups the key may see and change. Without pools it may see and change all groups.
	Pools []string
	// Only limits the key to one thing.
	Only Only
}

// Only is the one thing that a key may do; "" means all that its role allows.
type Only string

// OnlyCreate lets a key only create groups.
const OnlyCreate Only = "create"

// Role is what a key may do; each includes the ones before it.
type Role string

// The roles.
const (
	Viewer   Role = "viewer"
	Operator Role = "operator"
	Admin    Role = "admin"
)

var hashPattern = regexp.MustCompile(`^sha256:[0-9a-fA-F]{64}$`)

func (a *API) fields(instances *[]Instance) []field {
	return []field{
		{
			name: "listen", dflt: "127.0.0.1:8080", read: str(&a.Listen, vetListen),
			// ROLLCALL_LISTEN is not read here: it is the address of the running program, and the worker, which also
			// reads this file, needs an address other than the API's.
			doc: "Host and port. Without keys it must be a loopback address. `rollcall-producer serve --listen` and `ROLLCALL_LISTEN` override it.",
		},
		{
			name: "health", dflt: "off", read: str(&a.Health, vetHealth),
			doc: "A second host and port that answers `/healthz` and `/readyz`, apart from the clients of the API. `off`: only `listen` answers them. `rollcall-producer serve --health` overrides it.",
		},
		{
			name: "base_path", read: str(&a.BasePath, vetBasePath),
			doc: "The path under which a reverse proxy shows the API and the page, such as `/rollcall`. Links, redirects, `Location` and the `type` of a problem begin with it. The proxy may pass it on or strip it. Without it: the root.",
		},
		{
			name: "environment", read: str(&a.Environment, vetEnvironment),
			doc: "What the page calls this installation, such as `staging`: a badge beside its name, and a part of every tab's title. Without it: nothing.",
		},
		{name: "keys", list: true, part: clients, open: apiKeys(a, instances), doc: "Who may use the API. Without keys: only callers on this machine."},
		{
			name: "trusted_proxies", read: networks(&a.TrustedProxies),
			doc: "Addresses (`10.0.0.5`) or networks (`10.0.0.0/8`) of your reverse proxies. Their `X-Forwarded-For` says where a request comes from: for the audit log, and for slowing down a source that tries wrong keys. Without it all requests through a proxy are one source.",
		},
		{name: "limits", doc: "What clients can use of `rollcall-producer serve` at once (docs/api.md). A client that asks for more gets 429 or 503 with `Retry-After`.", fields: a.Limits.fields()},
	}
}

func (l *APILimits) fields() []field {
	return []field{
		{name: "connections", dflt: "2048", read: atLeastOne(&l.Connections), doc: "Connections of all clients, but at most half as many as the process may have open files."},
		{name: "per_source", dflt: "256", read: atLeastOne(&l.PerSource), doc: "Connections of one address, or of one IPv6 network (/64); behind a trusted proxy, concurrent requests of one address. At most half of `connections`."},
		{name: "per_key", dflt: "256", read: atLeastOne(&l.PerKey), doc: "Concurrent requests with one key."},
		{name: "streams", dflt: "512", read: atLeastOne(&l.Streams), doc: "Event streams of all clients; an open page holds one."},
		{name: "streams_per_source", dflt: "64", read: atLeastOne(&l.StreamsPerSource), doc: "Event streams of one address."},
		{name: "streams_per_key", dflt: "64", read: atLeastOne(&l.StreamsPerKey), doc: "Event streams with one key."},
	}
}

// atLeastOne reads a whole number of at least 1.
func atLeastOne(to *int) func(value) {
	return func(v value) {
		n := 0
		if whole(&n)(v); n < 1 {
			v.fault("it must be at least 1", "write a number, or remove the line for the default")
			return
		}
		*to = n
	}
}

var basePathPattern = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// vetBasePath accepts a path that can be the prefix of other paths.
func vetBasePath(v value, text string) bool {
	if !basePathPattern.MatchString(text) || strings.Contains(text+"/", "/./") || strings.Contains(text+"/", "/../") {
		v.fault(v.raw()+" cannot be a prefix of paths", "write it as /rollcall: with a slash at its beginning, without one at its end")
		return false
	}
	return true
}

// maxEnvironment is the maximum number of characters of an environment's name.
const maxEnvironment = 20

// vetEnvironment accepts a name that is short enough for the page's header.
func vetEnvironment(v value, text string) bool {
	if utf8.RuneCountInString(text) > maxEnvironment {
		v.fault(fmt.Sprintf("it is longer than %d characters", maxEnvironment), "write a short name, such as staging")
		return false
	}
	return true
}

// vetHealth accepts an address or off.
func vetHealth(v value, text string) bool { return text == "off" || vetListen(v, text) }

func apiKeys(a *API, instances *[]Instance) func() ([]field, func(mapping)) {
	names := map[string]bool{}
	hashes := map[string]bool{}
	return func() ([]field, func(mapping)) {
		k, hash := &APIKey{}, Secret{}
		below := []field{
			{name: "name", required: true, read: str(&k.Name, vetKeyName), doc: "Its name in logs: `[a-z0-9-]{1,40}`."},
			{name: "hash", required: true, part: clients, secret: &hash, vet: vetHash, doc: "`sha256:` and the hex of the whole key: `printf %s \"$KEY\" | sha256sum`."},
			{name: "role", required: true, read: word(&k.Role, Viewer, Operator, Admin), doc: "`viewer`, `operator` or `admin`; each may do what the ones before it may."},
			{name: "pools", read: pools(&k.Pools), doc: "The pools that the key is bound to: it sees and changes only groups that were requested for one of them (docs/security.md). Without it: everything."},
			{name: "only", read: word(&k.Only, OnlyCreate), doc: "`create`: the key may only create groups. It needs the role `operator`. Without it: all that the role allows."},
		}
		return below, func(m mapping) {
			k.Hash = strings.ToLower(hash.Reveal())
			if k.Name != "" && names[k.Name] {
				m.at("name").fault(fmt.Sprintf("there is another key %q", k.Name), "give each its own name")
			}
			if k.Hash != "" && hashes[k.Hash] {
				m.at("hash").fault("another key has the same hash, so the two cannot be told apart", "make a key for each")
			}
			if m.has("pools") && len(k.Pools) == 0 {
				m.at("pools").fault("it names no pool", "name the pools of the key, or remove the line for a key that sees everything")
			}
			if k.Only == OnlyCreate && k.Role == Viewer {
				m.at("only").fault("a viewer may not create groups", "write role: operator, or remove only")
			}
			for _, pool := range k.Pools {
				if len(*instances) > 0 && !slices.ContainsFunc(*instances, func(in Instance) bool { return slices.Contains(in.Pools, pool) }) {
					m.at("pools").warn(fmt.Sprintf("no instance serves the pool %q of the key %s, so its groups would wait", pool, k.Name), "add the pool to an instance, or correct its name here")
				}
			}
			names[k.Name], hashes[k.Hash] = true, true
			a.Keys = append(a.Keys, *k)
		}
	}
}

// vetKeyName refuses the name local, which is the actor of an API without keys.
func vetKeyName(v value, text string) bool {
	if text == "local" {
		v.fault("the name local is reserved: in the audit log it means a caller on the machine of an API without keys", "choose another name")
		return false
	}
	return vetName(v, text)
}

// networks reads addresses and networks.
func networks(to *[]netip.Prefix) func(value) {
	return func(v value) {
		items, ok := v.items()
		if !ok {
			return
		}
		var all []netip.Prefix
		for _, item := range items {
			text, ok := item.text()
			if !ok {
				continue
			}
			p, err := netip.ParsePrefix(text)
			if addr, addrErr := netip.ParseAddr(text); err != nil && addrErr == nil {
				p, err = addr.Unmap().Prefix(addr.Unmap().BitLen())
			}
			switch {
			case err != nil:
				item.fault(item.raw()+" is neither an address nor a network", "write an address as 10.0.0.5, or a network as 10.0.0.0/8")
			case p.Bits() == 0:
				item.fault(item.raw()+" covers every address, so any client could claim to be any source", "list the addresses of your proxies")
			default:
				all = append(all, p.Masked())
			}
		}
		*to = all
	}
}

const newKey = "rollcall-producer key new --name NAME --role ROLE"

// emptyHash is the hash of an empty key. A shell makes it if the key's variable is not set.
const emptyHash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// vetHash checks a key's hash. A fault never repeats the text, which may be the key itself.
func vetHash(v value, text string) {
	switch {
	case !hashPattern.MatchString(text):
		v.fault("it is not a hash of a key", `write sha256: and the 64 hex digits of: printf %s "$KEY" | sha256sum`)
	case isSampleHash(strings.ToLower(text)):
		v.fault(sampleWhat, "make a key of your own: "+newKey)
	case strings.EqualFold(text, emptyHash):
		v.fault("it is the hash of an empty key", "make a key: "+newKey)
	}
}

func vetListen(v value, text string) bool {
	_, port, err := net.SplitHostPort(text)
	n, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || n < 0 || n > 65535 {
		v.fault(v.raw()+" is not an address to listen on", "write host:port, for example 127.0.0.1:8080")
		return false
	}
	return true
}

// checkAPI warns about an address on which the server will refuse to listen.
func checkAPI(m mapping, a API) {
	host, _, err := net.SplitHostPort(a.Listen)
	if err != nil || len(a.Keys) > 0 {
		return
	}
	addr, err := netip.ParseAddr(host)
	if host != "localhost" && (err != nil || !addr.Unmap().IsLoopback()) {
		m.at("listen").warn("without api.keys the API listens on loopback only, so `rollcall-producer serve` will refuse this address", "add keys, or listen on 127.0.0.1")
	}
}
