package engine

// Survey is the state of the whole engine, for INFO and its like.
type Survey struct {
	Stats Stats
	Usage Usage
	// Databases has an entry for each database.
	Databases []Keyspace
}

// Keyspace is what INFO says of a database.
type Keyspace struct {
	Keys    int
	Expires int
	// AverageTTL is in milliseconds, over a sample of the keys that expire.
	AverageTTL int64
	// OnDisk is how many values are not in memory.
	OnDisk int
}

// Stats are counts since the start or the last ResetStats.
type Stats struct {
	Hits, Misses, Expired, Evicted, Unloaded, Fetched uint64
}

// ttlSample is how many deadlines of each shard an average TTL is made of.
const ttlSample = 8

// Survey looks at each shard once. Numbers of different shards may be of
// slightly different times.
func (tx *Tx) Survey() Survey {
	e := tx.engine
	v := Survey{Databases: make([]Keyspace, e.Databases())}
	sampled := make([]int64, e.Databases())
	for i := range e.shards {
		tx.visit(i, func(s *shard) {
			v.Stats.add(&s.stats)
			v.Usage.add(s)
			v.count(s, tx.now, sampled)
		})
	}
	v.Usage.Used = e.Used()
	for db, n := range sampled {
		if n > 0 {
			v.Databases[db].AverageTTL /= n
		}
	}
	return v
}

// count adds the keys of a shard. AverageTTL is a sum until the end, and sampled
// how many deadlines are in it.
func (v *Survey) count(s *shard, now int64, sampled []int64) {
	for db := range s.dbs {
		d := &s.dbs[db]
		if d.index == nil {
			continue
		}
		k := &v.Databases[db]
		k.Keys += d.index.Len()
		k.Expires += d.expires
		k.OnDisk += d.cold
	}
	// The queue begins with the earliest: the sample is from all over it.
	items := s.deadlines.items
	for place := 0; place < len(items); place += max(1, len(items)/ttlSample) {
		at := items[place]
		v.Databases[at.db()].AverageTTL += max(0, at.at-now)
		sampled[at.db()]++
	}
}

// Stats adds up the counts of all shards.
func (e *Engine) Stats() Stats {
	var t Stats
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		t.add(&s.stats)
		s.mu.Unlock()
	}
	return t
}

// add adds the counts of a shard.
func (t *Stats) add(s *shardStats) {
	t.Hits += s.hits
	t.Misses += s.misses
	t.Expired += s.expired
	t.Evicted += s.evicted
	t.Unloaded += s.unloaded
	t.Fetched += s.fetched
}

// add adds the memory of a shard.
func (u *Usage) add(s *shard) {
	u.Cells += int64(s.arena.Used())
	u.Runs += int64(s.arena.Held()) + int64(s.elements.Held()) + s.natives.bytes
	u.Elements += int64(s.elements.Used()) + s.natives.bytes
	u.Index += int64(s.tables.Held())
	u.Large += int64(s.large.bytes)
	u.Queue += s.deadlines.bytes()
}

// ResetStats sets the counts of Stats to zero.
func (tx *Tx) ResetStats() {
	for i := range tx.engine.shards {
		tx.visit(i, func(s *shard) {
			s.stats = shardStats{}
			s.cache.resetStats()
		})
	}
}

// Locked reports whether the Tx holds the lock of any shard, as one of a
// transaction does. What locks the whole engine is not possible then.
func (tx *Tx) Locked() bool { return tx.single >= 0 || tx.held != Lock{} }

// Compact is Engine.Compact but leaves out the shards that the Tx has locked,
// whose cells may be in use.
func (tx *Tx) Compact(budget int) {
	for i := range tx.engine.shards {
		if !tx.holds(i) {
			tx.visit(i, func(s *shard) {
				s.compact(budget)
				s.count()
			})
		}
	}
}
