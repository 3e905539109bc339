package config

import (
	"errors"
	"math"
	"strings"
	"time"
)

// Process is how the server lives as a process.
type Process struct {
	PIDFile         string // path; "": none
	ShutdownTimeout time.Duration
}

var processParams = in(SectionProcess,
	Param{
		Name: "pidfile", Default: "", Change: Fixed,
		Doc: "File that holds the process id while the server runs.",
		set: at(text, func(c *Config) *string { return &c.PIDFile }),
	},
	Param{
		Name: "shutdown-timeout", Default: "10", Change: AnyTime,
		Doc: "Seconds that a shutdown waits for work in progress.",
		set: at(duration(time.Second, 0, math.MaxInt32), func(c *Config) *time.Duration { return &c.ShutdownTimeout }),
	},
)

const (
	reasonForeground = "kvd stays in the foreground, where service managers and containers want it."
	reasonSystem     = "Placement on cores, memory scores and page sizes are set by what starts kvd."
)

var processInert = append(append(
	noEffect(SectionProcess, reasonForeground,
		inert("daemonize", "no", Fixed, yesNo, "Whether the server goes to the background."),
		inert("supervised", "no", Fixed, enum("upstart", "systemd", "auto", "no"), "Which service manager is told of the start."),
		inert("set-proc-title", "yes", Fixed, yesNo, "Whether the process list shows the address."),
		inert("proc-title-template", "{title} {listen-addr} {server-mode}", AnyTime, text, "How it is shown there."),
	),
	noEffect(SectionProcess, reasonSystem,
		inert("server_cpulist", "", Fixed, text, "Cores for commands."),
		inert("bio_cpulist", "", Fixed, text, "Cores for background threads."),
		inert("aof_rewrite_cpulist", "", Fixed, text, "Cores for rewrites."),
		inert("bgsave_cpulist", "", Fixed, text, "Cores for snapshots."),
		inert("oom-score-adj", "no", AnyTime, enum("no", "yes", "relative", "absolute"), "Whether the score for running out of memory is set."),
		Param{
			Name: "oom-score-adj-values", Default: "0 200 800", Change: AnyTime,
			Doc: "The scores.", set: keptWords{checkOOMScores, "three numbers from -2000 to 2000"},
		},
		inert("disable-thp", "yes", Fixed, yesNo, "Whether huge pages are turned off."),
	)...),
	noEffect(SectionProcess, "A stop always finishes and syncs what was acknowledged, which needs no choice; text compares byte by byte.",
		Param{Name: "shutdown-on-sigint", Default: "default", Change: AnyTime, Doc: "What SIGINT does.", set: shutdownWords},
		Param{Name: "shutdown-on-sigterm", Default: "default", Change: AnyTime, Doc: "What SIGTERM does.", set: shutdownWords},
		inert("locale-collate", "", AnyTime, text, "Language by which text is sorted."),
	)...,
)

var shutdownWords = wordsOf("default", "save", "nosave", "now", "force")

func checkOOMScores(words []string) error {
	if len(words) != 3 {
		return errWordCount
	}
	for _, w := range words {
		if _, err := parseBetween(w, -2000, 2000); err != nil {
			return errors.New("Invalid oom-score-adj-values, elements must be between -2000 and 2000.") //nolint:staticcheck,revive // the text of redis-server
		}
	}
	return nil
}

// noReplica are the ways to say that there is no primary.
func noReplica(words []string) error {
	if len(words) == 0 || strings.EqualFold(strings.Join(words, " "), "no one") {
		return nil
	}
	return errors.New("kvd does not replicate from another server; only \"no one\" is accepted")
}
