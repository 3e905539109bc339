package app

import (
	"time"

	"kvd/engine"
	"kvd/internal/config"
)

// noteLatency notes an event for LATENCY HISTORY, if it took long.
func (a *App) noteLatency(event string, took time.Duration) {
	if least := a.live.Get().LatencyMonitorThreshold; least > 0 && took >= least {
		a.stats.Latency.Add(event, a.opt.Clock.Now(), took)
	}
}

// cycleTook is told how long background work of the engine took.
func (a *App) cycleTook(cycle engine.Cycle, took time.Duration) {
	event := "expire-cycle"
	if cycle == engine.EvictionCycle {
		event = "eviction-cycle"
	}
	a.noteLatency(event, took)
}

// syncTook is told how long a sync of the journal took.
func (a *App) syncTook(took time.Duration) {
	event := "aof-fsync"
	if a.live.Get().AppendFsync == config.FsyncAlways {
		event = "aof-fsync-always"
	}
	a.noteLatency(event, took)
}
