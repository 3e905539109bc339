package stats

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// latencySamples is how many samples are kept of each event.
const latencySamples = 160

// LatencySample is the longest that an event took within a second.
type LatencySample struct {
	At   int64 // unix seconds
	Took int64 // milliseconds
}

// LatencyEvent is what is known of one kind of event: at least one sample, oldest
// first.
type LatencyEvent struct {
	Name    string
	Worst   int64 // milliseconds, of all times
	Samples []LatencySample
}

// Last returns the newest sample.
func (e *LatencyEvent) Last() LatencySample { return e.Samples[len(e.Samples)-1] }

// Latency keeps what took remarkably long: the events of LATENCY HISTORY. What
// is remarkable is for the caller to say. The zero value is empty.
type Latency struct {
	mu     sync.Mutex
	events map[string]*LatencyEvent
}

// Add notes that an event has taken so long.
func (l *Latency) Add(event string, now time.Time, took time.Duration) {
	at, ms := now.Unix(), took.Milliseconds()
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.events[event]
	if e == nil {
		if l.events == nil {
			l.events = make(map[string]*LatencyEvent)
		}
		e = &LatencyEvent{Name: event}
		l.events[event] = e
	}
	e.add(LatencySample{at, ms})
}

func (e *LatencyEvent) add(s LatencySample) {
	e.Worst = max(e.Worst, s.Took)
	if n := len(e.Samples); n > 0 && e.Samples[n-1].At == s.At {
		e.Samples[n-1].Took = max(e.Samples[n-1].Took, s.Took)
		return
	}
	if len(e.Samples) == latencySamples {
		e.Samples = e.Samples[:copy(e.Samples, e.Samples[1:])]
	}
	e.Samples = append(e.Samples, s)
}

// Events returns all events, by name.
func (l *Latency) Events() []LatencyEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]LatencyEvent, 0, len(l.events))
	for _, e := range l.events {
		all = append(all, e.clone())
	}
	slices.SortFunc(all, func(a, b LatencyEvent) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Event returns one event and whether it has happened.
func (l *Latency) Event(name string) (LatencyEvent, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.events[name]
	if e == nil {
		return LatencyEvent{}, false
	}
	return e.clone(), true
}

func (e *LatencyEvent) clone() LatencyEvent {
	return LatencyEvent{e.Name, e.Worst, slices.Clone(e.Samples)}
}

// Reset forgets the events of these names, or all if there are none, and returns
// how many it has forgotten.
func (l *Latency) Reset(names ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(names) == 0 {
		n = len(l.events)
		l.events = nil
		return n
	}
	for _, name := range names {
		if _, known := l.events[name]; known {
			delete(l.events, name)
			n++
		}
	}
	return n
}
