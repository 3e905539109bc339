package session

import (
	"testing"
	"time"
)

func TestEvict(t *testing.T) {
	r := NewRegistry()
	sizes := []int{10_000, 90_000, 50_000, 200_000, 20_000}
	sessions := make([]*Session, len(sizes))
	for i, size := range sizes {
		s := r.Add(&conn{}, time.Unix(1, 0))
		s.Input = size
		s.NoEvict = size == 200_000
		s.Publish()
		sessions[i] = s
	}
	const base = 5 * sessionMemory
	if got := r.Memory(); got != 370_000+base {
		t.Errorf("%d bytes in all", got)
	}
	if n := r.Evict(370_000 + base); n != 0 {
		t.Errorf("%d were closed within the limit", n)
	}
	if n := r.Evict(240_000 + base); n != 2 || !sessions[1].Killed() || !sessions[2].Killed() {
		t.Errorf("%d were closed, not the two largest that may be", n)
	}
	// Those that are being closed count no more, so that no others follow them.
	if n := r.Evict(240_000 + base); n != 0 {
		t.Errorf("%d more were closed", n)
	}
	for _, s := range sessions {
		r.Remove(s)
		r.Remove(s)
		s.Publish() // a worker that still has it
	}
	if got := r.Memory(); got != 0 {
		t.Errorf("%d bytes are left of clients that are gone", got)
	}
	if n := r.Evict(0); n != 0 {
		t.Errorf("%d of no clients were closed", n)
	}
}
