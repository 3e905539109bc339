package engine

import (
	"math/rand/v2"

	"kvd/internal/change"
)

// An access stamp is what eviction goes by. Under an LRU policy it is the time
// of the last access in units of 64 ms, which wraps after eight years. Under an
// LFU policy it is Redis's: the minute of the last decay (24 bits) above a
// logarithmic counter (8 bits); see "LFU" in Redis's key eviction
// documentation for the two formulas.
const (
	lruUnit    = 64 // milliseconds
	lfuNew     = 5  // the counter of a new key
	lfuMinutes = 1<<24 - 1
)

func lruClock(now int64) uint32 { return uint32(now / lruUnit) }

func lfuStamp(now int64, counter uint8) uint32 {
	return uint32(now/60000&lfuMinutes)<<8 | uint32(counter)
}

// fresh is the stamp of a new key.
func (m *memory) fresh(now int64) uint32 {
	if m.lfu.Load() {
		return lfuStamp(now, lfuNew)
	}
	return lruClock(now)
}

// touch notes an access to an entry.
func (m *memory) touch(e entry, now int64) {
	if stamp := m.touched(e.stamp(), now); e.stamp() != stamp {
		e.setStamp(stamp)
	}
}

// touched is the stamp that follows old at an access.
func (m *memory) touched(old uint32, now int64) uint32 {
	if m.lfu.Load() {
		return lfuStamp(now, m.increment(m.decayed(old, now)))
	}
	return lruClock(now)
}

// idle is the time since the access that a stamp of an LRU policy tells of, in
// milliseconds. It is zero for a stamp from the future: commands keep the time
// at which they began, and clocks are set back.
func idle(stamp uint32, now int64) int64 {
	return max(0, int64(int32(lruClock(now)-stamp))) * lruUnit
}

// decayed is the counter of a stamp after the time that has passed.
func (m *memory) decayed(stamp uint32, now int64) uint8 {
	decay := m.decay.Load()
	counter := int64(stamp & 0xff)
	if decay == 0 {
		return uint8(counter)
	}
	passed := (now/60000 - int64(stamp>>8)) & lfuMinutes
	return uint8(max(0, counter-passed/decay))
}

// increment counts an access, ever less likely the higher the counter is.
func (m *memory) increment(counter uint8) uint8 {
	if counter == 255 {
		return counter
	}
	base := max(0, float64(counter)-lfuNew)
	if rand.Float64() < 1/(base*float64(m.logFactor.Load())+1) {
		counter++
	}
	return counter
}

// Object is what OBJECT and DEBUG OBJECT show of a key.
type Object struct {
	Type change.Type
	// Idle is the time since the last access in milliseconds (LRU policies).
	Idle int64
	// Frequency is the access counter (LFU policies).
	Frequency uint8
	// Length is the length of a string value in bytes, or what the elements of a
	// collection take.
	Length int
	// Raw is set for a string that was built in place, and for a collection that
	// has once passed the limits of the compact encoding.
	Raw bool
	// OnDisk is set when the value is not in memory.
	OnDisk bool
	// Memory is how many bytes the key takes, its share of the index included.
	Memory int
}

// Object describes a key, without noting an access.
func (tx *Tx) Object(key []byte) (Object, bool) {
	f, ok := tx.find(key)
	if !ok {
		return Object{}, false
	}
	m := &tx.engine.memory
	return Object{
		Type:      shownAs(f.kind()),
		Idle:      idle(f.stamp(), tx.now),
		Frequency: m.decayed(f.stamp(), tx.now),
		Length:    f.length(),
		Raw:       f.has(flagRaw),
		OnDisk:    f.has(flagCold),
		Memory:    f.shard.footprint(f.entry),
	}, true
}

// length is the size of a value in bytes, of a collection without its ID.
func (f *found) length() int {
	switch {
	case f.has(flagNative):
		return f.shard.natives.of(f.entry).Bytes()
	case f.kind() == change.Cached:
		return len(f.shard.freshString(f.entry).bytes)
	case isCollection(f.kind()):
		return f.valueLen() - idSize
	}
	return f.valueLen()
}
