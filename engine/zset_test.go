package engine

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

var anyZLimits = ZLimits{Members: 128, Bytes: 64}

// withZSet calls fn with the sorted set at a key.
func withZSet(t testing.TB, e *Engine, key string, fn func(z *ZSet)) {
	t.Helper()
	do(e, func(tx *Tx) {
		z, err := tx.ZSet([]byte(key))
		if err != nil {
			t.Fatal(err)
		}
		fn(&z)
	})
}

// ranked is the naive sorted set: members with scores, in order.
type ranked []scored

type scored struct {
	member string
	score  float64
}

func (r ranked) find(member string) int {
	return slices.IndexFunc(r, func(s scored) bool { return s.member == member })
}

func (r *ranked) put(member string, score float64) {
	r.remove(member)
	*r = append(*r, scored{member, score + 0})
	slices.SortFunc(*r, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.score, b.score), strings.Compare(a.member, b.member))
	})
}

func (r *ranked) remove(member string) (removed int) {
	if i := r.find(member); i >= 0 {
		*r = slices.Delete(*r, i, i+1)
		return 1
	}
	return 0
}

// add does what ZSet.Add does.
func (r *ranked) add(list []ZEntry, rule ZRule) (added, changed int) {
	for _, e := range list {
		i := r.find(string(e.Member))
		switch {
		case i < 0 && rule&ZIfPresent == 0:
			added++
		case i < 0, rule&ZIfMissing != 0, rule&ZIfGreater != 0 && e.Score <= (*r)[i].score,
			rule&ZIfLess != 0 && e.Score >= (*r)[i].score, e.Score == (*r)[i].score:
			continue
		default:
			changed++
		}
		r.put(string(e.Member), e.Score)
	}
	return added, changed
}

func checkZSet(rt *rapid.T, t testing.TB, e *Engine, want ranked) {
	rt.Helper()
	withZSet(t, e, "k", func(z *ZSet) {
		if z.Len() != len(want) || z.Exists() != (len(want) > 0) {
			rt.Fatalf("%d members, want %d", z.Len(), len(want))
		}
		for _, order := range []Order{Ascending, Descending} {
			var got ranked
			z.Range(0, len(want), order, func(m []byte, score float64) bool {
				got = append(got, scored{string(m), score})
				return true
			})
			if order == Descending {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("got  %.300v\nwant %.300v", got, want)
			}
		}
		for i, w := range want {
			if rank, score, ok := z.Rank([]byte(w.member)); rank != i || score != w.score || !ok {
				rt.Fatalf("rank of %.20q: %d, want %d", w.member, rank, i)
			}
		}
	})
}

var (
	zscores = rapid.OneOf(
		rapid.Map(rapid.IntRange(-3, 3), func(n int) float64 { return float64(n) }),
		rapid.Map(rapid.Int64(), func(n int64) float64 { return float64(n) }),
		rapid.Map(rapid.IntRange(-70000, 3000000), func(n int) float64 { return float64(n) }),
		rapid.Float64(),
		rapid.SampledFrom([]float64{math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 159, 160, 16543, 16544, 1 << 53, -1 << 53, 1<<53 - 1}),
	)
	zmembers = rapid.OneOf(
		rapid.Map(rapid.IntRange(0, 60), func(n int) string { return fmt.Sprint("m", n) }),
		rapid.SampledFrom([]string{"", "a", "b" + strings.Repeat("x", 127), "c" + strings.Repeat("x", 500), strings.Repeat("d", 1100)}),
	)
	zentries = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ZEntry {
		return ZEntry{[]byte(zmembers.Draw(t, "member")), zscores.Draw(t, "score")}
	}), 1, 20)
	zrules = rapid.SampledFrom([]ZRule{0, 0, 0, ZIfMissing, ZIfPresent, ZIfGreater, ZIfLess, ZIfPresent | ZIfGreater})
)

