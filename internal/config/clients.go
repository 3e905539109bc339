package config

import (
	"math"
	"time"
)

// Clients is what one client or command may cost.
type Clients struct {
	ProtoMaxBulkLen         int64 // bytes of one argument or value
	ClientQueryBufferLimit  int64 // bytes of one command
	ClientOutputBufferLimit BufferLimits
	Hz                      int           // background rounds per second
	BusyReplyThreshold      time.Duration // scripts that run longer let others be told BUSY; 0: never
	NotifyKeyspaceEvents    Events
	TrackingTableMaxKeys    int64 // keys; 0: no limit
}

var clientParams = append(in(SectionClients,
	Param{
		Name: "proto-max-bulk-len", Default: "512mb", Change: AnyTime,
		Doc: "Largest argument, and largest string value.",
		set: at(size(1<<20, math.MaxInt64), func(c *Config) *int64 { return &c.ProtoMaxBulkLen }),
	},
	Param{
		Name: "client-query-buffer-limit", Default: "1gb", Change: AnyTime,
		Doc: "Bytes of a command that may wait to be complete.",
		set: at(size(1<<20, math.MaxInt64), func(c *Config) *int64 { return &c.ClientQueryBufferLimit }),
	},
	Param{
		Name: "client-output-buffer-limit", Change: AnyTime,
		Default: "normal 256mb 64mb 60 replica 256mb 64mb 60 pubsub 32mb 8mb 60",
		Doc:     "Output that may wait for a client of a class: at the hard limit it is closed, above the soft one it has so many seconds. Redis has no limit for normal clients.",
		set:     many(bufferLimits, func(c *Config) *BufferLimits { return &c.ClientOutputBufferLimit }),
	},
	Param{
		Name: "hz", Default: "10", Change: AnyTime,
		Doc: "Rounds of background work a second, from 1 to 500; other numbers are moved to the nearest.",
		set: at(clamped(1, 500), func(c *Config) *int { return &c.Hz }),
	},
	Param{
		Name: "busy-reply-threshold", Aliases: []string{"lua-time-limit"}, Default: "5000", Change: AnyTime,
		Doc: "Milliseconds after which a running script lets other clients be told BUSY; 0 never does.",
		set: at(duration(time.Millisecond, 0, math.MaxInt64), func(c *Config) *time.Duration { return &c.BusyReplyThreshold }),
	},
	Param{
		Name: "notify-keyspace-events", Default: "", Change: AnyTime,
		Doc: "Which keyspace events are published: K and E choose the channels, the other letters the kinds, A stands for most.",
		set: at(events, func(c *Config) *Events { return &c.NotifyKeyspaceEvents }),
	},
	Param{
		Name: "tracking-table-max-keys", Default: "1000000", Change: AnyTime,
		Doc: "Keys remembered for client-side caching; above it clients are told to forget some. 0 is no limit.",
		set: at(count, func(c *Config) *int64 { return &c.TrackingTableMaxKeys }),
	},
), noEffect(SectionClients, "kvd does a fixed number of rounds and new connections are taken by all event loops.",
	inert("dynamic-hz", "yes", AnyTime, yesNo, "Whether rounds grow with the clients."),
	inert("max-new-connections-per-cycle", "10", AnyTime, integer(1, 1000), "Connections accepted at a time."),
	inert("max-new-tls-connections-per-cycle", "1", AnyTime, integer(1, 1000), "The same for TLS."),
)...)

// count is a number of things.
var count = codec[int64]{
	func(s string) (int64, error) { return parseBetween(s, 0, math.MaxInt64) },
	formatBytes,
	rangeText(0, math.MaxInt64),
}

// clamped is a number that is moved to the nearest bound, as redis-server does
// with hz.
func clamped(lo, hi int) codec[int] {
	c := integer(0, math.MaxInt32)
	parse := func(s string) (int, error) {
		n, err := c.parse(s)
		return min(max(n, lo), hi), err
	}
	return codec[int]{parse, c.format, rangeText(int64(lo), int64(hi))}
}
