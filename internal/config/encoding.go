package config

import "math"

// Encoding is up to what size a value keeps its compact form.
type Encoding struct {
	HashMaxListpackEntries int64
	HashMaxListpackValue   int64 // bytes
	ListMaxListpackSize    int   // entries; -1 to -5: 4 kB to 64 kB
	ListCompressDepth      int
	SetMaxIntsetEntries    int64
	SetMaxListpackEntries  int64
	SetMaxListpackValue    int64 // bytes
	ZsetMaxListpackEntries int64
	ZsetMaxListpackValue   int64 // bytes
	HLLSparseMaxBytes      int64
	StreamNodeMaxBytes     int64
	StreamNodeMaxEntries   int64
}

var encodingParams = in(SectionEncoding,
	Param{
		Name: "hash-max-listpack-entries", Aliases: []string{"hash-max-ziplist-entries"}, Default: "512", Change: AnyTime,
		Doc: "Fields up to which a hash is compact.",
		set: at(count, func(c *Config) *int64 { return &c.HashMaxListpackEntries }),
	},
	Param{
		Name: "hash-max-listpack-value", Aliases: []string{"hash-max-ziplist-value"}, Default: "64", Change: AnyTime,
		Doc: "Bytes up to which its fields and values may go.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.HashMaxListpackValue }),
	},
	Param{
		Name: "list-max-listpack-size", Aliases: []string{"list-max-ziplist-size"}, Default: "-2", Change: AnyTime,
		Doc: "Size of a compact list: elements, or with -1 to -5 bytes from 4 kB to 64 kB.",
		set: at(integer(math.MinInt32, math.MaxInt32), func(c *Config) *int { return &c.ListMaxListpackSize }),
	},
	Param{
		Name: "list-compress-depth", Default: "0", Change: AnyTime,
		Doc: "Parts at both ends of a list that would stay uncompressed; kept for clients that read it, kvd compresses none.",
		set: at(integer(0, math.MaxInt32), func(c *Config) *int { return &c.ListCompressDepth }),
	},
	Param{
		Name: "set-max-intset-entries", Default: "512", Change: AnyTime,
		Doc: "Members up to which a set of integers is a sorted array.",
		set: at(count, func(c *Config) *int64 { return &c.SetMaxIntsetEntries }),
	},
	Param{
		Name: "set-max-listpack-entries", Default: "128", Change: AnyTime,
		Doc: "Members up to which a set is compact.",
		set: at(count, func(c *Config) *int64 { return &c.SetMaxListpackEntries }),
	},
	Param{
		Name: "set-max-listpack-value", Default: "64", Change: AnyTime,
		Doc: "Bytes up to which its members may go.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.SetMaxListpackValue }),
	},
	Param{
		Name: "zset-max-listpack-entries", Aliases: []string{"zset-max-ziplist-entries"}, Default: "128", Change: AnyTime,
		Doc: "Members up to which a sorted set is compact.",
		set: at(count, func(c *Config) *int64 { return &c.ZsetMaxListpackEntries }),
	},
	Param{
		Name: "zset-max-listpack-value", Aliases: []string{"zset-max-ziplist-value"}, Default: "64", Change: AnyTime,
		Doc: "Bytes up to which its members may go.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.ZsetMaxListpackValue }),
	},
	Param{
		Name: "hll-sparse-max-bytes", Default: "3000", Change: AnyTime,
		Doc: "Bytes up to which a HyperLogLog is sparse.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.HLLSparseMaxBytes }),
	},
	Param{
		Name: "stream-node-max-bytes", Default: "4096", Change: AnyTime,
		Doc: "Bytes of one block of a stream; 0 is no limit.",
		set: at(size(0, math.MaxInt64), func(c *Config) *int64 { return &c.StreamNodeMaxBytes }),
	},
	Param{
		Name: "stream-node-max-entries", Default: "100", Change: AnyTime,
		Doc: "Entries of one block of a stream; 0 is no limit.",
		set: at(count, func(c *Config) *int64 { return &c.StreamNodeMaxEntries }),
	},
)

var encodingInert = noEffect(SectionEncoding, "An option of old versions that Redis reads and forgets.",
	Param{Name: "list-max-ziplist-entries", Change: Fixed, fileOnly: true, Doc: "Elements of a compact list.", set: ignored{}},
	Param{Name: "list-max-ziplist-value", Change: Fixed, fileOnly: true, Doc: "Bytes of its elements.", set: ignored{}},
	Param{Name: "lua-replicate-commands", Change: Fixed, fileOnly: true, Doc: "Whether scripts pass on their effects.", set: ignored{}},
)