// zsteps do the same to a sorted set and to the naive one.
var zsteps = []func(rt *rapid.T, z *ZSet, want *ranked){
	func(rt *rapid.T, z *ZSet, want *ranked) {
		list, rule := zentries.Draw(rt, "entries"), zrules.Draw(rt, "rule")
		added, changed := z.Add(list, rule, anyZLimits)
		if a, c := want.add(list, rule); added != a || changed != c {
			rt.Fatalf("Add: %d and %d, want %d and %d", added, changed, a, c)
		}
	},
	func(rt *rapid.T, z *ZSet, want *ranked) {
		m, by := zmembers.Draw(rt, "member"), zscores.Draw(rt, "by")
		was := 0.0
		if i := want.find(m); i >= 0 {
			was = (*want)[i].score
		}
		score, ok, err := z.Increment([]byte(m), by, 0, anyZLimits)
		if sum := was + by; math.IsNaN(sum) != (err != nil) || err == nil && (score != sum || !ok) {
			rt.Fatalf("Increment: %v, %v", score, err)
		} else if err == nil {
			want.put(m, sum)
		}
	},
	func(rt *rapid.T, z *ZSet, want *ranked) {
		members, removed := rapid.SliceOfN(zmembers, 1, 20).Draw(rt, "members"), 0
		for _, m := range members {
			removed += want.remove(m)
		}
		if got := z.Remove(words(members...)); got != removed {
			rt.Fatalf("Remove: %d, want %d", got, removed)
		}
	},
	func(rt *rapid.T, z *ZSet, want *ranked) {
		from := rapid.IntRange(0, len(*want)).Draw(rt, "from")
		to := rapid.IntRange(from, len(*want)).Draw(rt, "to")
		if got := z.RemoveRange(from, to, "zremrangebyrank"); got != to-from {
			rt.Fatalf("RemoveRange: %d", got)
		}
		*want = slices.Delete(*want, from, to)
	},
	func(rt *rapid.T, z *ZSet, want *ranked) {
		order, n := Order(rapid.Bool().Draw(rt, "order")), rapid.IntRange(0, 5).Draw(rt, "count")
		z.Pop(order, n, func(m []byte, score float64) {
			next := 0
			if order == Descending {
				next = len(*want) - 1
			}
			if w := (*want)[next]; w.member != string(m) || w.score != score {
				rt.Fatalf("popped %q, want %v", m, w)
			}
			want.remove(string(m))
		})
	},
	func(rt *rapid.T, z *ZSet, want *ranked) {
		from := rapid.IntRange(0, len(*want)).Draw(rt, "from")
		var got, kept ranked
		keep := func(score float64) bool { return int64(score)%2 == 0 }
		for _, w := range (*want)[from:] {
			if keep(w.score) {
				kept = append(kept, w)
			}
		}
		z.Select(from, len(*want), keep, func(m []byte, score float64) bool {
			got = append(got, scored{string(m), score})
			return true
		})
		if !slices.Equal(got, kept) {
			rt.Fatalf("Select: %.300v, want %.300v", got, kept)
		}
	},
	func(rt *rapid.T, z *ZSet, want *ranked) {
		low, high := zscores.Draw(rt, "low"), zscores.Draw(rt, "high")
		from, to := z.Between(ZAfter(low), ZAfter(high))
		n := 0
		for _, w := range *want {
			if w.score > low && w.score <= high {
				n++
			}
		}
		if to-from != n {
			rt.Fatalf("%d members above %v up to %v, want %d", to-from, low, high, n)
		}
	},
}

// TestZSetAgainstModel: after any commands the sorted set has what a sorted slice
// has, and so has one that was made of the rows.
func TestZSetAgainstModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		j := &journal{}
		e, _ := newEngineWith(t, Options{Store: j})
		var want ranked
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			step := rapid.SampledFrom(zsteps).Draw(rt, "step")
			withZSet(t, e, "k", func(z *ZSet) { step(rt, z, &want) })
			checkZSet(rt, t, e, want)
		}
		checkZSet(rt, t, replayed(t, j), want)
	})
}

