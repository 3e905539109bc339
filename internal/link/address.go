package link

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Address says which server a connection is to, who as and which database.
type Address struct {
	Network        string // tcp or unix
	Host           string // with the port, or a path
	User, Password string
	DB             int
	TLS            *tls.Config // nil: none
}

// defaultPort is the port of a server whose URL has none.
const defaultPort = "6379"

// ParseURL reads redis://[[user]:password@]host[:port][/db], rediss:// for TLS, or
// unix://[[user]:password@]/path[?db=n].
func ParseURL(text string) (Address, error) {
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, errors.New("the URL can't be read; it should be like redis://user:password@host:6379/0")
	}
	a := Address{Network: "tcp", User: u.User.Username()}
	a.Password, _ = u.User.Password()
	db := strings.Trim(u.Path, "/")
	switch u.Scheme {
	case "redis":
	case "rediss":
		a.TLS = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	case "unix":
		a.Network, a.Host = "unix", u.Path
		db = u.Query().Get("db")
	default:
		return Address{}, fmt.Errorf("%q is no scheme that kvd knows: it should be redis, rediss or unix", u.Scheme)
	}
	if a.Network == "tcp" {
		port := u.Port()
		if port == "" {
			port = defaultPort
		}
		a.Host = net.JoinHostPort(u.Hostname(), port)
	}
	if db != "" {
		if a.DB, err = strconv.Atoi(db); err != nil || a.DB < 0 {
			return Address{}, fmt.Errorf("%q is no number of a database", db)
		}
	}
	return a, nil
}

// ParseHost reads host:port, a path of a unix socket, or anything that ParseURL
// does.
func ParseHost(text string) (Address, error) {
	switch {
	case strings.Contains(text, "://"):
		return ParseURL(text)
	case strings.HasPrefix(text, "/"):
		return Address{Network: "unix", Host: text}, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = text, defaultPort
	}
	return Address{Network: "tcp", Host: net.JoinHostPort(host, port)}, nil
}

// String is the address without the password.
func (a Address) String() string {
	if a.Network == "unix" {
		return "unix://" + a.Host
	}
	return fmt.Sprintf("redis://%s/%d", a.Host, a.DB)
}
