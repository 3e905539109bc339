package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

func words(members ...string) [][]byte {
	var list [][]byte
	for _, m := range members {
		list = append(list, []byte(m))
	}
	return list
}

// withSet calls fn with the set at a key.
func withSet(t testing.TB, e *Engine, key string, fn func(s *Set)) {
	t.Helper()
	do(e, func(tx *Tx) {
		s, err := tx.Set([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		fn(&s)
	})
}

// membersOf returns what is in the set at a key, in the order of All.
func membersOf(t testing.TB, e *Engine, key string) (list []string) {
	t.Helper()
	withSet(t, e, key, func(s *Set) {
		s.All(func(m []byte) bool {
			list = append(list, string(m))
			return true
		})
		if s.Len() != len(list) {
			t.Errorf("Len is %d for %d members", s.Len(), len(list))
		}
	})
	return list
}

// replayed returns an engine that has loaded what a journal has.
func replayed(t testing.TB, j *journal) *Engine {
	t.Helper()
	e, _ := newEngine(t)
	for i := range j.rows {
		if err := e.Load(&j.rows[i], false); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Loaded(); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestSetAgainstMap: after any commands the set has what a map has, and so has
// one that was made of the rows.
func TestSetAgainstMap(t *testing.T) {
	long := string(make([]byte, 300))
	rapid.Check(t, func(rt *rapid.T) {
		j := &journal{}
		e, _ := newEngineWith(t, Options{Store: j})
		want := map[string]bool{}
		most := IntsetMax(rapid.SampledFrom([]int{3, 50, 512, 5000}).Draw(rt, "most"))
		ints := rapid.Custom(func(t *rapid.T) string {
			return strconv.FormatInt(rapid.OneOf(rapid.Int64Range(-40, 40), rapid.Int64()).Draw(t, "int"), 10)
		})
		texts := rapid.SampledFrom([]string{"", "a", "b", "07", "x" + long, "y" + long, "z" + long, "q" + long, "r" + long})
		one := rapid.OneOf(ints, ints, ints, texts)
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			members := rapid.SliceOfN(one, 1, 20).Draw(rt, "members")
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0, 1, 2:
				withSet(t, e, "k", func(s *Set) {
					before := len(want)
					for _, m := range members {
						want[m] = true
					}
					if got := s.Add(words(members...), most); got != len(want)-before {
						rt.Fatalf("Add(%q) = %d, want %d", members, got, len(want)-before)
					}
				})
			case 3:
				withSet(t, e, "k", func(s *Set) {
					before := len(want)
					for _, m := range members {
						delete(want, m)
					}
					if got := s.Remove(words(members...)); got != before-len(want) {
						rt.Fatalf("Remove(%q) = %d, want %d", members, got, before-len(want))
					}
				})
			case 4:
				count := rapid.IntRange(0, len(want)+1).Draw(rt, "count")
				withSet(t, e, "k", func(s *Set) { s.Pop(count, func(m []byte) { take(rt, want, string(m)) }) })
			case 5:
				withSet(t, e, "k", func(s *Set) {
					if m, ok := s.PopOne(); ok {
						take(rt, want, string(m))
					} else if len(want) > 0 {
						rt.Fatal("nothing to pop")
					}
				})
			}
			checkSet(rt, t, e, want)
		}
		checkSet(rt, t, replayed(t, j), want)
	})
}

// take removes a member that must be there.
func take(t *rapid.T, want map[string]bool, member string) {
	if !want[member] {
		t.Fatalf("popped %q, which is not in the set", member)
	}
	delete(want, member)
}

func checkSet(rt *rapid.T, t *testing.T, e *Engine, want map[string]bool) {
	got := membersOf(t, e, "k")
	if len(got) != len(want) {
		rt.Fatalf("%d members, want %d: %.200q", len(got), len(want), got)
	}
	for _, m := range got {
		if !want[m] {
			rt.Fatalf("%q is in the set", m)
		}
	}
	withSet(t, e, "k", func(s *Set) {
		for m := range want {
			if !s.Has([]byte(m)) {
				rt.Fatalf("%q is not in the set", m)
			}
		}
		if s.Exists() != (len(want) > 0) || s.Has([]byte("none")) {
			rt.Fatal("there is what should not be there")
		}
	})
}

// TestIntset: when a set counts as one of integers, and that it is in order then.
func TestIntset(t *testing.T) {
	numbers := func(n, step int) (list []string) {
		for i := range n {
			list = append(list, strconv.Itoa((i-n/2)*step))
		}
		return list
	}
	tests := map[string]struct {
		members []string
		intset  bool
	}{
		"one":        {[]string{"1"}, true},
		"a text":     {[]string{"a"}, false},
		"mixed":      {[]string{"1", "2", "a"}, false},
		"not quite":  {[]string{"01"}, false},
		"512":        {numbers(512, 1), true},
		"513":        {numbers(513, 1), false},
		"512 wide":   {numbers(512, 1<<40), true},
		"too big":    {[]string{"9223372036854775808"}, false},
		"of 2 and 8": {[]string{"1", "9223372036854775807", "-5"}, true},
	}
	for name, tt := range tests {
		e, _ := newEngine(t)
		shuffled := slices.Clone(tt.members)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		withSet(t, e, "k", func(s *Set) {
			if n := s.Add(words(shuffled...), 512); n != len(tt.members) {
				t.Errorf("%s: added %d of %d", name, n, len(tt.members))
			}
			if s.Intset() != tt.intset {
				t.Errorf("%s: Intset is %v", name, s.Intset())
			}
		})
		inOrder := slices.IsSortedFunc(membersOf(t, e, "k"), func(a, b string) int {
			x, _ := strconv.Atoi(a)
			y, _ := strconv.Atoi(b)
			return x - y
		})
		if tt.intset && !inOrder {
			t.Errorf("%s: not in order", name)
		}
	}
}

// TestSetRows: each member is a row of its own, and the last one takes the key
// with it.
func TestSetRows(t *testing.T) {
	j := &journal{}
	seen := &events{}
	e, _ := newEngineWith(t, Options{Store: j, Observer: seen})
	e.SetEvents(change.EventSet | change.EventGeneric | change.EventNew)
	withSet(t, e, "k", func(s *Set) { s.Add(words("a", "b", "a"), 512) })
	withSet(t, e, "k", func(s *Set) { s.Add(words("a"), 512) })
	withSet(t, e, "k", func(s *Set) { s.Remove(words("b", "x")) })
	withSet(t, e, "k", func(s *Set) { s.Remove(words("a")) })
	var got []string
	for _, row := range j.rows {
		got = append(got, fmt.Sprintf("%d %d %s", row.Op, row.Kind, row.Key))
	}
	want := []string{"1 1 k", "1 3 a", "1 3 b", "2 3 b", "2 3 a", "4 3 ", "2 1 k"}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if want := []string{"new", "sadd", "srem", "srem", "del"}; !slices.Equal(seen.names, want) {
		t.Errorf("events %q, want %q", seen.names, want)
	}
}

// TestPopMost: to pop nearly all of a large set writes rows for what stays.
func TestPopMost(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	var members []string
	for i := range 10_000 {
		members = append(members, "member:"+strconv.Itoa(i))
	}
	withSet(t, e, "k", func(s *Set) { s.Add(words(members...), 512) })
	j.rows = nil
	withSet(t, e, "k", func(s *Set) { s.Pop(9_990, func([]byte) {}) })
	if len(j.rows) > 20 {
		t.Errorf("%d rows", len(j.rows))
	}
	if got := membersOf(t, e, "k"); len(got) != 10 {
		t.Errorf("%d members are left", len(got))
	}
}

// TestRandomIsFair: every member comes up about as often as any other, whatever
// the set's form.
func TestRandomIsFair(t *testing.T) {
	for name, members := range map[string][]string{
		"ints":  {"1", "2", "3", "4", "5", "6", "7", "8"},
		"loose": {"a", "b", "c", "d", "e", "f", "g", "h"},
		"table": {"a", "b", "c", "d", "e", "f", "g", string(make([]byte, 2000))},
	} {
		e, _ := newEngine(t)
		counts := map[string]int{}
		const rounds = 8000
		withSet(t, e, "k", func(s *Set) {
			s.Add(words(members...), 512)
			var digits [maxDigits]byte
			for range rounds {
				m, _ := s.Random(&digits)
				counts[string(m)]++
				s.Sample(2, func(m []byte) { counts[string(m)]++ })
			}
		})
		expected := 3 * rounds / len(members)
		for m, n := range counts {
			if n < expected*8/10 || n > expected*12/10 {
				t.Errorf("%s: %.8q came %d times, expected about %d", name, m, n, expected)
			}
		}
		if len(counts) != len(members) {
			t.Errorf("%s: %d of %d members came", name, len(counts), len(members))
		}
	}
}

func TestSample(t *testing.T) {
	e, _ := newEngine(t)
	var members []string
	for i := range 3000 {
		members = append(members, "member:"+strconv.Itoa(i))
	}
	withSet(t, e, "k", func(s *Set) {
		s.Add(words(members...), 512)
		for _, count := range []int{0, 1, 10, 900, 1100, 2999, 3000, 5000} {
			seen := map[string]bool{}
			s.Sample(count, func(m []byte) { seen[string(m)] = true })
			if len(seen) != min(count, len(members)) {
				t.Errorf("Sample(%d) gave %d members", count, len(seen))
			}
		}
	})
}

func TestReplaceSet(t *testing.T) {
	seen := &events{}
	e, _ := newEngineWith(t, Options{Store: Discard{}, Observer: seen})
	e.SetEvents(change.EventSet | change.EventGeneric | change.EventNew)
	replace := func(members ...string) {
		do(e, func(tx *Tx) {
			tx.ReplaceSet([]byte("k"), len(members), func(fn func([]byte)) {
				for _, m := range words(members...) {
					fn(m)
				}
			}, 512, "sunionstore")
		})
	}
	replace()
	replace("1", "2")
	do(e, func(tx *Tx) { tx.SetString([]byte("k"), []byte("text"), Expiry(tx.Now()+1000)) })
	seen.names = nil
	replace("3", "1", "2")
	if got := membersOf(t, e, "k"); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("members %q", got)
	}
	do(e, func(tx *Tx) {
		if at, _ := tx.Deadline([]byte("k")); at != NoExpiry {
			t.Error("the new set expires")
		}
	})
	replace()
	if want := []string{"sunionstore", "del"}; !slices.Equal(seen.names, want) {
		t.Errorf("events %q, want %q", seen.names, want)
	}
}

func TestSetHotPathsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	for name, fill := range map[string]func(i int) string{
		"ints":  func(i int) string { return strconv.Itoa(1000 + i) },
		"loose": func(i int) string { return fmt.Sprintf("m%03d", i) },
		"table": func(i int) string { return fmt.Sprintf("a longer member %03d", i) },
	} {
		e, _ := newEngine(t)
		var all []string
		for i := range 100 {
			all = append(all, fill(i))
		}
		withSet(t, e, "k", func(s *Set) { s.Add(words(all...), 512) })
		key, member := []byte("k"), words(fill(50))
		steps := map[string]func(tx *Tx){
			"add and remove": func(tx *Tx) { s, _ := tx.Set(key); s.Remove(member); s.Add(member, 512) },
			"pop and add": func(tx *Tx) {
				s, _ := tx.Set(key)
				member[0], _ = s.PopOne()
				s.Add(member, 512)
			},
			"has":    func(tx *Tx) { s, _ := tx.Set(key); s.Has(member[0]) },
			"random": func(tx *Tx) { s, _ := tx.Set(key); var digits [maxDigits]byte; s.Random(&digits) },
		}
		for what, step := range steps {
			member = words(fill(50))
			allocs := testing.AllocsPerRun(200, func() {
				tx := e.BeginKey(0, 0, 0, key)
				step(tx)
				tx.Commit()
			})
			if allocs != 0 {
				t.Errorf("%s, %s: %v allocations", name, what, allocs)
			}
		}
	}
}

func BenchmarkSetAdd(b *testing.B) {
	for name, n := range map[string]int{"loose": 50, "table": 100_000} {
		b.Run(name, func(b *testing.B) {
			e, _ := newEngine(b)
			key := []byte("k")
			members := make([][]byte, n)
			for i := range members {
				members[i] = fmt.Appendf(nil, "element:%08d", i)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i = (i + 7919) % n
				tx := e.BeginKey(0, 0, 0, key)
				s, _ := tx.Set(key)
				if s.Add(members[i:i+1], 512) == 0 {
					s.Remove(members[i : i+1])
				}
				tx.Commit()
			}
		})
	}
}