func TestZSetOfManyMembers(t *testing.T) {
	j := &journal{}
	e, _ := newEngineWith(t, Options{Store: j})
	var want ranked
	for i := range 20_000 {
		want = append(want, scored{fmt.Sprintf("m%05d", i), float64(i)})
	}
	withZSet(t, e, "k", func(z *ZSet) {
		for i := range want {
			at := i * 7919 % len(want)
			z.Add([]ZEntry{{[]byte(want[at].member), want[at].score}}, 0, anyZLimits)
		}
	})
	used := e.Used()
	check := func(e *Engine) {
		rapid.Check(t, func(rt *rapid.T) { checkZSet(rt, t, e, want[:min(len(want), 500)]) })
	}
	withZSet(t, e, "k", func(z *ZSet) {
		// A part that is small costs a row each, one that is large a new ID.
		for _, cut := range []struct{ from, to int }{{15_000, 20_000}, {100, 14_600}} {
			rows := len(z.c.tx.set.Rows)
			if got := z.RemoveRange(cut.from, cut.to, "zremrangebyrank"); got != cut.to-cut.from {
				t.Errorf("removed %d", got)
			}
			want = slices.Delete(want, cut.from, cut.to)
			if got := len(z.c.tx.set.Rows) - rows; got > 5001 {
				t.Errorf("%d rows for the range from %d to %d", got, cut.from, cut.to)
			}
		}
	})
	if e.Used() > used/2 {
		t.Errorf("%d bytes used, %d before", e.Used(), used)
	}
	check(e)
	check(replayed(t, j))
	withZSet(t, e, "k", func(z *ZSet) { z.RemoveRange(0, len(want), "zremrangebyrank") })
	want = nil
	check(e)
	check(replayed(t, j))
}

func TestReplaceZSet(t *testing.T) {
	o := &events{}
	e, _ := newEngineWith(t, Options{Store: Discard{}, Observer: o})
	e.SetEvents(change.EventZSet | change.EventGeneric | change.EventNew)
	key := []byte("k")
	list := []ZEntry{{[]byte("a"), 1}, {[]byte("b"), 2}}
	steps := []struct {
		list []ZEntry
		want string
	}{
		{nil, ""}, {list, "new zunionstore"}, {list, "zunionstore"}, {nil, "del"},
	}
	for i, s := range steps {
		o.names = nil
		do(e, func(tx *Tx) { tx.ReplaceZSet(key, s.list, anyZLimits, "zunionstore") })
		if got := strings.Join(o.names, " "); got != s.want {
			t.Errorf("step %d: events %q, want %q", i, got, s.want)
		}
		withZSet(t, e, "k", func(z *ZSet) {
			if z.Len() != len(s.list) {
				t.Errorf("step %d: %d members", i, z.Len())
			}
		})
	}
	do(e, func(tx *Tx) {
		tx.SetString(key, []byte("v"), NoExpiry)
		tx.ReplaceZSet(key, list, anyZLimits, "zunionstore")
	})
	withZSet(t, e, "k", func(z *ZSet) {
		if score, ok := z.Score([]byte("b")); score != 2 || !ok {
			t.Errorf("score %v", score)
		}
	})
}

func TestZSetEncoding(t *testing.T) {
	e, _ := newEngine(t)
	most := ZLimits{Members: 2, Bytes: 3}
	for name, tt := range map[string]struct {
		members  string
		listpack bool
	}{
		"few": {"a bb", true}, "many": {"a b c", false}, "long": {"abcd", false}, "one more": {"abc", true},
	} {
		withZSet(t, e, name, func(z *ZSet) {
			for i, m := range strings.Fields(tt.members) {
				z.Add([]ZEntry{{[]byte(m), float64(i)}}, 0, most)
			}
			if z.Listpack() != tt.listpack {
				t.Errorf("%s: listpack is %v", name, z.Listpack())
			}
			z.Remove(words(strings.Fields(tt.members)[1:]...))
			if z.Listpack() != tt.listpack {
				t.Errorf("%s: the encoding has changed back", name)
			}
		})
	}
}

