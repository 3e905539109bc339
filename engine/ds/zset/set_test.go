package zset

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/slab"
)

type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

func newSetOf(t tester) *Set {
	pool := slab.NewPool()
	t.Cleanup(pool.Close)
	return New(slab.NewHeap(pool))
}

// model is the naive sorted set: a slice in order.
type model []pair

type pair struct {
	member string
	score  float64
}

func (m model) find(member string) int {
	return slices.IndexFunc(m, func(p pair) bool { return p.member == member })
}

func (m *model) put(member string, score float64) {
	m.remove(member)
	*m = append(*m, pair{member, score})
	slices.SortFunc(*m, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.member, b.member))
	})
}

func (m *model) remove(member string) bool {
	i := m.find(member)
	if i < 0 {
		return false
	}
	*m = slices.Delete(*m, i, i+1)
	return true
}

// check compares a set with the model, forwards, backwards and by rank, and
// looks at the tree itself.
func check(t tester, s *Set, want model) {
	t.Helper()
	if s.Len() != len(want) {
		t.Fatalf("%d members, want %d", s.Len(), len(want))
	}
	at := s.Seek(0)
	for i, w := range want {
		if !at.Valid() || string(at.Member()) != w.member || at.Score() != w.score {
			t.Fatalf("rank %d is not %v", i, w)
		}
		rank, score, ok := s.RankOf([]byte(w.member))
		if rank != i || score != w.score || !ok {
			t.Fatalf("%v has rank %d, want %d", w, rank, i)
		}
		if c := s.Seek(i); string(c.Member()) != w.member {
			t.Fatalf("Seek(%d) is at %q", i, c.Member())
		}
		at.Next()
	}
	if at.Valid() || at.leaf != nil {
		t.Fatalf("a member after the last")
	}
	at = s.Seek(len(want) - 1)
	for _, w := range slices.Backward(want) {
		if !at.Valid() || string(at.Member()) != w.member {
			t.Fatalf("%v not met backwards", w)
		}
		at.Prev()
	}
	if at.Valid() {
		t.Fatalf("a member before the first")
	}
	checkNode(t, s, s.root, s.height)
	if used := s.heap.Used(); s.Bytes() != used {
		t.Fatalf("Bytes() = %d, the heap has %d", s.Bytes(), used)
	}
}

// checkNode verifies what an inner node says of those below it.
func checkNode(t tester, s *Set, ref slab.Ref, height int) (total int) {
	n := s.node(ref, height)
	if height == 0 {
		return n.len()
	}
	if n.len() == 0 || ref == s.root && n.len() < 2 {
		t.Fatalf("an inner node with %d below", n.len())
	}
	for i := range n.len() {
		below := s.node(n.below(i), height-1)
		if below.len() == 0 || n.cell(i) != below.cell(0) || n.score(i) != below.score(0) {
			t.Fatalf("entry %d of an inner node is not the first one below", i)
		}
		if got := checkNode(t, s, n.below(i), height-1); got != n.count(i) {
			t.Fatalf("counts %d below, which are %d", n.count(i), got)
		}
		total += n.count(i)
	}
	return total
}

var scores = rapid.OneOf(
	rapid.Map(rapid.IntRange(-3, 3), func(n int) float64 { return float64(n) }),
	rapid.Float64(),
	rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, 5e-324}),
)

func TestAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s, want := newSetOf(rt), model{}
		name := rapid.Map(rapid.IntRange(0, 400), func(n int) string { return strings.Repeat("m", n%3) + fmt.Sprint(n) })
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(rt *rapid.T) {
				for range rapid.IntRange(1, 150).Draw(rt, "count") {
					m, score := name.Draw(rt, "member"), scores.Draw(rt, "score")
					s.Put([]byte(m), score)
					want.put(m, score)
				}
			},
			"delete": func(rt *rapid.T) {
				for range rapid.IntRange(1, 80).Draw(rt, "count") {
					m := name.Draw(rt, "member")
					if s.Delete([]byte(m)) != want.remove(m) {
						rt.Fatalf("Delete(%q)", m)
					}
				}
			},
			"delete a range": func(rt *rapid.T) {
				from := rapid.IntRange(0, len(want)).Draw(rt, "from")
				for i := rapid.IntRange(0, len(want)-from).Draw(rt, "count"); i > 0; i-- {
					at := s.Seek(from)
					m := string(at.Member())
					if !s.Delete(at.Member()) || !want.remove(m) {
						rt.Fatalf("Delete(%q) at %d", m, from)
					}
				}
			},
			"cut": func(rt *rapid.T) {
				score := scores.Draw(rt, "score")
				for _, c := range []Cut{BeforeScore(score), AfterScore(score)} {
					n := 0
					for _, p := range want {
						if c.Passes(p.score, []byte(p.member)) {
							n++
						}
					}
					if got := s.Rank(c); got != n {
						rt.Fatalf("%d members before %v, want %d", got, c, n)
					}
				}
			},
			"clone": func(rt *rapid.T) {
				c := s.Clone(slab.NewHeap(slabPool(rt)))
				check(rt, c, want)
				c.Free()
				if c.heap.Used() != 0 {
					rt.Fatalf("%d bytes left after Free", c.heap.Used())
				}
			},
			"": func(rt *rapid.T) { check(rt, s, want) },
		})
	})
}

