package session

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// PauseMode is which commands wait.
type PauseMode uint32

// The modes, from the mildest to the strictest.
const (
	NotPaused    PauseMode = iota
	WritesPaused           // commands that may write
	AllPaused              // all commands
)

// Pause holds commands back (CLIENT PAUSE). Its methods are safe for concurrent
// use, and its lock is a leaf.
//
// Clients whose command is held stand in a queue. After the end of the pause the
// first one is woken, and each wakes the next one when its command has run: so
// the commands run in the order in which they came, whatever loops they are on.
type Pause struct {
	mode atomic.Uint32

	mu    sync.Mutex
	until time.Time
	turn  uint64      // counts alarms, to know one that comes too late
	stop  func() bool // the alarm that ends the pause
	queue []*Session
}

// Alarm calls f after d unless stop is called before.
type Alarm func(d time.Duration, f func()) (stop func() bool)

// longestPause keeps the end of a pause within the calendar.
const longestPause = 100 * 365 * 24 * time.Hour

// Begin pauses from now on for d. A pause that is under way already becomes as
// long and as strict as the longer and the stricter of both.
func (p *Pause) Begin(mode PauseMode, now time.Time, d time.Duration, alarm Alarm) {
	until := now.Add(min(d, longestPause))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Mode() != NotPaused {
		mode = max(mode, p.Mode())
		if p.until.After(until) {
			until = p.until
		}
		p.stop()
	}
	p.until = until
	p.turn++
	turn := p.turn
	p.stop = alarm(until.Sub(now), func() { p.lapse(turn) })
	p.mode.Store(uint32(mode))
}

// lapse ends the pause whose alarm this is.
func (p *Pause) lapse(turn uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turn == turn {
		p.end()
	}
}

// End ends the pause, if there is one.
func (p *Pause) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Mode() != NotPaused {
		p.stop()
		p.end()
	}
}

func (p *Pause) end() {
	p.turn++
	p.mode.Store(uint32(NotPaused))
	p.wakeFirst()
}

func (p *Pause) wakeFirst() {
	if len(p.queue) > 0 {
		p.queue[0].Conn.Resume()
	}
}

// Mode returns which commands wait now.
func (p *Pause) Mode() PauseMode { return PauseMode(p.mode.Load()) }

// Left returns how long the pause goes on.
func (p *Pause) Left(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Mode() == NotPaused {
		return 0
	}
	return max(0, p.until.Sub(now))
}

// Join puts a session whose command is held at the end of the queue. If the
// pause has ended meanwhile, it is woken when its turn comes.
func (p *Pause) Join(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, s)
	if p.Mode() == NotPaused {
		p.wakeFirst()
	}
}

// First reports whether a session is the first of the queue.
func (p *Pause) First(s *Session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue) > 0 && p.queue[0] == s
}

// Leave takes a session out of the queue, if it is there, and wakes the next one
// unless there is another pause.
func (p *Pause) Leave(s *Session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.Index(p.queue, s)
	if at < 0 {
		return
	}
	p.queue = slices.Delete(p.queue, at, at+1)
	if at == 0 && p.Mode() == NotPaused {
		p.wakeFirst()
	}
}
