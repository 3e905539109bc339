package main

// Charts.
const (
	chartPlain  = "CPU per command, no pipeline"
	chartPiped  = "CPU per command, pipeline of 16"
	chartTypes  = "CPU per change of a collection, pipeline of 16"
	chartMemory = "Memory per key"
	chartSmall  = "Memory of small collections"
	chartGrowth = "CPU per GET as keys grow, pipeline of 16"
	chartAlways = "SETs per second, each on disk before its reply"
)

// Units.
const (
	micros     = "µs CPU"
	perKey     = "B"
	perSecond  = "/s"
	millis     = "ms"
	seconds    = "s"
	mebibytes  = "MiB"
	noUnit     = ""
	perRequest = "per SET"
	perIdle    = "ms CPU/s"
)

// experiments are all that is measured, with the marks that kvd has to reach.
// The run of each notes its rows by their place here.
var experiments = []experiment{
	{name: "memory", run: runMemory, rows: []row{
		{Name: "GET, no pipeline", Unit: micros, Chart: chartPlain, Mark: mark{ratioAtMost, 0.95}},
		{Name: "SET, no pipeline", Unit: micros, Chart: chartPlain, Mark: mark{ratioAtMost, 0.95}},
		{Name: "GET, pipeline of 16", Unit: micros, Chart: chartPiped, Mark: mark{ratioAtMost, 0.70}},
		{Name: "SET, pipeline of 16", Unit: micros, Chart: chartPiped, Mark: mark{ratioAtMost, 0.70}},
		{Name: "SET with EX, pipeline of 16", Unit: micros, Chart: chartPiped},
		{Name: "MSET of 10 keys, pipeline of 16", Unit: micros},
		{Name: "INCR, pipeline of 16", Unit: micros, Chart: chartPiped},
	}},
	{name: "types", run: runTypes, rows: []row{
		{Name: "LPUSH, pipeline of 16", Unit: micros, Chart: chartTypes, Mark: mark{ratioAtMost, 0.80}},
		{Name: "HSET, pipeline of 16", Unit: micros, Chart: chartTypes, Mark: mark{ratioAtMost, 0.80}},
		{Name: "SADD, pipeline of 16", Unit: micros, Chart: chartTypes, Mark: mark{ratioAtMost, 0.80}},
		{Name: "ZADD, pipeline of 16", Unit: micros, Chart: chartTypes, Mark: mark{ratioAtMost, 0.80}},
		{Name: "XADD, pipeline of 16", Unit: micros, Chart: chartTypes, Mark: mark{ratioAtMost, 0.80}},
	}},
	{name: "large", run: runLarge, rows: []row{
		{Name: "LINDEX in the middle of a list of 10⁶", Unit: micros, Mark: mark{ratioAtMost, 1.5}},
		{Name: "LRANGE of 10 in the middle of a list of 10⁶", Unit: micros, Mark: mark{ratioAtMost, 1.5}},
		{Name: "ZRANK in a sorted set of 10⁶", Unit: micros},
		{Name: "ZRANGE of 10 in the middle of a sorted set of 10⁶", Unit: micros},
	}},
	{name: "small", run: runSmall, rows: []row{
		{Name: "200,000 hashes of 10 small fields", Unit: mebibytes, Chart: chartSmall, Mark: mark{ratioAtMost, 1}},
		{Name: "100,000 lists of 20", Unit: mebibytes, Chart: chartSmall, Mark: mark{ratioAtMost, 1}},
		{Name: "50,000 sorted sets of 20", Unit: mebibytes, Chart: chartSmall, Mark: mark{ratioAtMost, 1}},
	}},
	{name: "everysec", run: runEverySec, rows: []row{
		{
			Name: "SET, `everysec`, pipeline of 16, rewrites and checkpoints counted", Unit: micros, Chart: chartPiped,
			Mark: mark{ratioAtMost, 1},
		},
	}},
	{name: "always", run: runAlways, rows: []row{
		{Name: "SETs, `always`, 1 client", Unit: perSecond, Chart: chartAlways, Mark: mark{ratioAtLeast, 1}},
		{Name: "SETs, `always`, 50 clients", Unit: perSecond, Chart: chartAlways, Mark: mark{ratioAtLeast, 1}},
		{Name: "flushes of the disk, `always`, 50 clients", Unit: perRequest},
		{Name: "fsyncs, `always`, 50 clients", Unit: perRequest},
	}},
	{name: "space", run: runSpace(), rows: []row{
		{Name: "memory per key, 16-byte key, 64-byte value", Unit: perKey, Chart: chartMemory, Mark: mark{valueAtMost, 115}},
		{Name: "memory of an empty server", Unit: mebibytes},
		{Name: "an idle server with 1 M keys", Unit: perIdle},
	}},
	{name: "space-ttl", run: runSpace("EX", "100000"), rows: []row{
		{Name: "memory per key, with a TTL", Unit: perKey, Chart: chartMemory, Mark: mark{valueAtMost, 125}},
	}},
	{name: "growth", run: runGrowth, rows: []row{
		{Name: "GET, pipeline of 16, 10⁴ keys", Unit: micros, Chart: chartGrowth},
		{Name: "GET, pipeline of 16, 10⁵ keys", Unit: micros, Chart: chartGrowth},
		{Name: "GET, pipeline of 16, 10⁶ keys", Unit: micros, Chart: chartGrowth},
		{Name: "growth of a GET from 10⁴ to 10⁶ keys", Unit: noUnit, Mark: mark{belowPeer, 0}},
	}},
	{name: "keys", run: runKeys, rows: []row{
		{Name: "worst wait of another client during KEYS over 1 M keys", Unit: millis, Mark: mark{valueAtMost, 5}},
	}},
	{name: "start", run: runStart, rows: []row{
		{Name: "start with 1 M keys: first PONG", Unit: seconds, Mark: mark{valueAtMost, 1}},
	}},
	{name: "documents", run: runDocuments, rows: []row{
		{Name: "GET, pipeline of 16, 10⁴ keys, beside documents", Unit: micros},
		{Name: "DOC.FIND of a document by an index, 10⁴ documents, pipeline of 16", Unit: micros},
		{Name: "DOC.FIND of a document by an index, 10⁶ documents, pipeline of 16", Unit: micros},
		{Name: "DOC.FIND of a document, times a GET", Unit: noUnit, Mark: mark{valueAtMost, 3}},
		{Name: "growth of a DOC.FIND from 10⁴ to 10⁶ documents", Unit: noUnit},
		{Name: "JSON.SET of 250 bytes, pipeline of 16", Unit: micros},
		{Name: "DOC.INSERT of the same, pipeline of 16", Unit: micros},
		{Name: "DOC.INSERT, times a JSON.SET", Unit: noUnit, Mark: mark{valueAtMost, 2.5}},
		{Name: "DOC.FIND of ten documents, times ten GETs", Unit: noUnit, Mark: mark{valueAtMost, 3}},
		{Name: "DOC.FIND of ten documents by an index, 10⁶ documents, pipeline of 16", Unit: micros},
		{Name: "worst wait of another client during a DOC.COUNT without an index over 1 M documents", Unit: millis, Mark: mark{valueAtMost, 5}},
	}},
	{name: "garbage", run: runCollect, alone: true, rows: []row{
		{Name: "full garbage collection beside 5 M keys", Unit: millis, Mark: mark{valueAtMost, 10}},
		{Name: "longest pause of it", Unit: millis, Mark: mark{valueAtMost, 1}},
	}},
}
