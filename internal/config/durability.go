package config

import "math"

// FsyncPolicy says when the journal is forced to disk.
type FsyncPolicy string

// The values of appendfsync.
const (
	FsyncAlways   FsyncPolicy = "always"   // before the reply
	FsyncEverySec FsyncPolicy = "everysec" // every second
	FsyncNo       FsyncPolicy = "no"       // when the system likes
)

// Durability is what is kept on disk, and how surely.
type Durability struct {
	Dir                string // as configured; may be relative
	AppendOnly         bool   // false: nothing is kept
	AppendFsync        FsyncPolicy
	JournalMaxSize     int64 // bytes of journal that may wait to be folded into the database file
	JournalSegmentSize int64 // bytes of one journal file
	Save               []SavePoint
	DBFilename         string // in Dir
}

var durabilityParams = in(SectionDurability,
	Param{
		Name: "dir", Default: ".", Change: Locked,
		Doc: "Directory of all data. Unlike Redis, kvd never changes it at run time, whatever enable-protected-configs says.",
		set: at(path, func(c *Config) *string { return &c.Dir }),
	},
	Param{
		Name: "appendonly", Default: "yes", Change: Restart,
		Doc: "Whether writes are kept on disk. With `no` everything is in memory only. Redis's default is no and it can change at run time.",
		set: at(yesNo, func(c *Config) *bool { return &c.AppendOnly }),
	},
	Param{
		Name: "appendfsync", Default: "everysec", Change: AnyTime,
		Doc: "When a write is forced to disk: before its reply (always), once a second (everysec), or when the system does it (no). The bytes are with the system before the reply in any case.",
		set: at(enum(FsyncEverySec, FsyncAlways, FsyncNo), func(c *Config) *FsyncPolicy { return &c.AppendFsync }),
	},
	Param{
		Name: "journal-max-size", Default: "1gb", Change: AnyTime,
		Doc: "Bytes of journal that may wait to be folded into the database file. Only kvd has it.",
		set: at(size(1<<20, math.MaxInt64), func(c *Config) *int64 { return &c.JournalMaxSize }),
	},
	Param{
		Name: "journal-segment-size", Default: "64mb", Change: AnyTime,
		Doc: "Bytes after which a new journal file is begun. Only kvd has it.",
		set: at(size(1<<20, 4<<30), func(c *Config) *int64 { return &c.JournalSegmentSize }),
	},
	Param{
		Name: "save", Default: "3600 1 300 100 60 10000", Change: AnyTime, additive: true,
		Doc: "Pairs of seconds and changes after which Redis writes a snapshot. kvd keeps the pairs; its journal holds every write without them.",
		set: many(savePoints, func(c *Config) *[]SavePoint { return &c.Save }),
	},
	Param{
		Name: "dbfilename", Default: "dump.rdb", Change: Protected,
		Doc: "Name, in dir, of the file in Redis's own snapshot format.",
		set: at(fileName, func(c *Config) *string { return &c.DBFilename }),
	},
)

const (
	reasonJournal = "kvd's journal and database file have a format and an upkeep of their own."
	reasonRDB     = "Redis's snapshot format is for exchange only; kvd's own files are always checksummed."
)

var durabilityInert = append(
	noEffect(SectionDurability, reasonJournal,
		inert("appendfilename", "appendonly.aof", Fixed, fileName, "Name of the append-only file."),
		inert("appenddirname", "appendonlydir", Fixed, fileName, "Directory of its parts."),
		inert("no-appendfsync-on-rewrite", "no", AnyTime, yesNo, "Whether fsync waits for a rewrite."),
		inert("auto-aof-rewrite-percentage", "100", AnyTime, integer(0, math.MaxInt32), "Growth in percent that starts a rewrite."),
		inert("auto-aof-rewrite-min-size", "67108864", AnyTime, size(0, math.MaxInt64), "Size below which none is started."),
		inert("aof-load-truncated", "yes", AnyTime, yesNo, "Whether a torn end is cut off at start; kvd always does and says so."),
		inert("aof-use-rdb-preamble", "yes", AnyTime, yesNo, "Whether a rewritten file begins with a snapshot."),
		inert("aof-timestamp-enabled", "no", AnyTime, yesNo, "Whether the file holds times."),
		inert("aof-rewrite-incremental-fsync", "yes", AnyTime, yesNo, "Whether a rewrite is forced to disk in parts."),
		inert("aof-disable-auto-gc", "no", AnyTime, yesNo, "Whether old parts stay."),
		inert("replica-ignore-disk-write-errors", "no", AnyTime, yesNo, "Whether a replica goes on when its disk fails."),
	),
	noEffect(SectionDurability, reasonRDB,
		inert("rdbcompression", "yes", AnyTime, yesNo, "Whether strings are compressed."),
		inert("rdbchecksum", "yes", Fixed, yesNo, "Whether the file ends with a checksum."),
		inert("rdb-del-sync-files", "no", AnyTime, yesNo, "Whether files made for replicas are removed."),
		inert("rdb-save-incremental-fsync", "yes", AnyTime, yesNo, "Whether the file is forced to disk in parts."),
		inert("sanitize-dump-payload", "no", AnyTime, enum("no", "yes", "clients"), "Whether payloads are checked in full; kvd always does."),
		inert("stop-writes-on-bgsave-error", "yes", AnyTime, yesNo, "Whether a failed snapshot stops writes; in kvd a failed journal does."),
	)...,
)
