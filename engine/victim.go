package engine

import "math/rand/v2"

const (
	// sampleFactor times maxmemory-samples neighbours in the index are compared
	// for one victim. They stand in few cache lines, so many cost little, and
	// they make up for the pool of candidates that Redis keeps.
	sampleFactor = 4
	maxSample    = 64
)

// soonest returns the shard with the key that expires first.
func (e *Engine) soonest() int {
	best, at := 0, int64(noDeadline)
	for i := range e.shards {
		if d := e.shards[i].nextDeadline.Load(); d < at {
			best, at = i, d
		}
	}
	return best
}

// victim is the entry to go.
type victim struct {
	db  int
	ref uint64
}

// sampleSize is how many keys of a shard are compared. Under an unload policy
// many of them may have been unloaded already.
func (m *memory) sampleSize(policy Policy) int {
	if policy.unloads() {
		return maxSample
	}
	return min(maxSample, int(m.samples.Load())*sampleFactor)
}

// victim chooses among a sample of the shard's keys.
func (s *shard) victim(policy Policy, now int64) (victim, bool) {
	if policy.volatile() {
		return s.volatileVictim(policy, now)
	}
	db, ok := s.anyDatabase()
	if !ok {
		return victim{}, false
	}
	if policy.random() {
		ref, ok := s.dbs[db].index.Random(rand.Uint64())
		return victim{db, ref}, ok
	}
	// Two places, since the keys around one may all have been used lately.
	var refs [maxSample]uint64
	want := s.engine.memory.sampleSize(policy)
	n := s.dbs[db].index.Sample(rand.Uint64(), refs[:want/2])
	n += s.dbs[db].index.Sample(rand.Uint64(), refs[n:want])
	best, worst := victim{}, int64(-1)
	for _, ref := range refs[:n] {
		ent := s.entry(ref)
		if policy.unloads() && !s.unloadable(ent) || s.guarded(db, ent) {
			continue
		}
		if score := s.staleness(policy, ent, now); score > worst {
			best, worst = victim{db, ref}, score
		}
	}
	return best, worst >= 0
}

// volatileVictim chooses among the keys that expire.
func (s *shard) volatileVictim(policy Policy, now int64) (victim, bool) {
	items := s.deadlines.items
	if len(items) == 0 {
		return victim{}, false
	}
	if policy == VolatileTTL {
		return s.firstToExpire()
	}
	if policy.random() {
		d := items[rand.IntN(len(items))]
		return victim{d.db(), d.ref()}, true
	}
	best, worst := victim{}, int64(-1)
	for range min(s.engine.memory.sampleSize(policy), len(items)) {
		d := items[rand.IntN(len(items))]
		ent := s.entry(d.ref())
		if s.guarded(d.db(), ent) {
			continue
		}
		if score := s.staleness(policy, ent, now); score > worst {
			best, worst = victim{d.db(), d.ref()}, score
		}
	}
	return best, worst >= 0
}

// firstToExpire returns the key that expires first. Documents that may not go are
// passed over, a few of them.
func (s *shard) firstToExpire() (victim, bool) {
	items := s.deadlines.items // a heap: not sorted, but the first ones expire early
	for _, d := range items[:min(len(items), maxSample)] {
		if !s.guarded(d.db(), s.entry(d.ref())) {
			return victim{d.db(), d.ref()}, true
		}
	}
	return victim{}, false
}

// staleness is higher for the entry that should go first.
func (s *shard) staleness(policy Policy, e entry, now int64) int64 {
	if policy.usesLFU() {
		return 255 - int64(s.engine.memory.decayed(e.stamp(), now))
	}
	return idle(e.stamp(), now)
}

// anyDatabase chooses a database that has keys, by their number.
func (s *shard) anyDatabase() (int, bool) {
	total := 0
	for i := range s.dbs {
		if t := s.dbs[i].index; t != nil {
			total += t.Len()
		}
	}
	if total == 0 {
		return 0, false
	}
	at := rand.IntN(total)
	for i := range s.dbs {
		if t := s.dbs[i].index; t != nil {
			if at -= t.Len(); at < 0 {
				return i, true
			}
		}
	}
	return 0, false
}
