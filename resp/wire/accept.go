package wire

import (
	"sync"
	"time"

	"kvd/internal/clock"
)

// Bounds of the pause after a failure to accept. Without it a process that is
// out of descriptors would spin, since the connection stays in the queue.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// backoff makes the accepting goroutine pause after failures.
type backoff struct {
	s    *Server
	next time.Duration
}

// failed reports err and pauses, twice as long each time in a row.
func (b *backoff) failed(err error) {
	b.s.facts.report("accept failed", err)
	b.next = min(max(2*b.next, firstPause), lastPause)
	over := make(chan struct{})
	timer := b.s.opts.Clock.AfterFunc(b.next, func() { close(over) })
	select {
	case <-over:
	case <-b.s.stop:
		timer.Stop()
	}
}

// worked says that accepting succeeded.
func (b *backoff) worked() { b.next = 0 }

// throttle passes each event on at most once per reportEvery.
type throttle struct {
	clock clock.Clock
	log   func(event string, err error)

	mu   sync.Mutex
	last map[string]time.Time
}

const reportEvery = 10 * time.Second

func (t *throttle) report(event string, err error) {
	if t.log != nil && t.due(event) {
		t.log(event, err)
	}
}

func (t *throttle) due(event string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock.Now()
	if last, ok := t.last[event]; ok && now.Sub(last) < reportEvery {
		return false
	}
	if t.last == nil {
		t.last = map[string]time.Time{}
	}
	t.last[event] = now
	return true
}
