package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/sealed"
)

// redisSchemes are the schemes of an address. redisconn checks the rest of the address.
var redisSchemes = []string{
	"redis", "rediss", "unix", "redis-sentinel", "rediss-sentinel", "redis-cluster", "rediss-cluster", "embedded", "memory",
}

func (r *Redis) fields() []field {
	return []field{
		{
			name: "url", dflt: "redis://127.0.0.1:6379/0", env: "ROLLCALL_REDIS_URL", secret: &r.URL, vet: vetRedisURL,
			doc: "`redis://[user:password@]host:port/db`, `rediss://` (TLS), `unix:///path?db=0`, " +
				"`redis-sentinel://[user:password@]host:port,host:port/master?db=0` (`sentinel_user` and `sentinel_password` for the sentinels themselves), " +
				"`redis-cluster://host:port,host:port`, or `embedded:DIR`: a redis-server that rollcall runs, on a unix socket in DIR. " +
				"`rediss-sentinel://` and `rediss-cluster://` exist too. In a password, write `/ ? # @ %` as `%2F %3F %23 %40 %25`.",
		},
		{
			name: "password", env: "ROLLCALL_REDIS_PASSWORD", secret: &r.Password,
			doc: "The password of the address's user, unencoded. The address then names the user at most (`redis://user@host:6379/0`).",
		},
		{
			name: "tls", doc: "Certificates for a Redis that uses TLS (`rediss://`, `rediss-sentinel://`, `rediss-cluster://`). Without them rollcall trusts the system's authorities.",
			fields: []field{
				{name: "ca_file", env: "ROLLCALL_REDIS_TLS_CA_FILE", read: certificate(&r.TLS.CAFile, vetAuthority), doc: "A file with the certificates (PEM) of the authority that signed Redis' certificate. rollcall then trusts no other authority. A relative path starts at the directory of this file."},
				{name: "cert_file", env: "ROLLCALL_REDIS_TLS_CERT_FILE", read: certificate(&r.TLS.CertFile, nil), doc: "A file with the client certificate (PEM), for a Redis with `tls-auth-clients yes`, which is its default."},
				{name: "key_file", env: "ROLLCALL_REDIS_TLS_KEY_FILE", read: certificate(&r.TLS.KeyFile, nil), doc: "The file with the key of `cert_file`."},
				{name: "server_name", env: "ROLLCALL_REDIS_TLS_SERVER_NAME", read: str(&r.TLS.ServerName, nil), doc: "The name in Redis' certificate, where it is not the host of `redis.url`."},
			},
			check: func(m mapping) { checkTLS(m, r.TLS) },
		},
		{
			name: "require_durable", dflt: "false", env: "ROLLCALL_REDIS_REQUIRE_DURABLE", read: boolean(&r.RequireDurable),
			doc: "Refuse a Redis that could lose or evict accepted work, instead of warning: one without `appendonly yes` or without `maxmemory-policy noeviction`, or one that does not allow reading these settings.",
		},
		{
			name: "wait_replicas", dflt: "0", env: "ROLLCALL_REDIS_WAIT_REPLICAS", read: whole(&r.WaitReplicas),
			doc: "With replicas (Sentinel, Cluster): how many of them must have a call's intent before the call is made, so that a failover cannot lose the intent, which could cause a second call. " +
				"If fewer have it within a second, the call is not made, and is tried again later. What it costs is in [performance.md](performance.md); what it does not cover, in [guarantees.md](guarantees.md).",
		},
		{
			name: "installation", dflt: "", env: "ROLLCALL_REDIS_INSTALLATION", read: str(&r.Installation, vetInstallation),
			doc: "The id of the installation that this Redis holds (`rollcall-producer recover` prints it). With it a worker also notices a Redis that lost its data while no worker ran, and creates nothing until a person decides ([guarantees.md](guarantees.md#when-redis-loses-data)). Leave it out until the first worker has run.",
		},
		{
			name: "encryption_key", dflt: "", env: "ROLLCALL_REDIS_ENCRYPTION_KEY", secret: &r.EncryptionKey, vet: vetEncryptionKey,
			doc: "Encrypts what holds phone numbers and texts in Redis ([security.md](security.md)): an id, a colon and base64 of 32 bytes (`echo k1:$(openssl rand -base64 32)`). " +
				"Several keys are separated by spaces or line breaks: the first one encrypts, and all decrypt. All workers and producers need the same keys. Without a key nothing is encrypted.",
		},
	}
}

