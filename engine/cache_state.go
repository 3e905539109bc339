package engine

import (
	"bytes"
	"sync/atomic"

	"kvd/internal/change"
)

// cacheEngine is what the engine as a whole keeps for cached values.
type cacheEngine struct {
	rules cacheRules
	ruled atomic.Bool // there are rules
	sweep cacheSweep
	// recount is set when the numbers of tagged values may be wrong, because rules
	// came after values. All shards are locked when it is changed.
	recount bool
	purges  purges
}

// shardCache is what a shard keeps for cached values. It belongs to the holder of
// the shard's lock.
type shardCache struct {
	// tags counts the values with each tag that no rule about it has made dead.
	tags   map[ruleName]*int
	leases map[waitKey]*lease
	total  cacheCounts
	groups map[string]*cacheCounts
	// lastName and last are the group that was used last.
	lastName string
	last     *cacheCounts
	bytes    int64
}

// cacheState returns what the shard keeps for cached values.
func (s *shard) cacheState() *shardCache {
	if s.cache == nil {
		s.cache = new(shardCache)
	}
	return s.cache
}

// size is the memory in bytes.
func (c *shardCache) size() int64 {
	if c == nil {
		return 0
	}
	return c.bytes
}

// tagBytes is about the memory of the count of a tag without its name.
const tagBytes = 80

// uncountTags takes the tags of an entry that is about to go, or to get another
// value, from their counts.
func (s *shard) uncountTags(e entry, db int) {
	if e.kind() == change.Cached {
		s.countTags(s.cached(e), db, -1)
	}
}

// countTags counts the tags of a value that is about to come (1) or to go (-1).
func (s *shard) countTags(c cached, db, by int) {
	if c.tagsLen() == 0 {
		return
	}
	state, space, rules := s.cacheState(), s.engine.spaces.of(db), &s.engine.cache.rules
	rev := c.rev()
	c.tags(func(tag []byte) bool {
		if rule := rules.tags[ruleName{space, tagRule, string(tag)}]; rule == nil || rev > rule.dead {
			state.countTag(space, tag, by)
		}
		return true
	})
}

func (c *shardCache) countTag(space uint32, tag []byte, by int) {
	n := c.tags[ruleName{space, tagRule, string(tag)}]
	if n == nil {
		if by < 0 {
			return
		}
		if c.tags == nil {
			c.tags = make(map[ruleName]*int)
		}
		n = new(int)
		c.tags[ruleName{space, tagRule, string(tag)}] = n
		c.bytes += tagBytes + int64(len(tag))
	}
	if *n += by; *n == 0 {
		c.dropTag(ruleName{space, tagRule, string(tag)})
	}
}

func (c *shardCache) dropTag(name ruleName) {
	delete(c.tags, name)
	c.bytes -= tagBytes + int64(len(name.text))
}

// dropTags forgets the counts of a space that has lost all its keys.
func (c *shardCache) dropTags(space uint32) {
	if c == nil {
		return
	}
	for name := range c.tags {
		if name.space == space {
			c.dropTag(name)
		}
	}
}

// forget forgets all tags and leases, for a shard that has lost all its keys.
func (c *shardCache) forget() {
	if c == nil {
		return
	}
	for at, l := range c.leases {
		if l.timer != nil {
			l.timer.Stop()
		}
		c.bytes -= leaseBytes + int64(len(at.key))
	}
	for name := range c.tags {
		c.dropTag(name)
	}
	c.leases = nil
}

// cacheCount is what is counted.
type cacheCount uint8

// What is counted. CacheStats has the meanings.
const (
	countHit cacheCount = iota
	countStale
	countRefresh
	countMiss
	countWait
	countNegative
	countFills
	countLeaseLost
	cacheCountKinds
)

type cacheCounts [cacheCountKinds]uint64

const (
	// maxGroups is how many prefixes a shard counts apart.
	maxGroups  = 256
	groupBytes = 8*int64(cacheCountKinds) + 64
)

// groupEnd ends the part of a key that it is counted by.
const groupEnd = ':'

// note counts one of something about a key.
func (c *shardCache) note(key []byte, what cacheCount) {
	c.total[what]++
	if g := c.group(key); g != nil {
		g[what]++
	}
}

// group returns the counts of a key's prefix, or nil if it has none that is counted
// apart.
func (c *shardCache) group(key []byte) *cacheCounts {
	if n := len(c.lastName); n > 0 && len(key) >= n && string(key[:n]) == c.lastName {
		return c.last
	}
	end := bytes.IndexByte(key, groupEnd)
	if end < 0 {
		return nil
	}
	name := key[:end+1]
	g := c.groups[string(name)]
	if g == nil {
		if len(c.groups) >= maxGroups {
			return nil
		}
		if c.groups == nil {
			c.groups = make(map[string]*cacheCounts)
		}
		g = new(cacheCounts)
		c.groups[string(name)] = g
		c.bytes += groupBytes + int64(len(name))
	}
	c.lastName, c.last = string(name), g
	return g
}

// CacheStats are counts of what the cache was asked and told since the start or the
// last ResetStats. Each lookup is in one of the first five.
type CacheStats struct {
	Hit      uint64 // found fresh
	Stale    uint64 // found, no longer fresh
	Refresh  uint64 // found, and the client was told to compute it anew
	Negative uint64 // known not to be there
	Miss     uint64 // nothing usable found
	Wait     uint64 // of the misses, those while another client computed
	Fills    uint64 // values and negative entries that were stored
	// LeaseLost is how many fills were refused.
	LeaseLost uint64
}

// CacheStats adds up the counts of all keys, or, if prefix is not empty, of those
// whose part up to the first colon, included, begins with it.
func (tx *Tx) CacheStats(prefix string) CacheStats {
	var sum cacheCounts
	for i := range tx.engine.shards {
		tx.visit(i, func(s *shard) {
			if s.cache == nil {
				return
			}
			if prefix == "" {
				sum.add(&s.cache.total)
				return
			}
			for name, g := range s.cache.groups {
				if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
					sum.add(g)
				}
			}
		})
	}
	return CacheStats{
		Hit: sum[countHit], Stale: sum[countStale], Refresh: sum[countRefresh], Negative: sum[countNegative],
		Miss: sum[countMiss], Wait: sum[countWait], Fills: sum[countFills], LeaseLost: sum[countLeaseLost],
	}
}

func (c *cacheCounts) add(o *cacheCounts) {
	for i, n := range o {
		c[i] += n
	}
}

// resetStats sets all counts to zero.
func (c *shardCache) resetStats() {
	if c == nil {
		return
	}
	for name := range c.groups {
		c.bytes -= groupBytes + int64(len(name))
	}
	c.total, c.groups, c.lastName, c.last = cacheCounts{}, nil, "", nil
}