func slabPool(t tester) *slab.Pool {
	pool := slab.NewPool()
	t.Cleanup(pool.Close)
	return pool
}

// Members come and go in an order that leaves nodes full, thin and empty, in a
// tree of three levels.
func TestGrowAndShrinkInOrder(t *testing.T) {
	for name, next := range map[string]func(i, n int) int{
		"first": func(_, _ int) int { return 0 },
		"last":  func(_, n int) int { return n - 1 },
		"mixed": func(i, n int) int { return i * 7919 % n },
	} {
		s := newSetOf(t)
		const count = 12_000
		for i := range count {
			s.Put(fmt.Appendf(nil, "m%d", i), float64(i))
		}
		if s.height != 2 {
			t.Fatalf("%d levels above the leaves", s.height)
		}
		for i := range count {
			c := s.Seek(next(i, s.Len()))
			if !s.Delete(c.Member()) {
				t.Fatalf("%s: %q is not there", name, c.Member())
			}
			if i%1000 == 0 {
				checkNode(t, s, s.root, s.height)
			}
		}
		if s.Len() != 0 || s.height != 0 || s.Seek(0).leaf != nil {
			t.Errorf("%s: %d members on %d levels left", name, s.Len(), s.height)
		}
		s.Put([]byte("again"), 1)
		check(t, s, model{{"again", 1}})
	}
}

func TestCutsByMember(t *testing.T) {
	s := newSetOf(t)
	for i := range 1000 {
		s.Put(fmt.Appendf(nil, "m%03d", i), 7)
	}
	for _, tt := range []struct {
		cut  Cut
		want int
	}{
		{BeforeMember([]byte("m100")), 100},
		{AfterMember([]byte("m100")), 101},
		{BeforeMember([]byte("m1000")), 101},
		{BeforeMember(nil), 0},
		{AfterMember([]byte("n")), 1000},
	} {
		if got := s.Rank(tt.cut); got != tt.want {
			t.Errorf("%q: %d, want %d", tt.cut.member, got, tt.want)
		}
	}
}

// The negative zero is kept, and is equal to the other one: members that have
// either are sorted by their names.
func TestNegativeZero(t *testing.T) {
	s := newSetOf(t)
	negative := math.Copysign(0, -1)
	s.Put([]byte("b"), 0)
	s.Put([]byte("c"), 1)
	s.Put([]byte("c"), negative)
	s.Put([]byte("a"), negative)
	got := ""
	for at := s.Seek(0); at.Valid(); at.Next() {
		score, _ := s.Score(at.Member())
		if math.Signbit(score) != math.Signbit(at.Score()) {
			t.Errorf("%s has %v in its cell and %v in the tree", at.Member(), score, at.Score())
		}
		got += fmt.Sprintf("%s %v ", at.Member(), score)
	}
	if want := "a -0 b 0 c -0 "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMembersOfAnySize(t *testing.T) {
	s := newSetOf(t)
	members := [][]byte{{}, bytes.Repeat([]byte("a"), 127), bytes.Repeat([]byte("a"), 128), bytes.Repeat([]byte("b"), 100_000)}
	want := model{}
	for i, m := range members {
		s.Put(m, float64(-i))
		want.put(string(m), float64(-i))
	}
	check(t, s, want)
	for _, m := range members {
		s.Delete(m)
	}
	if s.Bytes() != s.heap.Used() || s.Len() != 0 {
		t.Errorf("%d bytes, the heap has %d", s.Bytes(), s.heap.Used())
	}
}

// A scan that is under way while the set is cloned and changed emits what is
// there all the while.
func TestScanGoesOnInAClone(t *testing.T) {
	s := newSetOf(t)
	for i := range 3000 {
		s.Put(fmt.Appendf(nil, "m%d", i), float64(i))
	}
	seen := map[string]bool{}
	note := func(member []byte, score float64) {
		if fmt.Sprintf("m%d", int(score)) != string(member) {
			t.Fatalf("%q has score %v", member, score)
		}
		seen[string(member)] = true
	}
	cursor := s.Scan(0, 500, note)
	s = s.Clone(slab.NewHeap(slabPool(t)))
	for i := 3000; i < 9000; i++ {
		s.Put(fmt.Appendf(nil, "m%d", i), float64(i))
	}
	for cursor != 0 {
		cursor = s.Scan(cursor, 500, note)
	}
	for i := range 3000 {
		if !seen[fmt.Sprintf("m%d", i)] {
			t.Fatalf("m%d was not emitted", i)
		}
	}
}