var installationID = regexp.MustCompile(`^(|ins_[0-9a-f-]{36})$`)

func vetInstallation(v value, text string) bool {
	if installationID.MatchString(text) {
		return true
	}
	v.fault("it is not an id of an installation", "write what rollcall-producer recover prints: ins_ and 36 characters; or leave it out")
	return false
}

func vetEncryptionKey(v value, text string) {
	if _, err := sealed.Parse(text); err != nil {
		v.fault(err.Error(), "write k1:, for example, and the output of openssl rand -base64 32; keep it where Redis' backups are not")
	}
}

func vetRedisURL(v value, text string) {
	scheme, rest, ok := strings.Cut(text, ":")
	switch {
	case isSample(passwordOf(text)):
		v.fault("its password is a sample from rollcall's documents, which are public", sampleRemedy)
	case !ok || !slices.Contains(redisSchemes, scheme):
		v.fault("it is not a Redis address", "begin it with redis://, rediss://, unix://, redis-sentinel://, redis-cluster:// or embedded:")
	case scheme == "embedded" && strings.Trim(rest, "/") == "":
		v.fault("embedded: needs a directory", "write embedded:./data, for example")
	case scheme == "memory":
		v.warn("this Redis lives in the memory of the process: all data is lost when the process ends", "use it only to try rollcall out")
	case scheme != "embedded" && !strings.HasPrefix(rest, "//"):
		v.fault("it is not a Redis address", "write :// after the scheme, for example redis://127.0.0.1:6379/0")
	}
}

// certificate reads the path of a file of redis.tls, and the file, which ok may refuse.
func certificate(to *string, ok func(v value, pem []byte) bool) func(value) {
	return func(v value) {
		path := ""
		if str(&path, nil)(v); path == "" {
			return
		}
		if !filepath.IsAbs(path) && v.file == v.r.file {
			path = filepath.Join(filepath.Dir(v.r.file), path)
		}
		pem, err := os.ReadFile(path) //nolint:gosec // the user names it
		if pe, is := errors.AsType[*os.PathError](err); is {
			err = pe.Err
		}
		switch {
		case err != nil:
			// The fault leaves out the path, because people put the key itself there.
			v.fault(fmt.Sprintf("the file cannot be read: %v", err), "correct the path (a relative one starts at the directory of this file) or the file's permissions")
		case ok == nil || ok(v, pem):
			*to = path
		}
	}
}

func vetAuthority(v value, pem []byte) bool {
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		v.fault("the file holds no certificate in PEM", "name the file that begins with -----BEGIN CERTIFICATE-----")
		return false
	}
	return true
}

// checkTLS checks that the certificate and the key are both given and belong together.
func checkTLS(m mapping, t RedisTLS) {
	cert, key := m.has("cert_file") || t.CertFile != "", m.has("key_file") || t.KeyFile != ""
	switch {
	case cert != key:
		m.at("cert_file").fault("only one of cert_file and key_file is given", "give both")
	case t.CertFile != "" && t.KeyFile != "":
		if _, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
			m.at("key_file").fault(fmt.Sprintf("cert_file and key_file cannot be used: %v", err), "name a certificate and its own key, both in PEM")
		}
	}
}

// check checks keys against each other, and warns about a password that is written in the file itself.
func (r *Redis) check(m mapping) {
	if strings.HasPrefix(r.URL.Reveal(), "embedded:") && r.WaitReplicas > 0 {
		m.at("wait_replicas").fault("an embedded Redis has no replicas, so no call would ever be made", "remove wait_replicas, or use a Redis with replicas")
	}
	address, err := url.Parse(r.URL.Reveal())
	if err == nil && r.Password.Given() {
		if _, two := address.User.Password(); two {
			m.at("password").fault("the address has a password already", "remove one of the two")
		}
	}
	if scheme, _, _ := strings.Cut(r.URL.Reveal(), ":"); r.TLS != (RedisTLS{}) && !strings.HasPrefix(scheme, "rediss") {
		m.at("tls").fault("the address is not one for TLS", "begin redis.url with rediss://, rediss-sentinel:// or rediss-cluster://")
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
		v.warn("the file holds the password in clear text", "write ${VARIABLE} in its place, or use url_file")
	}
}