func TestWrongRowsOfZSets(t *testing.T) {
	nan := binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.NaN()))
	for _, value := range [][]byte{nil, {1}, nan, append(nan, 0)} {
		e, _ := newEngine(t)
		key := change.Row{Op: change.Put, Kind: change.Key, Type: change.ZSet, Key: []byte("k"), Value: []byte{1}}
		row := change.Row{Op: change.Put, Kind: change.Element, ID: 1, Key: []byte("m"), Value: value}
		if err := e.Load(&key, false); err != nil {
			t.Fatal(err)
		}
		if err := e.Load(&row, false); err == nil {
			t.Errorf("value % x was loaded", value)
		}
	}
}

// FuzzSmallZSetScore: a score that was written is read back, in the size that was
// said.
func FuzzSmallZSetScore(f *testing.F) {
	for _, score := range []float64{
		0, 159, 160, 16543, 16544, 1523871, 1523872, -1, -129, 1.5, 1 << 52, 1 << 53, -1 << 53, math.Inf(1), 5e-324, math.Copysign(0, -1),
	} {
		f.Add(score, []byte("member"))
	}
	f.Fuzz(func(t *testing.T, score float64, member []byte) {
		if math.IsNaN(score) || len(member) > packedMax {
			return
		}
		size := zsetItemSize(score, member)
		b := make(smallZSet, size+1)
		b[size] = 0xAA
		b.put(0, score, member)
		got, m, next := b.read(0)
		if math.Float64bits(got) != math.Float64bits(score) || string(m) != string(member) || next != size || b[size] != 0xAA {
			t.Errorf("read %v %q of %d bytes, want %v %q of %d", got, m, next, score, member, size)
		}
	})
}

func TestZSetHotPathsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	e, c := newEngine(t)
	now := c.Now().UnixMilli()
	small, large := []byte("small"), []byte("large")
	list := []ZEntry{{[]byte("m1"), 1}, {[]byte("m2"), 2.5}}
	for i, key := range [][]byte{small, large} {
		withZSet(t, e, string(key), func(z *ZSet) {
			for n := range 10 + i*1000 {
				z.Add([]ZEntry{{fmt.Appendf(nil, "x%d", n), float64(n)}}, 0, anyZLimits)
			}
			z.Add(list, 0, anyZLimits)
		})
	}
	for _, key := range [][]byte{small, large} {
		for name, fn := range map[string]func(z *ZSet){
			"add":            func(z *ZSet) { list[0].Score++; z.Add(list[:1], 0, anyZLimits) },
			"add and remove": func(z *ZSet) { z.Remove([][]byte{list[1].Member}); z.Add(list[1:], 0, anyZLimits) },
			"increment":      func(z *ZSet) { _, _, _ = z.Increment(list[0].Member, 1, 0, anyZLimits) },
			"score":          func(z *ZSet) { z.Score(list[0].Member) },
			"rank":           func(z *ZSet) { z.Rank(list[0].Member) },
			"range":          func(z *ZSet) { z.Range(2, 7, Descending, func([]byte, float64) bool { return true }) },
			"between":        func(z *ZSet) { z.Between(ZBefore(1), ZAfter(5)) },
		} {
			var z ZSet
			allocs := testing.AllocsPerRun(200, func() {
				tx := e.BeginKey(0, now, Reads, key)
				z, _ = tx.ZSet(key)
				fn(&z)
				tx.Commit()
			})
			if allocs != 0 {
				t.Errorf("%s, %s: %v allocations", key, name, allocs)
			}
		}
	}
}
