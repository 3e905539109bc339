// Package micro measures paths that cross packages, inside one process: from
// the bytes of a command to those of its reply, from a write to the journal,
// from the file to memory. What concerns one package alone is measured beside
// it, by the benchmarks of that package.
package micro

import (
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"kvd/bench/workloads"
	"kvd/engine"
	"kvd/internal/clock"
)

// Collection is what a full garbage collection costs.
type Collection struct {
	Took  time.Duration // median of a whole cycle
	Pause time.Duration // the longest time that everything stood still
}

// Collect fills an engine with keys of 16 bytes and values of size bytes, and
// collects garbage rounds times beside them.
func Collect(keys, size, rounds int) Collection {
	e := newEngine(engine.Discard{})
	defer e.Close()
	fill(e, keys, size)
	runtime.GC()
	took := make([]time.Duration, rounds)
	for i := range took {
		begin := time.Now()
		runtime.GC()
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	recent := stats.Pause[:min(len(stats.Pause), rounds)] // the latest come first
	return Collection{Took: took[rounds/2], Pause: slices.Max(recent)}
}

func newEngine(store engine.Store) *engine.Engine {
	return engine.New(engine.Options{
		Store: store, Clock: &clock.System{}, Databases: 1,
		Memory: engine.MemoryPolicy{Samples: 5, LogFactor: 10, DecayMinutes: 1},
	})
}

// fill makes the first keys of workloads.Key.
func fill(e *engine.Engine, keys, size int) {
	value := []byte(workloads.Value(size))
	now := time.Now().UnixMilli()
	for i := range keys {
		set(e, now, []byte(workloads.Key(i)), value)
	}
}

// set does what the command SET does.
func set(e *engine.Engine, now int64, key, value []byte) {
	tx := e.BeginKey(0, now, 0, key)
	tx.SetString(key, value, engine.NoExpiry)
	tx.Commit()
}
