package stats

import (
	"fmt"
	"sync"
	"time"
)

const (
	slowArgs     = 32  // arguments that are kept of one command
	slowArgBytes = 128 // bytes that are kept of one argument
)

// SlowEntry is one slow command.
type SlowEntry struct {
	ID       int64
	At       time.Time
	Duration time.Duration
	Args     []string
	Client   string // address
	Name     string // what the client called itself
}

// Slowlog keeps the newest slow commands.
type Slowlog struct {
	mu      sync.Mutex
	nextID  int64
	entries []SlowEntry // newest last
}

// Add notes a command, and forgets the oldest ones beyond most entries.
func (l *Slowlog) Add(e SlowEntry, args [][]byte, most int) {
	e.Args = trimArgs(args)
	l.mu.Lock()
	defer l.mu.Unlock()
	e.ID = l.nextID
	l.nextID++
	l.entries = append(l.entries, e)
	if extra := len(l.entries) - most; extra > 0 {
		l.entries = append(l.entries[:0], l.entries[extra:]...)
	}
}

// trimArgs copies what is shown of a command.
func trimArgs(args [][]byte) []string {
	shown := args[:min(len(args), slowArgs)]
	if len(args) > slowArgs {
		shown = args[:slowArgs-1]
	}
	out := make([]string, 0, slowArgs)
	for _, a := range shown {
		if len(a) > slowArgBytes {
			out = append(out, fmt.Sprintf("%s... (%d more bytes)", a[:slowArgBytes], len(a)-slowArgBytes))
			continue
		}
		out = append(out, string(a))
	}
	if len(args) > slowArgs {
		out = append(out, fmt.Sprintf("... (%d more arguments)", len(args)-slowArgs+1))
	}
	return out
}

// Newest returns up to n entries, the newest first; a negative n returns all.
func (l *Slowlog) Newest(n int) []SlowEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n < 0 || n > len(l.entries) {
		n = len(l.entries)
	}
	out := make([]SlowEntry, 0, n)
	for i := range n {
		out = append(out, l.entries[len(l.entries)-1-i])
	}
	return out
}

// Len returns how many entries there are.
func (l *Slowlog) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.entries)
}

// Reset forgets all entries; the numbering goes on.
func (l *Slowlog) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}
