//go:build unix

package persist_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/persist"
)

func openBench(b *testing.B, dir string, fsync persist.Fsync) *persist.Store {
	b.Helper()
	s, err := persist.Open(persist.Options{Dir: dir, Fsync: fsync, Clock: &clock.System{}, Log: zerolog.Nop(), IdleBytes: 1 << 60})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// putSet is the change of one SET with a value of 64 bytes.
func putSet(key []byte) *change.Set {
	return &change.Set{Rows: []change.Row{{Op: change.Put, Kind: change.Key, Type: change.String, Key: key, Value: make([]byte, 64)}}}
}

// BenchmarkSubmitFlush is the cost of one SET in the journal; the number is how
// many share a write.
func BenchmarkSubmitFlush(b *testing.B) {
	for _, batch := range []int{1, 16, 256} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			s := openBench(b, b.TempDir(), persist.EverySec)
			defer s.Close()
			set := putSet([]byte("key:000000000001"))
			b.ReportAllocs()
			b.ResetTimer()
			start := cpuTime(b)
			for i := 1; i <= b.N; i++ {
				s.Submit(set)
				if i%batch == 0 {
					if err := s.Flush(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.StopTimer()
			reportCPU(b, start, b.N, "set")
		})
	}
}

// BenchmarkAlways is a durable write by one client at a time.
func BenchmarkAlways(b *testing.B) {
	s := openBench(b, b.TempDir(), persist.Always)
	defer s.Close()
	synced := make(chan struct{}, 1)
	s.OnDurable(func() {
		select {
		case synced <- struct{}{}:
		default:
		}
	})
	set := putSet([]byte("key:000000000001"))
	for b.Loop() {
		seq := s.Submit(set)
		if err := s.Flush(); err != nil {
			b.Fatal(err)
		}
		for s.Durable() < seq {
			<-synced
		}
	}
}

const benchRows = 500_000

// cpuTime is what the process has used, which tells more than the wall where
// other work goes on.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func reportCPU(b *testing.B, start time.Duration, n int, unit string) {
	b.Helper()
	b.ReportMetric(float64(cpuTime(b)-start)/float64(n), "cpu-ns/"+unit)
}

func fill(b *testing.B, s *persist.Store, rng *rand.Rand, set func(int) *change.Set) {
	b.Helper()
	for i := range benchRows {
		s.Submit(set(rng.IntN(2 * benchRows)))
		if i%64 == 0 {
			if err := s.Flush(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// fieldSet is the change of one HSET: field n of n/fields-th collection.
func fieldSet(n, fields int) *change.Set {
	return &change.Set{Rows: []change.Row{{
		Op: change.Put, Kind: change.Element, ID: uint64(n / fields), Key: fmt.Appendf(nil, "field:%010d", n%fields), Value: make([]byte, 64),
	}}}
}

// BenchmarkCheckpoint folds half a million random rows into a file, first an
// empty one and then one that has as many: keys, elements of a large collection
// and elements of small ones.
func BenchmarkCheckpoint(b *testing.B) {
	for name, set := range map[string]func(int) *change.Set{
		"keys":  func(n int) *change.Set { return putSet(fmt.Appendf(nil, "key:%012d", n)) },
		"large": func(n int) *change.Set { return fieldSet(n, 2*benchRows) },
		"small": func(n int) *change.Set { return fieldSet(n, 10) },
	} {
		b.Run(name, func(b *testing.B) { benchCheckpoint(b, set) })
	}
}

func benchCheckpoint(b *testing.B, set func(int) *change.Set) {
	s := openBench(b, b.TempDir(), persist.Never)
	defer s.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	rows := 0
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		fill(b, s, rng, set)
		start := cpuTime(b)
		b.StartTimer()
		if err := s.Checkpoint(context.Background()); err != nil {
			b.Fatal(err)
		}
		rows += s.Stats().Checkpoint.Rows
		used += cpuTime(b) - start
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(used)/float64(rows), "cpu-ns/row")
}

// BenchmarkDrop folds the end of a collection of half a million elements.
func BenchmarkDrop(b *testing.B) {
	s := openBench(b, b.TempDir(), persist.Never)
	defer s.Close()
	checkpoint := func() {
		if err := s.Checkpoint(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		for i := range benchRows {
			s.Submit(fieldSet(i, benchRows))
		}
		checkpoint()
		s.Submit(&change.Set{Rows: []change.Row{{Op: change.Drop, Kind: change.Element}}})
		start := cpuTime(b)
		b.StartTimer()
		checkpoint()
		used += cpuTime(b) - start
	}
	b.ReportMetric(float64(used)/float64(b.N*benchRows), "cpu-ns/row")
}

// BenchmarkLoad reads the rows of a folded store, and opens it.
func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	s := openBench(b, dir, persist.Never)
	fill(b, s, rand.New(rand.NewPCG(1, 2)), func(n int) *change.Set { return fieldSet(n, 10) })
	if err := s.Checkpoint(context.Background()); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if err := openBench(b, dir, persist.Never).Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	s = openBench(b, dir, persist.Never)
	defer s.Close()
	b.Run("load", func(b *testing.B) {
		var rows atomic.Int64
		for b.Loop() {
			stats, err := s.Load(runtime.GOMAXPROCS(0), func(*change.Row) error { return nil })
			if err != nil {
				b.Fatal(err)
			}
			rows.Add(stats.Rows)
		}
		b.ReportMetric(float64(rows.Load())/b.Elapsed().Seconds(), "rows/s")
	})
}
