package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/sealed"
)

// redisSchemes are how an address can begin. What follows is redisconn's to judge.
var redisSchemes = []string{
	"redis", "rediss", "unix", "redis-sentinel", "rediss-sentinel", "redis-cluster", "rediss-cluster", "embedded", "memory",
}

func (r *Redis) fields() []field {
	return []field{
		{
			name: "url", dflt: "redis://127.0.0.1:6379/0", env: "ROLLCALL_REDIS_URL", secret: &r.URL, vet: vetRedisURL,
			doc: "`redis://[user:password@]host:port/db`, `rediss://` (TLS), `unix:///path?db=0`, " +
				"`redis-sentinel://[user:password@]host:port,host:port/master?db=0` (`sentinel_user` and `sentinel_password` for the sentinels themselves), " +
				"`redis-cluster://host:port,host:port`, or `embedded:DIR`: a redis-server of our own on a unix socket in DIR. " +
				"`rediss-sentinel://` and `rediss-cluster://` exist too.",
		},
		{
			name: "require_durable", dflt: "false", env: "ROLLCALL_REDIS_REQUIRE_DURABLE", read: boolean(&r.RequireDurable),
			doc: "Refuse a Redis that could lose or evict accepted work, instead of warning: one without `appendonly yes` or without `maxmemory-policy noeviction`, or one that does not let us look.",
		},
		{
			name: "wait_replicas", dflt: "0", env: "ROLLCALL_REDIS_WAIT_REPLICAS", read: whole(&r.WaitReplicas),
			doc: "With replicas (Sentinel, Cluster): how many of them must have a call's intent before the call is made, so that a failover cannot forget it and have it made twice. " +
				"Too few within a second: the call is not made, and tried again later. What it costs is in [performance.md](performance.md); what it does not cover, in [guarantees.md](guarantees.md).",
		},
		{
			name: "encryption_key", dflt: "", env: "ROLLCALL_REDIS_ENCRYPTION_KEY", secret: &r.EncryptionKey, vet: vetEncryptionKey,
			doc: "Encrypts what holds phone numbers and texts in Redis ([security.md](security.md)): an id, a colon and base64 of 32 bytes (`echo k1:$(openssl rand -base64 32)`). " +
				"Several, with spaces or lines between: the first one seals, the others open what they sealed. The same for all workers and producers. Without it nothing is encrypted.",
		},
	}
}

func vetEncryptionKey(v value, text string) {
	if _, err := sealed.Parse(text); err != nil {
		v.fault(err.Error(), "write k1:, for example, and the output of openssl rand -base64 32; keep it where Redis' backups are not")
	}
}

func vetRedisURL(v value, text string) {
	scheme, rest, ok := strings.Cut(text, ":")
	switch {
	case !ok || !slices.Contains(redisSchemes, scheme):
		v.fault("it is no Redis address", "begin it with redis://, rediss://, unix://, redis-sentinel://, redis-cluster:// or embedded:")
	case scheme == "embedded" && strings.Trim(rest, "/") == "":
		v.fault("embedded: needs a directory", "write embedded:./data, for example")
	case scheme == "memory":
		v.warn("this Redis lives in the memory of the process: everything is gone when it ends", "use it for trying out only")
	case scheme != "embedded" && !strings.HasPrefix(rest, "//"):
		v.fault("it is no Redis address", "after the scheme comes ://, for example redis://127.0.0.1:6379/0")
	}
}

// checkRedis refuses replicas where there can be none, and warns of a password that stands in the
// file itself.
func checkRedis(m mapping, r Redis) {
	if strings.HasPrefix(r.URL.Reveal(), "embedded:") && r.WaitReplicas > 0 {
		m.at("wait_replicas").fault("an embedded Redis has no replicas, so no call would ever be made", "remove wait_replicas, or use a Redis with replicas")
	}
	v, ok := m.keys["url"]
	if !ok || v.literal || v.null() {
		return
	}
	_, rest, _ := strings.Cut(v.node.Value, "://")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	at := strings.LastIndexByte(rest[:end], '@')
	if at < 0 {
		return
	}
	_, password, _ := strings.Cut(rest[:at], ":")
	if plain, err := url.PathUnescape(password); err == nil && plain != "" && !variable.MatchString(plain) {
		v.warn("the password stands in the file in clear", "write ${VARIABLE} in its place, or use url_file")
	}
}
