package session

import (
	"cmp"
	"slices"
)

// Memory returns about how many bytes the buffers of all clients take, without
// the messages that wait. It costs nothing.
func (r *Registry) Memory() int64 { return r.memory.Load() }

// recount brings the sum of all sessions up to date with one of them, of which
// mu is held.
func (s *Session) recount(size int) {
	if s.total == nil || s.removed {
		return
	}
	if grown := int64(size - s.counted); grown != 0 {
		s.total.Add(grown)
		s.counted = size
	}
}

// leave takes a session that has ended out of the sum.
func (s *Session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recount(0)
	s.removed = true
}

// Evict closes the clients that take most memory until the rest of them take no
// more than limit bytes, and returns how many. Those that CLIENT NO-EVICT
// protects are counted, and stay.
func (r *Registry) Evict(limit int64) (closed int) {
	r.evicting.Lock()
	defer r.evicting.Unlock()
	type use struct {
		sess   *Session
		memory int64
	}
	var total int64
	var uses []use
	for _, sess := range r.All() {
		s := sess.Snapshot()
		if sess.Killed() || s.Closing {
			continue
		}
		total += int64(s.TotalMemory)
		if !s.NoEvict {
			uses = append(uses, use{sess, int64(s.TotalMemory)})
		}
	}
	slices.SortStableFunc(uses, func(a, b use) int { return cmp.Compare(b.memory, a.memory) })
	for _, u := range uses {
		if total <= limit {
			break
		}
		u.sess.Kill()
		total -= u.memory
		closed++
	}
	return closed
}
