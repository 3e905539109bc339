package config

import (
	"math"
	"time"
)

// Migrations is what the jobs of MIG.* may use.
type Migrations struct {
	MigUndoKeep    time.Duration
	MigAtomicMax   int   // documents
	MigAtomicBytes int64 // of documents
}

var migrationParams = in(SectionDocuments,
	Param{
		Name: "mig-undo-keep", Default: "30", Change: AnyTime,
		Doc: "Days for which a migrated document keeps what restores it exactly. Only kvd has it.",
		set: at(duration(24*time.Hour, 0, 36500), func(c *Config) *time.Duration { return &c.MigUndoKeep }),
	},
	Param{
		Name: "mig-atomic-max", Default: "10000", Change: AnyTime,
		Doc: "Documents that MIG.UP and MIG.DOWN change in one transaction at most; with more they want MODE BATCH. Only kvd has it.",
		set: at(integer(1, math.MaxInt32), func(c *Config) *int { return &c.MigAtomicMax }),
	},
	Param{
		Name: "mig-atomic-bytes", Default: "64mb", Change: AnyTime,
		Doc: "Bytes that these documents may have together, with what restores them. Only kvd has it.",
		set: at(size(1<<10, math.MaxInt64), func(c *Config) *int64 { return &c.MigAtomicBytes }),
	},
)
