package redisconn

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Kind is the shape of what an address leads to.
type Kind string

// The kinds of Redis that an address can name.
const (
	Single   Kind = "single"
	Sentinel Kind = "sentinel"
	Cluster  Kind = "cluster"
	Embedded Kind = "embedded" // a redis-server that we start ourselves
	Memory   Kind = "memory"   // inside this process; gone with it
)

// Forms lists how an address may be written, for error texts and documentation.
const Forms = "redis://[user:password@]host:port/db, rediss:// (TLS), unix:///path?db=0, " +
	"redis-sentinel://[user:password@]host:port,host:port/master?db=0, redis-cluster://host:port,host:port, embedded:DIR"

// address is a parsed address.
type address struct {
	kind    Kind
	display string // without any password
	dir     string // of an embedded Redis
	options *redis.UniversalOptions
}

// parse reads an address. Its errors never repeat the address, because it may hold a password.
func parse(raw string) (address, error) {
	scheme, rest, ok := strings.Cut(raw, ":")
	if !ok {
		return address{}, badURL("it has no scheme")
	}
	switch scheme {
	case "memory":
		return address{kind: Memory, display: "memory:", options: &redis.UniversalOptions{}}, nil
	case "embedded":
		return parseEmbedded(rest)
	case "redis", "rediss", "unix":
		return parseSingle(raw)
	case "redis-sentinel", "rediss-sentinel":
		return parseMany(raw, Sentinel)
	case "redis-cluster", "rediss-cluster":
		return parseMany(raw, Cluster)
	}
	return address{}, badURL(fmt.Sprintf("%q is no kind of Redis address", scheme))
}

func parseEmbedded(dir string) (address, error) {
	dir = strings.TrimPrefix(dir, "//")
	if dir == "" {
		return address{}, badURL("embedded: needs a directory, for example embedded:./data")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return address{}, badURL("the directory of embedded: cannot be made absolute")
	}
	return address{kind: Embedded, display: "embedded:" + abs, dir: abs, options: &redis.UniversalOptions{}}, nil
}

func parseSingle(raw string) (address, error) {
	o, err := redis.ParseURL(raw)
	if err != nil {
		return address{}, badURL(withoutURL(err))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return address{}, badURL(withoutURL(err))
	}
	return address{kind: Single, display: u.Redacted(), options: &redis.UniversalOptions{
		Addrs: []string{o.Addr}, DB: o.DB, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
		PoolSize: o.PoolSize, DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		MaxRetries: o.MaxRetries, PoolTimeout: o.PoolTimeout, MinIdleConns: o.MinIdleConns, Protocol: o.Protocol,
		ClientName: o.ClientName,
	}}, nil
}

// parseMany reads an address with several hosts. net/url refuses those since Go 1.26 (a colon
// in the host), so the hosts are taken out first and the remainder is an ordinary URL.
func parseMany(raw string, kind Kind) (address, error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		return address{}, badURL("after the scheme comes ://")
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	user, hosts := "", authority
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		user, hosts = authority[:at+1], authority[at+1:]
	}
	single := "redis"
	if strings.HasPrefix(scheme, "rediss") {
		single = "rediss"
	}
	a := address{kind: kind}
	for host := range strings.SplitSeq(hosts, ",") {
		host = strings.TrimSpace(host)
		if host == "" {
			return address{}, badURL("a host is empty")
		}
		one, err := redis.ParseURL(single + "://" + host)
		if err != nil {
			return address{}, badURL(withoutURL(err))
		}
		if kind == Sentinel && !hasPort(host) {
			one.Addr = net.JoinHostPort(strings.Trim(host, "[]"), "26379")
		}
		if a.options == nil {
			a.options = &redis.UniversalOptions{TLSConfig: one.TLSConfig}
		}
		a.options.Addrs = append(a.options.Addrs, one.Addr)
	}
	u, err := url.Parse(single + "://" + user + "host" + tail)
	if err != nil {
		return address{}, badURL(withoutURL(err))
	}
	if err := a.fill(u); err != nil {
		return address{}, err
	}
	a.display = scheme + "://" + masked(u.User) + hosts + tail
	if q := u.Query(); q.Has("sentinel_password") {
		q.Set("sentinel_password", "xxxxx")
		a.display = scheme + "://" + masked(u.User) + hosts + u.Path + "?" + q.Encode()
	}
	return a, nil
}

// fill takes user, path and query of an address with several hosts.
func (a *address) fill(u *url.URL) error {
	q := u.Query()
	o := a.options
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	path := strings.Trim(u.Path, "/")
	switch a.kind {
	case Cluster:
		if path != "" && path != "0" {
			return badURL("a Redis Cluster has only the database 0")
		}
		o.IsClusterMode = true
	case Sentinel:
		if path == "" || strings.Contains(path, "/") {
			return badURL("the path of a sentinel address is the master's name, for example redis-sentinel://host:26379/mymaster")
		}
		o.MasterName = path
		// Sentinels often ask for the same password as the servers behind them, so that is
		// what they get unless the address says otherwise.
		o.SentinelUsername, o.SentinelPassword = q.Get("sentinel_user"), q.Get("sentinel_password")
		q.Del("sentinel_user")
		q.Del("sentinel_password")
	}
	// The remaining parameters mean what they mean to go-redis in redis:// addresses.
	rest := &url.URL{Scheme: "redis", Host: "host:1", RawQuery: q.Encode()}
	if u.Scheme == "rediss" {
		rest.Scheme = "rediss"
	}
	p, err := redis.ParseURL(rest.String())
	if err != nil {
		return badURL(withoutURL(err))
	}
	if a.kind == Cluster && p.DB != 0 {
		return badURL("a Redis Cluster has only the database 0")
	}
	o.DB, o.PoolSize, o.MaxRetries, o.Protocol, o.ClientName = p.DB, p.PoolSize, p.MaxRetries, p.Protocol, p.ClientName
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = p.DialTimeout, p.ReadTimeout, p.WriteTimeout
	o.PoolTimeout, o.MinIdleConns = p.PoolTimeout, p.MinIdleConns
	if o.TLSConfig != nil {
		// One configuration serves several hosts: an empty name lets each dial check its own.
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: p.TLSConfig.InsecureSkipVerify} //nolint:gosec // skip_verify is the user's own word
	}
	return nil
}

// Valid says what is wrong with an address, without connecting.
func Valid(raw string) error {
	_, err := parse(raw)
	return err
}

// Display is an address as it may be shown: with its password masked. An address that cannot be
// read is not shown at all.
func Display(raw string) string {
	a, err := parse(raw)
	if err != nil {
		return "(unreadable address)"
	}
	return a.display
}

func hasPort(host string) bool {
	_, port, err := net.SplitHostPort(host)
	return err == nil && port != ""
}

func masked(u *url.Userinfo) string {
	if u == nil {
		return ""
	}
	if _, has := u.Password(); has {
		return u.Username() + ":xxxxx@"
	}
	return u.Username() + "@"
}

// withoutURL is what a URL parser says, without the URL that it repeats.
func withoutURL(err error) string {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // url.Parse returns it bare
		err = e.Err
	}
	text := strings.TrimPrefix(err.Error(), "redis: ")
	if i := strings.IndexByte(text, '"'); i >= 0 {
		// What stands in quotes is a part of the address: perhaps the one with the password.
		text = strings.TrimRight(text[:i], " :")
	}
	return text
}
