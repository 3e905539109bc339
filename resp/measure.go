package resp

import (
	"time"

	"kvd/resp/command"
	"kvd/resp/stats"
)

// Names of events in LATENCY HISTORY.
const (
	eventCommand  = "command"
	eventFast     = "fast-command"
	eventEviction = "eviction-cycle"
)

// measure notes how long the command under way took, without the time for which
// it waited.
func (c *client) measure(now time.Time, took time.Duration) {
	cfg := c.server.config()
	if cfg.LatencyTracking {
		c.ctx.Command.Stats.Record(took)
	}
	if least := cfg.LatencyMonitorThreshold; least > 0 && took >= least {
		event := eventCommand
		if c.ctx.Command.Flags.Has(command.Fast) {
			event = eventFast
		}
		c.server.services.Stats.Latency.Add(event, now, took)
	}
	if least := cfg.SlowlogLogSlowerThan; least >= 0 && took >= least {
		c.logSlow(now, took)
	}
}

// logSlow puts the command into the slow log.
func (c *client) logSlow(now time.Time, took time.Duration) {
	if c.ctx.Command.Flags.Has(command.SkipSlowlog) {
		return
	}
	c.server.services.Slowlog.Add(stats.SlowEntry{
		At: now, Duration: took, Client: c.Snapshot().Address, Name: c.Name,
	}, c.ctx.Args, int(c.server.config().SlowlogMaxLen))
}

// makeRoom has the engine evict keys, and notes it if that took long.
func (s *Server) makeRoom() bool {
	least := s.config().LatencyMonitorThreshold
	if least == 0 {
		return s.services.Engine.MakeRoom()
	}
	began := s.clock.Now()
	made := s.services.Engine.MakeRoom()
	now := s.clock.Now()
	if took := now.Sub(began); took >= least {
		s.services.Stats.Latency.Add(eventEviction, now, took)
	}
	return made
}
