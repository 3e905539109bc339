package zset

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestNoGarbage(t *testing.T) {
	if checked {
		t.Skip("the slab of checked builds keeps a Go map of its cells")
	}
	s := newSetOf(t)
	fill(s, 2000)
	member, other := []byte("a member"), []byte("another one")
	s.Put(other, 1)
	for name, fn := range map[string]func(){
		"put and delete": func() { s.Put(member, 12.5); s.Delete(member) },
		"move":           func() { s.Put(other, 999); s.Put(other, 1) },
		"score":          func() { s.Score(other) },
		"rank":           func() { s.RankOf(other) },
		"range":          func() { s.Rank(AfterScore(5)); c := s.Seek(100); c.Next(); c.Member() },
	} {
		if n := testing.AllocsPerRun(500, fn); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func memberOf(buf *[12]byte, i int) []byte {
	binary.BigEndian.PutUint64(buf[4:], uint64(i))
	return buf[:]
}

func fill(s *Set, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	var buf [12]byte
	for i := range n {
		s.Put(memberOf(&buf, i), rng.Float64())
	}
}

// BenchmarkInsert measures the last tenth of the way to each size.
func BenchmarkInsert(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var buf [12]byte
			for b.Loop() {
				b.StopTimer()
				s := newSetOf(b)
				fill(s, n-n/10)
				rng := rand.New(rand.NewPCG(3, 4))
				b.StartTimer()
				for i := n - n/10; i < n; i++ {
					s.Put(memberOf(&buf, i), rng.Float64())
				}
				b.ReportMetric(float64(s.Bytes())/float64(n), "bytes/member")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n/10), "ns/insert")
		})
	}
}

func BenchmarkMove(b *testing.B) {
	const n = 1_000_000
	var buf [12]byte
	s := newSetOf(b)
	fill(s, n)
	rng := rand.New(rand.NewPCG(3, 4))
	for b.Loop() {
		s.Put(memberOf(&buf, rng.IntN(n)), rng.Float64())
	}
}

func BenchmarkReads(b *testing.B) {
	const n = 1_000_000
	var buf [12]byte
	s := newSetOf(b)
	fill(s, n)
	rng := rand.New(rand.NewPCG(3, 4))
	for name, fn := range map[string]func(){
		"score": func() { s.Score(memberOf(&buf, rng.IntN(n))) },
		"rank":  func() { s.RankOf(memberOf(&buf, rng.IntN(n))) },
		"seek":  func() { c := s.Seek(rng.IntN(n)); c.Member() },
		"cut":   func() { s.Rank(BeforeScore(rng.Float64())) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				fn()
			}
		})
	}
}
