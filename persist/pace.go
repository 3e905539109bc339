package persist

import (
	"sync"
	"sync/atomic"
	"time"

	"kvd/internal/clock"
)

// tickEvery is how often a store that has something to do looks what is due:
// the sync of EverySec, an early fold, the test of a disk that failed. An idle
// store has no timer.
const tickEvery = time.Second

// pacer decides when things are done that nobody asks for.
type pacer struct {
	s     *Store
	armed atomic.Bool
	held  atomic.Bool // a checkpoint has failed: no other before the next tick

	ticking sync.Mutex // held during a tick; before mu

	mu      sync.Mutex
	stopped bool
	timer   clock.Timer
	seen    uint64        // last number submitted at the tick before
	quiet   time.Duration // for so long nothing was
}

func (p *pacer) start(s *Store) {
	p.s = s
	p.arm() // what is in the journal may be folded when nothing else is to do
}

// wrote is called after each Flush.
func (p *pacer) wrote() {
	if !p.armed.Load() {
		p.arm()
	}
	if p.s.foldDue() && !p.held.Load() && !p.s.stats.isFolding() {
		p.s.folds.ask(nil)
	}
}

// arm sees to it that a tick comes.
func (p *pacer) arm() {
	if p.armed.Swap(true) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.stopped {
		p.timer = p.s.opts.Clock.AfterFunc(tickEvery, p.tick)
	}
}

// foldDue reports that too much waits for a checkpoint.
func (s *Store) foldDue() bool {
	return s.j.Bytes() > s.limit.Load() || s.versions.pending.Bytes() > versionsDue
}

func (p *pacer) holdOff() { p.held.Store(true) }

// stop ends the ticks; none runs when it returns.
func (p *pacer) stop() {
	p.ticking.Lock()
	defer p.ticking.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

// tick does what is due, and arms the next one if there will be more.
func (p *pacer) tick() {
	p.ticking.Lock()
	defer p.ticking.Unlock()
	if p.isStopped() {
		return
	}
	p.armed.Store(false) // before looking: what is written from here on arms it again
	p.held.Store(false)
	s := p.s
	if s.Err() != nil {
		s.tryResume()
		p.arm()
		return
	}
	if Fsync(s.fsync.Load()) == EverySec {
		_ = s.j.Sync() // a failure is told by OnFail
	}
	quiet := p.quietFor()
	unfolded := s.j.Bytes()
	due := unfolded >= s.opts.IdleBytes && s.j.Written() > s.foldedSeq.Load()
	if due && quiet >= s.opts.IdleAfter || s.foldDue() {
		s.folds.ask(nil)
	}
	if quiet == 0 || due {
		p.arm()
	}
}

func (p *pacer) isStopped() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stopped
}

// quietFor returns for how long nothing has been submitted, in whole ticks.
func (p *pacer) quietFor() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	seq := p.s.j.Submitted()
	p.quiet += tickEvery
	if seq != p.seen {
		p.seen, p.quiet = seq, 0
	}
	return p.quiet
}

// failed is told by the journal that a write or sync failed.
func (s *Store) failed(err error) {
	s.stats.fail(err)
	s.log.Error().Err(err).Msg("the journal failed: no writes are taken")
	fn := s.onFail.Load()
	if fn == nil {
		s.reloaded.Store(true) // nobody has it in memory
	}
	s.pace.arm()
	s.notify()
	if fn != nil {
		(*fn)(err)
	}
}

// tryResume takes writes again if the disk works and the memory is what the
// disk has.
func (s *Store) tryResume() {
	if s.broken.Load() != nil || !s.reloaded.Load() {
		return
	}
	if err := s.j.Resume(); err != nil {
		s.log.Debug().Err(err).Msg("the disk still fails")
		return
	}
	s.reloaded.Store(false)
	s.log.Info().Msg("the disk works again: writes are taken")
	s.notify()
}
