package app

import (
	"runtime/debug"
	"time"

	"kvd/internal/change"
	"kvd/internal/config"
	"kvd/resp/command"
)

// follow applies settings that change while the server runs.
func (a *App) follow() {
	a.live.OnCheck(func(_, changed *config.Config) error {
		_, err := memoryPolicy(changed)
		return err
	})
	a.live.OnCheck(a.checkTLS)
	a.live.OnChange(a.apply)
	a.live.OnChange(a.applyTLS)
	a.engine.SetEvents(eventClasses(a.opt.Config))
	a.watchHeap()
}

// apply is called after CONFIG SET.
func (a *App) apply(old, changed *config.Config) {
	if memory, err := memoryPolicy(changed); err == nil {
		a.engine.SetMemoryPolicy(memory)
	}
	if a.store != nil && changed.AppendFsync != old.AppendFsync {
		a.store.SetFsync(fsyncMode(changed))
	}
	if changed.LogLevel != old.LogLevel && a.opt.SetLogLevel != nil {
		if err := a.opt.SetLogLevel(string(changed.LogLevel)); err != nil {
			a.log.Error().Err(err).Msg("the log level stays as it was")
		}
	}
	a.engine.SetEvents(eventClasses(changed))
}

// eventClasses maps the letters of notify-keyspace-events to what the engine
// records. Without a channel to send them to, none are recorded.
func eventClasses(cfg *config.Config) change.EventClass {
	set := cfg.NotifyKeyspaceEvents
	if set&(config.EventKeyspace|config.EventKeyevent) == 0 {
		return 0
	}
	var classes change.EventClass
	for from, to := range map[config.Events]change.EventClass{
		config.EventGeneric: change.EventGeneric, config.EventString: change.EventString,
		config.EventList: change.EventList, config.EventSet: change.EventSet, config.EventHash: change.EventHash,
		config.EventZset: change.EventZSet, config.EventStream: change.EventStream,
		config.EventExpired: change.EventExpired, config.EventEvicted: change.EventEvicted,
		config.EventModule: change.EventModule, config.EventNew: change.EventNew, config.EventMissed: change.EventMissed,
	} {
		if set&from != 0 {
			classes |= to
		}
	}
	return classes
}

const (
	heapEvery = time.Second
	// heapFloor is the least that the Go heap is allowed, in bytes: buffers,
	// sessions, and the runtime itself.
	heapFloor = 64 << 20
)

// watchHeap keeps the garbage collector's limit at what maxmemory leaves beside
// the memory that is not on the Go heap, so that garbage never takes the process
// far beyond maxmemory.
func (a *App) watchHeap() {
	if limit := a.live.Get().MaxMemory; limit > 0 {
		usage := a.engine.Usage()
		debug.SetMemoryLimit(max(heapFloor, limit-usage.Runs-usage.Index) + heapFloor)
	}
	a.heap = a.opt.Clock.AfterFunc(heapEvery, a.watchHeap)
}

// process is the App as commands see it.
type process App

// Shutdown implements command.Process.
func (p *process) Shutdown(how command.Shutdown) error {
	select {
	case p.ask <- how:
	default: // it has been asked for already
	}
	return nil
}

// CancelShutdown implements command.Process. A shutdown can't be stopped once it
// has begun, and it begins at once.
func (p *process) CancelShutdown() bool { return false }

// Log implements command.Process.
func (p *process) Log(text string) { p.log.Info().Str("text", text).Msg("debug log") }
