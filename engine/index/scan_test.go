package index

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// While an iteration goes on, other keys come and go in masses, so that the
// table grows and shrinks between its calls. Whatever stays must be seen.
func TestScanSeesWhatStays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, mix)
		const stay = 1 << 32
		staying := rapid.Uint64Range(1, 500).Draw(t, "staying")
		for key := range staying {
			m.put(stay + key)
		}

		churn := func(name string) {
			first := rapid.Uint64Range(0, 3000).Draw(t, "first")
			count := rapid.Uint64Range(0, 3000).Draw(t, "count")
			puts := rapid.Bool().Draw(t, name)
			for key := first; key < first+count; key++ {
				if puts {
					m.put(key)
				} else {
					m.delete(key)
				}
			}
		}

		churn("puts before")
		seen := map[uint64]bool{}
		emit := func(ref uint64) { seen[m.keys[ref]] = true }
		pauses := rapid.IntRange(0, 12).Draw(t, "pauses")
		for cursor := uint64(0); ; {
			count := 100_000
			if pauses > 0 {
				pauses--
				count = rapid.IntRange(-1, 200).Draw(t, "count")
			}
			if cursor = m.table.Scan(cursor, count, emit); cursor == 0 {
				break
			}
			churn("puts")
		}
		for key := range staying {
			if !seen[stay+key] {
				t.Fatalf("key %d of %d not seen", key, staying)
			}
		}
	})
}

func TestScanOfATableAtRest(t *testing.T) {
	m := newModel(t, mix)
	for key := range uint64(3000) {
		m.put(key)
		if key%97 != 0 {
			continue
		}
		seen := map[uint64]int{}
		for cursor, calls := uint64(0), 0; ; calls++ {
			emitted := 0
			cursor = m.table.Scan(cursor, 10, func(ref uint64) { seen[ref]++; emitted++ })
			if cursor == 0 {
				break
			}
			if emitted < 10 || emitted > 10+40 {
				t.Fatalf("%d entries where 10 were asked for", emitted)
			}
		}
		if len(seen) != m.table.Len() {
			t.Fatalf("%d of %d seen", len(seen), m.table.Len())
		}
		for ref, n := range seen {
			if n > 1 {
				t.Fatalf("%#x seen %d times", ref, n)
			}
		}
	}
}

func TestScanFromHostileCursors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t, hashes[rapid.SampledFrom([]string{"good", "constant"}).Draw(t, "hash")])
		for key := range rapid.Uint64Range(0, 1000).Draw(t, "keys") {
			m.put(key)
		}
		cursor := rapid.Uint64Range(0, math.MaxUint64).Draw(t, "cursor")
		count := rapid.IntRange(math.MinInt, math.MaxInt).Draw(t, "count")
		for range m.table.n + 1 {
			cursor = m.table.Scan(cursor, count, func(ref uint64) {
				if _, ok := m.keys[ref]; !ok {
					t.Fatalf("Scan emits %#x", ref)
				}
			})
			if cursor == 0 {
				return
			}
			if cursor >= 1<<RefBits {
				t.Fatalf("cursor %#x", cursor)
			}
		}
		t.Fatalf("no end after as many calls as there are buckets")
	})
}

// A sparse table must not make one call visit it all.
func TestScanStopsWhereThereIsLittle(t *testing.T) {
	m := newModel(t, hashes["constant"])
	for key := range uint64(5000) {
		m.put(key)
	}
	cursor := m.table.Scan(1<<3, 1, func(uint64) { t.Error("an entry outside bucket 0") })
	if cursor == 0 {
		t.Error("one call has visited all buckets")
	}
}
