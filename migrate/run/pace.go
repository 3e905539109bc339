package run

import (
	"context"
	"time"

	"kvd/internal/clock"
)

// pace has a job rest for as long as it has worked, so that half of a core at least
// is left to others. The clock is the real one: this is about the machine.
type pace struct {
	clock clock.System
	since time.Time // when the work began; zero: it has not yet
}

// mostRest is the longest rest: a single document may have taken long.
const mostRest = 20 * time.Millisecond

// rest is to be called every now and then.
func (p *pace) rest(ctx context.Context) {
	if now := p.clock.Now(); !p.since.IsZero() {
		over := make(chan struct{})
		timer := p.clock.AfterFunc(min(now.Sub(p.since), mostRest), func() { close(over) })
		select {
		case <-over:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	p.since = p.clock.Now()
}
