package micro

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/bench/workloads"
	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/persist"
)

func openStore(b *testing.B, dir string) *persist.Store {
	b.Helper()
	s, err := persist.Open(persist.Options{
		Dir: dir, Fsync: persist.EverySec, Clock: &clock.System{}, Log: zerolog.Nop(),
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

// BenchmarkWrite is one SET in the engine and its journal, sixteen to a write
// of the journal.
func BenchmarkWrite(b *testing.B) {
	store := openStore(b, b.TempDir())
	e := newEngine(store)
	b.Cleanup(e.Close)
	keys := make([][]byte, pathKeys)
	for i := range keys {
		keys[i] = []byte(workloads.Key(i))
	}
	value := make([]byte, valueSize)
	now := time.Now().UnixMilli()
	b.ReportAllocs()
	for i := 1; b.Loop(); i++ {
		set(e, now, keys[i*7919%pathKeys], value)
		if i%16 == 0 {
			if err := store.Flush(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkStart loads what is stored into an empty engine, as a start does.
func BenchmarkStart(b *testing.B) {
	for _, bench := range []struct {
		name string
		fold bool
	}{{"from the data file", true}, {"from the journal", false}} {
		b.Run(bench.name, func(b *testing.B) {
			store := openStore(b, b.TempDir())
			source := newEngine(store)
			fill(source, pathKeys, valueSize)
			source.Close()
			if err := store.Flush(); err != nil {
				b.Fatal(err)
			}
			if bench.fold {
				if err := store.Checkpoint(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				load(b, store)
			}
			b.ReportMetric(float64(pathKeys*b.N)/b.Elapsed().Seconds(), "keys/s")
		})
	}
}

func load(b *testing.B, store *persist.Store) {
	e := newEngine(store)
	defer e.Close()
	loaded, err := store.Load(runtime.GOMAXPROCS(0), func(row *change.Row) error { return e.Load(row, false) })
	if err != nil {
		b.Fatal(err)
	}
	if n := int(loaded.Rows) + loaded.JournalRows; n != pathKeys {
		b.Fatalf("%d rows, want %d", n, pathKeys)
	}
}
