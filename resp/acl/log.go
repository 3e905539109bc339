package acl

import (
	"sync"
	"time"
)

// Context is where a command came from.
type Context uint8

// The contexts.
const (
	TopLevel Context = iota
	Multi
	Lua
	Module
)

// String is the context as ACL LOG names it.
func (c Context) String() string { return [...]string{"toplevel", "multi", "lua", "module"}[c] }

// Refusal is an entry of the log.
type Refusal struct {
	Reason  Reason
	Context Context
	// Object is the command, key or channel that was refused.
	Object string
	User   string
	// Client describes the client, as CLIENT LIST does.
	Client string
	// At is when it happened last, and Count how often.
	At    time.Time
	Count int64
}

// groupTime is how long after the last of them the same refusal is counted
// instead of listed anew.
const groupTime = time.Minute

// groupAmong is among how many of the newest entries the same one is looked for.
const groupAmong = 10

func (r *Refusal) sameAs(o *Refusal) bool {
	age := r.At.Sub(o.At)
	return age <= groupTime && r.Reason == o.Reason && r.Context == o.Context &&
		r.Object == o.Object && r.User == o.User
}

// Log remembers refusals, newest first. Its methods are safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	entries []Refusal // oldest first
	counts  [DeniedChannel + 1]int64
}

// maxObject is how much of a key or a name is remembered, in bytes.
const maxObject = 1 << 10

// Add notes a refusal and forgets the oldest ones beyond limit.
func (l *Log) Add(r Refusal, limit int) {
	r.Count = 1
	r.Object, r.User = r.Object[:min(len(r.Object), maxObject)], r.User[:min(len(r.User), maxObject)]
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[r.Reason]++
	for i := len(l.entries) - 1; i >= max(0, len(l.entries)-groupAmong); i-- {
		if r.sameAs(&l.entries[i]) {
			r.Count += l.entries[i].Count
			l.entries = append(l.entries[:i], l.entries[i+1:]...)
			break
		}
	}
	l.entries = append(l.entries, r)
	if extra := len(l.entries) - limit; extra > 0 {
		l.entries = append([]Refusal(nil), l.entries[extra:]...)
	}
}

// Newest returns the newest n entries, newest first.
func (l *Log) Newest(n int) []Refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	n = max(0, min(n, len(l.entries)))
	list := make([]Refusal, 0, n)
	for i := len(l.entries) - 1; len(list) < n; i-- {
		list = append(list, l.entries[i])
	}
	return list
}

// Reset forgets all.
func (l *Log) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}

// Count returns how many refusals there have been for a reason, listed or not.
func (l *Log) Count(r Reason) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[r]
}

// ResetCounts sets what Count returns to zero.
func (l *Log) ResetCounts() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.counts[:])
}
