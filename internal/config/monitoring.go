package config

import (
	"math"
	"time"
)

// LogLevel is how much is logged.
type LogLevel string

// The log levels, from most to least.
const (
	LogDebug   LogLevel = "debug"
	LogVerbose LogLevel = "verbose"
	LogNotice  LogLevel = "notice"
	LogWarning LogLevel = "warning"
	LogNothing LogLevel = "nothing"
)

// Monitoring is what the server tells about itself.
type Monitoring struct {
	LogLevel                   LogLevel
	LogFile                    string        // path; "": standard output
	SlowlogLogSlowerThan       time.Duration // negative: never
	SlowlogMaxLen              int64         // entries
	LatencyMonitorThreshold    time.Duration // 0: off
	LatencyTracking            bool
	LatencyTrackingPercentiles []float64 // 0 to 100
}

var monitoringParams = in(SectionMonitoring,
	Param{
		Name: "loglevel", Default: "notice", Change: AnyTime,
		Doc: "How much is logged.",
		set: at(enum(LogDebug, LogVerbose, LogNotice, LogWarning, LogNothing), func(c *Config) *LogLevel { return &c.LogLevel }),
	},
	Param{
		Name: "logfile", Default: "", Change: Fixed,
		Doc: "File that the log is added to; empty for standard output.",
		set: at(text, func(c *Config) *string { return &c.LogFile }),
	},
	Param{
		Name: "slowlog-log-slower-than", Default: "10000", Change: AnyTime,
		Doc: "Microseconds from which a command is in the slow log; 0 is every command, a negative number none.",
		set: at(duration(time.Microsecond, -1, math.MaxInt64), func(c *Config) *time.Duration { return &c.SlowlogLogSlowerThan }),
	},
	Param{
		Name: "slowlog-max-len", Default: "128", Change: AnyTime,
		Doc: "Commands that the slow log remembers.",
		set: at(count, func(c *Config) *int64 { return &c.SlowlogMaxLen }),
	},
	Param{
		Name: "latency-monitor-threshold", Default: "0", Change: AnyTime,
		Doc: "Milliseconds from which an event is in LATENCY HISTORY; 0 turns it off.",
		set: at(duration(time.Millisecond, 0, math.MaxInt64), func(c *Config) *time.Duration { return &c.LatencyMonitorThreshold }),
	},
	Param{
		Name: "latency-tracking", Default: "yes", Change: AnyTime,
		Doc: "Whether INFO latencystats and LATENCY HISTOGRAM have times of each command.",
		set: at(yesNo, func(c *Config) *bool { return &c.LatencyTracking }),
	},
	Param{
		Name: "latency-tracking-info-percentiles", Default: "50 99 99.9", Change: AnyTime,
		Doc: "Percentiles that INFO latencystats shows.",
		set: many(percentiles, func(c *Config) *[]float64 { return &c.LatencyTrackingPercentiles }),
	},
)

const reasonLog = "kvd logs lines of facts to standard output or logfile; what starts the server passes them on."

var monitoringInert = noEffect(SectionMonitoring, reasonLog,
	inert("syslog-enabled", "no", Fixed, yesNo, "Whether the system's log is written to."),
	inert("syslog-ident", "redis", Fixed, text, "Name in the system's log."),
	inert("syslog-facility", "local0", Fixed,
		enum("user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"), "Facility in the system's log."),
	inert("always-show-logo", "no", Fixed, yesNo, "Whether a picture is logged at start."),
	inert("crash-log-enabled", "yes", AnyTime, yesNo, "Whether a crash is described in the log; in kvd it always is."),
	inert("crash-memcheck-enabled", "yes", AnyTime, yesNo, "Whether memory is tested after a crash."),
	inert("ignore-warnings", "", AnyTime, text, "Warnings at start that do not stop it."),
	inert("hide-user-data-from-log", "no", AnyTime, yesNo, "Whether data is kept out of the log; in kvd it always is."),
)
