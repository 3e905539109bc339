package config

import "math"

// EvictionPolicy is what happens when maxmemory is reached.
type EvictionPolicy string

// The eviction policies: those of Redis delete keys, unload-… move values out
// of memory and keep them on disk.
const (
	NoEviction     EvictionPolicy = "noeviction"
	AllKeysLRU     EvictionPolicy = "allkeys-lru"
	AllKeysLFU     EvictionPolicy = "allkeys-lfu"
	AllKeysRandom  EvictionPolicy = "allkeys-random"
	VolatileLRU    EvictionPolicy = "volatile-lru"
	VolatileLFU    EvictionPolicy = "volatile-lfu"
	VolatileRandom EvictionPolicy = "volatile-random"
	VolatileTTL    EvictionPolicy = "volatile-ttl"
	UnloadLRU      EvictionPolicy = "unload-lru"
	UnloadLFU      EvictionPolicy = "unload-lfu"
)

// Memory is how much memory is used and what happens when it is full.
type Memory struct {
	MaxMemory          int64 // bytes; 0: no limit
	MaxMemoryPolicy    EvictionPolicy
	MaxMemorySamples   int
	MaxMemoryClients   Share // for the buffers of all clients together
	LFULogFactor       int
	LFUDecayTime       int // minutes
	LazyfreeUserDel    bool
	LazyfreeUserFlush  bool
	ActiveExpireEffort int // 1 to 10
	Databases          int
	Shards             int // a power of two
}

var memoryParams = in(SectionMemory,
	Param{
		Name: "maxmemory", Default: "0", Change: AnyTime,
		Doc: "Bytes that data may take; 0 is no limit. What happens then is up to maxmemory-policy.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.MaxMemory }),
	},
	Param{
		Name: "maxmemory-policy", Default: "noeviction", Change: AnyTime,
		Doc: "What makes room at maxmemory: nothing (writes fail), deleting keys, or (unload-lru, unload-lfu, only in kvd) keeping values on disk only until they are used again.",
		set: at(enum(VolatileLRU, VolatileLFU, VolatileRandom, VolatileTTL, AllKeysLRU, AllKeysLFU, AllKeysRandom, NoEviction, UnloadLRU, UnloadLFU),
			func(c *Config) *EvictionPolicy { return &c.MaxMemoryPolicy }),
	},
	Param{
		Name: "maxmemory-samples", Default: "5", Change: AnyTime,
		Doc: "Keys looked at to find one to evict; more is more exact and slower.",
		set: at(integer(1, 64), func(c *Config) *int { return &c.MaxMemorySamples }),
	},
	Param{
		Name: "maxmemory-clients", Default: "10%", Change: AnyTime,
		Doc: "Memory for the buffers of all clients, in bytes or as a percentage of maxmemory; above it the largest client is closed. 0 is no limit.",
		set: at(share, func(c *Config) *Share { return &c.MaxMemoryClients }),
	},
	Param{
		Name: "lfu-log-factor", Default: "10", Change: AnyTime,
		Doc: "How slowly the use counter of the LFU policies grows.",
		set: at(integer(0, math.MaxInt32), func(c *Config) *int { return &c.LFULogFactor }),
	},
	Param{
		Name: "lfu-decay-time", Default: "1", Change: AnyTime,
		Doc: "Minutes after which an unused key's counter loses one; 0 keeps it.",
		set: at(integer(0, math.MaxInt32), func(c *Config) *int { return &c.LFUDecayTime }),
	},
	Param{
		Name: "lazyfree-lazy-user-del", Default: "no", Change: AnyTime,
		Doc: "Makes DEL give memory back in the background, as UNLINK does.",
		set: at(yesNo, func(c *Config) *bool { return &c.LazyfreeUserDel }),
	},
	Param{
		Name: "lazyfree-lazy-user-flush", Default: "no", Change: AnyTime,
		Doc: "Makes FLUSHALL, FLUSHDB and SCRIPT FLUSH asynchronous unless they say SYNC.",
		set: at(yesNo, func(c *Config) *bool { return &c.LazyfreeUserFlush }),
	},
	Param{
		Name: "active-expire-effort", Default: "1", Change: AnyTime,
		Doc: "How much time is spent on finding expired keys that nobody reads, from 1 to 10.",
		set: at(integer(1, 10), func(c *Config) *int { return &c.ActiveExpireEffort }),
	},
	Param{
		Name: "databases", Default: "16", Change: Fixed,
		Doc: "Number of databases that SELECT can choose from.",
		set: at(integer(1, math.MaxInt32), func(c *Config) *int { return &c.Databases }),
	},
	Param{
		// Each takes some 16 KB for its index and its cells, and commands on few
		// keys go through all of them: more than the processors need is felt.
		Name: "shards", Default: "64", Change: Fixed,
		Doc: "Parts of the key space, each with a lock of its own: more for a machine with many processors. Only kvd has it.",
		set: at(powerOfTwo(1, 256), func(c *Config) *int { return &c.Shards }),
	},
)

var memoryInert = append(
	noEffect(SectionMemory, "The index grows in small steps and the allocator evacuates sparse pages by itself.",
		inert("activerehashing", "yes", AnyTime, yesNo, "Whether hash tables are moved in idle time."),
		inert("activedefrag", "no", AnyTime, yesNo, "Whether memory is defragmented."),
		inert("active-defrag-ignore-bytes", "104857600", AnyTime, size(1, math.MaxInt64), "Waste below which defragmentation does not begin."),
		inert("active-defrag-threshold-lower", "10", AnyTime, integer(0, 1000), "Waste in percent at which it begins."),
		inert("active-defrag-threshold-upper", "100", AnyTime, integer(0, 1000), "Waste in percent at which it works hardest."),
		inert("active-defrag-cycle-min", "1", AnyTime, integer(1, 99), "Least share of a core it uses."),
		inert("active-defrag-cycle-max", "25", AnyTime, integer(1, 99), "Most share of a core it uses."),
		inert("active-defrag-max-scan-fields", "1000", AnyTime, integer(1, math.MaxInt64), "Fields of a large value handled at once."),
		inert("jemalloc-bg-thread", "yes", AnyTime, yesNo, "Whether the C allocator cleans up in a thread."),
		inert("maxmemory-eviction-tenacity", "10", AnyTime, integer(0, 100), "How long eviction may take at a time."),
	),
	noEffect(SectionMemory, "The engine decides by the size of a value, not by the cause of its removal.",
		inert("lazyfree-lazy-eviction", "no", AnyTime, yesNo, "Whether evicted values are freed in the background."),
		inert("lazyfree-lazy-expire", "no", AnyTime, yesNo, "Whether expired ones are."),
		inert("lazyfree-lazy-server-del", "no", AnyTime, yesNo, "Whether values that a command replaces are."),
	)...,
)
