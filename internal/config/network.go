package config

import (
	"io/fs"
	"math"
	"runtime"
	"time"
)

// Network is where the server listens and how connections are kept.
type Network struct {
	Bind           []string // addresses; a leading "-" tolerates one that is absent, "*" and "::*" are all
	Port           int      // 0: no plain TCP
	TCPBacklog     int      // connections the kernel may hold before they are accepted
	UnixSocket     string   // path; "": none
	UnixSocketPerm fs.FileMode
	Timeout        time.Duration // idle clients are closed after it; 0: never
	TCPKeepAlive   time.Duration // 0: off
	AuthTimeout    time.Duration // clients that did not authenticate are closed after it; 0: never
	MaxClients     int
	IOLoops        int // as configured; see Loops
}

// Loops is the number of event loops to run: io-loops, or half the cores.
func (n *Network) Loops() int {
	if n.IOLoops > 0 {
		return n.IOLoops
	}
	return max(1, runtime.GOMAXPROCS(0)/2)
}

var networkParams = in(SectionNetwork,
	Param{
		Name: "bind", Default: "127.0.0.1 -::1", Change: Restart,
		Doc: "Addresses to listen on; `*` is every IPv4 address, `::*` every IPv6 one, and a leading `-` tolerates one that the machine does not have.",
		set: many(addresses, func(c *Config) *[]string { return &c.Bind }),
	},
	Param{
		Name: "port", Default: "6379", Change: Restart,
		Doc: "TCP port without TLS; 0 turns it off. Redis can change it at run time, kvd needs a restart.",
		set: at(integer(0, 65535), func(c *Config) *int { return &c.Port }),
	},
	Param{
		Name: "tcp-backlog", Default: "511", Change: Fixed,
		Doc: "Connections that may wait to be accepted; the kernel may cap it.",
		set: at(integer(0, math.MaxInt32), func(c *Config) *int { return &c.TCPBacklog }),
	},
	Param{
		Name: "unixsocket", Default: "", Change: Fixed,
		Doc: "Path of a unix socket to listen on; empty for none.",
		set: at(text, func(c *Config) *string { return &c.UnixSocket }),
	},
	Param{
		Name: "unixsocketperm", Default: "0", Change: Fixed,
		Doc: "Permissions of the unix socket, in octal; 0 leaves them to the umask.",
		set: at(octal, func(c *Config) *fs.FileMode { return &c.UnixSocketPerm }),
	},
	Param{
		Name: "timeout", Default: "0", Change: AnyTime,
		Doc: "Idle seconds after which a client is closed; 0 keeps it. Subscribers and blocked clients are not idle.",
		set: at(duration(time.Second, 0, math.MaxInt32), func(c *Config) *time.Duration { return &c.Timeout }),
	},
	Param{
		Name: "tcp-keepalive", Default: "300", Change: AnyTime,
		Doc: "Seconds between the probes that find peers which vanished; 0 sends none.",
		set: at(duration(time.Second, 0, math.MaxInt32), func(c *Config) *time.Duration { return &c.TCPKeepAlive }),
	},
	Param{
		Name: "auth-timeout", Default: "10", Change: AnyTime,
		Doc: "Seconds in which a client has to authenticate where a password is required; 0 waits for ever. Only kvd has it.",
		set: at(duration(time.Second, 0, math.MaxInt32), func(c *Config) *time.Duration { return &c.AuthTimeout }),
	},
	Param{
		Name: "maxclients", Default: "10000", Change: AnyTime,
		Doc: "Connections served at the same time; more are told so and closed.",
		set: at(integer(1, math.MaxUint32), func(c *Config) *int { return &c.MaxClients }),
	},
	Param{
		Name: "io-loops", Default: "0", Change: Fixed,
		Doc: "Event loops that read, run and write; 0 is half the cores, at least one. Only kvd has it.",
		set: at(integer(0, 1024), func(c *Config) *int { return &c.IOLoops }),
	},
)

var networkInert = append(
	noEffect(SectionNetwork, "Event loops do reading and writing already; io-loops sets their number.",
		inert("io-threads", "1", Fixed, integer(1, 128), "Threads for socket work."),
		inert("io-threads-do-reads", "no", Fixed, yesNo, "Whether those threads read as well as write."),
	),
	noEffect(SectionNetwork, "kvd opens no outgoing connections and marks no sockets.",
		inert("bind-source-addr", "", AnyTime, text, "Address from which outgoing connections are made."),
		inert("socket-mark-id", "0", Fixed, integer(0, math.MaxUint32), "Mark that the firewall sees on the server's sockets."),
	)...,
)
