package index

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"kvd/engine/slab"
)

// store is what an engine has: shards with entries of 92 bytes, of which the
// first 16 are the key.
type store struct {
	shards []shard
	key    [16]byte
}

type shard struct {
	cells *slab.Arena
	table *Table
}

func (s *shard) Hash(ref uint64) uint64 { return mix(keyOf(s.cells.At(slab.Ref(ref)))) }

func (s *shard) Equal(ref uint64, key []byte) bool {
	return string(s.cells.At(slab.Ref(ref))[:len(key)]) == string(key)
}

func keyOf(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

func newStore(b testing.TB) *store {
	pool := slab.NewPool()
	b.Cleanup(pool.Close)
	s := &store{shards: make([]shard, 256)}
	for i := range s.shards {
		sh := &s.shards[i]
		sh.cells = pool.NewArena()
		sh.table = New(sh, pool.NewArena())
	}
	return s
}

// shardOf is called with the hash of the key that it writes into s.key.
func (s *store) shardOf(n uint64) (*shard, uint64) {
	binary.LittleEndian.PutUint64(s.key[:], n)
	hash := mix(n)
	return &s.shards[hash>>56], hash
}

func (s *store) add(n uint64) {
	sh, hash := s.shardOf(n)
	ref, cell := sh.cells.Alloc(92)
	clear(cell)
	copy(cell, s.key[:])
	sh.table.Put(hash, uint64(ref))
}

func (s *store) remove(n uint64) {
	sh, hash := s.shardOf(n)
	if ref, ok := sh.table.Get(hash, s.key[:]); ok {
		sh.table.Delete(hash, ref)
		sh.cells.Free(slab.Ref(ref))
	}
}

func (s *store) reset() {
	for i := range s.shards {
		s.shards[i].table.Reset()
		s.shards[i].cells.Reset()
	}
}

func filled(b testing.TB, size int) *store {
	s := newStore(b)
	for n := range uint64(size) {
		s.add(n)
	}
	return s
}

var sizes = []int{10_000, 100_000, 1_000_000}

func BenchmarkGet(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := filled(b, size)
			rng := rand.New(rand.NewPCG(1, 1))
			for b.Loop() {
				sh, hash := s.shardOf(rng.Uint64N(uint64(size)))
				if _, ok := sh.table.Get(hash, s.key[:]); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}

func BenchmarkGetMissing(b *testing.B) {
	s := filled(b, 1_000_000)
	for n := uint64(1 << 40); b.Loop(); n++ {
		sh, hash := s.shardOf(n)
		if _, ok := sh.table.Get(hash, s.key[:]); ok {
			b.Fatal("found")
		}
	}
}

// BenchmarkPut fills tables up to a number of entries, cells included.
func BenchmarkPut(b *testing.B) {
	for _, size := range sizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, n := newStore(b), 0
			for b.Loop() {
				s.add(uint64(n))
				if n++; n == size {
					b.StopTimer()
					s.reset()
					n = 0
					b.StartTimer()
				}
			}
		})
	}
}

func BenchmarkPutDelete(b *testing.B) {
	const size = 1_000_000
	s := filled(b, size)
	for n := uint64(0); b.Loop(); n++ {
		s.remove(n)
		s.add(n + size)
	}
}

func BenchmarkScan(b *testing.B) {
	s := filled(b, 1_000_000)
	count := 0
	for b.Loop() {
		count = 0
		for i := range s.shards {
			for cursor := uint64(0); ; {
				cursor = s.shards[i].table.Scan(cursor, 10, func(uint64) { count++ })
				if cursor == 0 {
					break
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(count), "ns/entry")
}

func BenchmarkRandom(b *testing.B) {
	s := filled(b, 1_000_000)
	for n := uint64(0); b.Loop(); n++ {
		s.shards[n%256].table.Random(n)
	}
}

func BenchmarkSample(b *testing.B) {
	s := filled(b, 1_000_000)
	var refs [16]uint64
	for n := uint64(0); b.Loop(); n++ {
		s.shards[n%256].table.Sample(n, refs[:])
	}
}

// BenchmarkCollect times the garbage collector beside five million entries,
// and tells what an entry costs the tables.
func BenchmarkCollect(b *testing.B) {
	const size = 5_000_000
	s := filled(b, size)
	bytes := 0
	for i := range s.shards {
		bytes += s.shards[i].table.Bytes()
	}
	runtime.GC()
	var worst time.Duration
	for b.Loop() {
		begin := time.Now()
		runtime.GC()
		worst = max(worst, time.Since(begin))
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "ms-worst")
	b.ReportMetric(float64(bytes)/size, "B/entry")
}
