package blackbox

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// Log collects what a process prints. It is safe for concurrent use.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String returns all that was printed so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Has reports whether the words have been printed.
func (l *Log) Has(words string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Contains(l.text.Bytes(), []byte(words))
}

// Count returns how often the words have been printed.
func (l *Log) Count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.text.Bytes(), []byte(words))
}

// tailBytes is how much of a log a failed test shows.
const tailBytes = 4 << 10

func (l *Log) tail() string {
	text := l.String()
	if len(text) > tailBytes {
		return "…" + text[len(text)-tailBytes:]
	}
	return text
}

// pollEvery is how often a condition is looked at.
const pollEvery = 2 * time.Millisecond

// Poll looks at a condition until it holds, and reports false if that takes
// longer than within.
func Poll(within time.Duration, holds func() bool) bool {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			return holds()
		}
	}
	return true
}

// Eventually fails the test unless a condition comes to hold. What completes
// the sentence "within the time, …".
func Eventually(t testing.TB, within time.Duration, what string, holds func() bool) {
	t.Helper()
	if !Poll(within, holds) {
		t.Fatalf("not within %v: %s", within, what)
	}
}

func newReader(text string) io.Reader { return strings.NewReader(text) }
