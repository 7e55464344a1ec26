package redisconn

import (
	"crypto/tls"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Kind is the kind of Redis that an address names.
type Kind string

// The kinds of Redis that an address can name.
const (
	Single   Kind = "single"
	Sentinel Kind = "sentinel"
	Cluster  Kind = "cluster"
	Embedded Kind = "embedded" // a redis-server that we start ourselves
	Memory   Kind = "memory"   // inside this process; its data is lost when the process ends
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

// parse reads an address. Its errors repeat neither a part of the address nor the error of a parser, because a password
// that is not percent-encoded can end up in any part.
func parse(raw string, access Access) (address, error) {
	scheme, rest, ok := strings.Cut(raw, ":")
	if !ok {
		return address{}, badURL("it has no scheme")
	}
	switch scheme {
	case "memory":
		return address{kind: Memory, display: "memory:", options: &redis.UniversalOptions{}}, nil
	case "embedded":
		return parseEmbedded(rest)
	}
	kind, ok := kinds[scheme]
	if !ok {
		return address{}, badURL("it does not begin with a scheme that we know")
	}
	rest, ok = strings.CutPrefix(rest, "//")
	if !ok {
		return address{}, badURL("after the scheme comes ://")
	}
	p := split(scheme, rest)
	if strings.ContainsAny(p.tail, "@#") || strings.Contains(strings.TrimSuffix(p.user, "@"), "@") {
		return address{}, unreadable()
	}
	if strings.HasPrefix(p.user, ":") && access.Password == "" && len(p.user) == len(":@") {
		return address{}, badURL("its password is empty")
	}
	var a address
	var err error
	if kind == Single {
		a, err = parseSingle(p)
	} else {
		a, err = parseMany(p, kind)
	}
	if err != nil {
		return address{}, err
	}
	return a, a.enter(p, access)
}

// kinds has the kinds of Redis by the schemes of addresses of servers outside this process.
var kinds = map[string]Kind{
	"redis": Single, "rediss": Single, "unix": Single,
	"redis-sentinel": Sentinel, "rediss-sentinel": Sentinel,
	"redis-cluster": Cluster, "rediss-cluster": Cluster,
}

// parts are the pieces of an address as they are written.
type parts struct {
	scheme string
	user   string // with its @
	hosts  string
	tail   string // path and query
}

func split(scheme, rest string) parts {
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	p := parts{scheme: scheme, hosts: rest[:end], tail: rest[end:]}
	if at := strings.LastIndexByte(p.hosts, '@'); at >= 0 {
		p.user, p.hosts = p.hosts[:at+1], p.hosts[at+1:]
	}
	return p
}

// unreadable returns the error for an address that a parser refuses. It is the same for all such addresses, because the
// parsers' own errors repeat the address.
func unreadable() error {
	return badURL("it cannot be read; a password with / ? # @ or % in it must be percent-encoded " +
		"(%2F %3F %23 %40 %25), or stand in redis.password instead of the address")
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

func parseSingle(p parts) (address, error) {
	o, err := redis.ParseURL(p.scheme + "://" + p.user + p.hosts + p.tail)
	if err != nil {
		return address{}, unreadable()
	}
	at := p.hosts
	path, _, _ := strings.Cut(p.tail, "?")
	switch {
	case p.scheme == "unix" && o.DB > 0:
		at = o.Addr + "?db=" + strconv.Itoa(o.DB)
	case p.scheme == "unix":
		at = o.Addr
	case len(path) > 1:
		at += "/" + strconv.Itoa(o.DB)
	}
	return address{kind: Single, display: at, options: &redis.UniversalOptions{
		Addrs: []string{o.Addr}, DB: o.DB, Username: o.Username, Password: o.Password, TLSConfig: o.TLSConfig,
		PoolSize: o.PoolSize, DialTimeout: o.DialTimeout, ReadTimeout: o.ReadTimeout, WriteTimeout: o.WriteTimeout,
		MaxRetries: o.MaxRetries, PoolTimeout: o.PoolTimeout, MinIdleConns: o.MinIdleConns, Protocol: o.Protocol,
		ClientName: o.ClientName,
	}}, nil
}

// parseMany reads an address with several hosts. Since Go 1.26 net/url refuses such an address (a colon in the host),
// so parseMany takes the hosts out first. The rest is an ordinary URL.
func parseMany(p parts, kind Kind) (address, error) {
	single := "redis"
	if strings.HasPrefix(p.scheme, "rediss") {
		single = "rediss"
	}
	a := address{kind: kind, options: &redis.UniversalOptions{}}
	for host := range strings.SplitSeq(p.hosts, ",") {
		host = strings.TrimSpace(host)
		if host == "" {
			return address{}, badURL("a host is empty")
		}
		one, err := redis.ParseURL(single + "://" + host)
		if err != nil {
			return address{}, unreadable()
		}
		if kind == Sentinel && !hasPort(host) {
			one.Addr = net.JoinHostPort(strings.Trim(host, "[]"), "26379")
		}
		a.options.TLSConfig = one.TLSConfig
		a.options.Addrs = append(a.options.Addrs, one.Addr)
	}
	u, err := url.Parse(single + "://" + p.user + "host" + p.tail)
	if err != nil {
		return address{}, unreadable()
	}
	if err := a.fill(u); err != nil {
		return address{}, err
	}
	a.display = p.hosts
	if a.options.MasterName != "" {
		a.display += "/" + a.options.MasterName
	}
	if a.options.DB != 0 {
		a.display += "?db=" + strconv.Itoa(a.options.DB)
	}
	return a, nil
}

// enter sets the password and the certificates, and completes the display.
func (a *address) enter(p parts, access Access) error {
	o := a.options
	switch {
	case access.Password != "" && o.Password != "":
		return badURL("it has a password, and redis.password is given too: remove one of the two")
	case access.Password != "":
		o.Password = access.Password
	case o.Username != "" && o.Password == "":
		return badURL("it names a user and no password; write user:password@, or :password@ for a password alone")
	}
	switch {
	case o.Username != "":
		a.display = o.Username + ":xxxxx@" + a.display
	case o.Password != "":
		a.display = ":xxxxx@" + a.display
	}
	a.display = p.scheme + "://" + a.display
	if access.TLS == (Certificates{}) {
		return nil
	}
	if o.TLSConfig == nil {
		return badURL("it is not one for TLS, and redis.tls is given: begin it with rediss://, rediss-sentinel:// or rediss-cluster://")
	}
	return access.TLS.apply(o.TLSConfig)
}

// fill sets user, path and query of an address with several hosts.
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
		// The user and password of the address are for the servers; sentinels have their own.
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
		return badURL("a parameter behind the ? is unknown, or its value is wrong")
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

// Valid returns what is wrong with an address, or nil. It does not connect.
func Valid(raw string, access Access) error {
	_, err := parse(raw, access)
	return err
}

// Display returns an address with its password masked. It shows nothing of an address that cannot be read.
func Display(raw string, access Access) string {
	a, err := parse(raw, access)
	if err != nil {
		return "(unreadable address)"
	}
	return a.display
}

func hasPort(host string) bool {
	_, port, err := net.SplitHostPort(host)
	return err == nil && port != ""
}
