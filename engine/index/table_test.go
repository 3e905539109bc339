package index

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/slab"
)

// tester is what the tests need of testing.T and of rapid.T.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// entries keeps keys of eight bytes; the hash of a key is a function of it.
type entries struct {
	keys map[uint64]uint64 // by reference
	hash func(key uint64) uint64
}

func (e *entries) Hash(ref uint64) uint64 { return e.hash(e.keys[ref]) }

func (e *entries) Equal(ref uint64, key []byte) bool {
	return e.keys[ref] == binary.BigEndian.Uint64(key)
}

// model is a table and, beside it, what it should hold.
type model struct {
	*entries
	table *Table
	mem   *slab.Arena
	refs  map[uint64]uint64 // by key
	last  uint64            // the newest reference
}

func newModel(t tester, hash func(uint64) uint64) *model {
	pool := slab.NewPool()
	t.Cleanup(pool.Close)
	e := &entries{keys: map[uint64]uint64{}, hash: hash}
	mem := pool.NewArena()
	return &model{entries: e, table: New(e, mem), mem: mem, refs: map[uint64]uint64{}}
}

func bytesOf(key uint64) []byte { return binary.BigEndian.AppendUint64(nil, key) }

// newRef returns a reference that was not in use before, spread over all bits.
func (m *model) newRef(key uint64) uint64 {
	m.last++
	ref := m.last * 0x9e3779b97f & refMask
	m.keys[ref] = key
	return ref
}

func (m *model) put(key uint64) {
	ref := m.newRef(key)
	if old, ok := m.refs[key]; ok {
		m.table.Replace(m.hash(key), old, ref)
		delete(m.keys, old)
	} else {
		m.table.Put(m.hash(key), ref)
	}
	m.refs[key] = ref
}

func (m *model) delete(key uint64) {
	if ref, ok := m.refs[key]; ok {
		m.table.Delete(m.hash(key), ref)
		delete(m.refs, key)
		delete(m.keys, ref)
	}
}

func (m *model) reset() {
	m.table.Reset()
	clear(m.refs)
	clear(m.keys)
}

func (m *model) checkKey(t tester, key uint64) {
	t.Helper()
	want, exists := m.refs[key]
	if got, ok := m.table.Get(m.hash(key), bytesOf(key)); ok != exists || got != want {
		t.Fatalf("Get(%d) = %#x, %v, want %#x, %v", key, got, ok, want, exists)
	}
}

// check compares the whole table with the model, and its memory with its size.
func (m *model) check(t tester) {
	t.Helper()
	for key := range m.refs {
		m.checkKey(t, key)
	}
	seen := map[uint64]bool{}
	m.table.All(func(ref uint64) bool {
		key, ok := m.keys[ref]
		if !ok || m.refs[key] != ref || seen[ref] {
			t.Fatalf("All yields %#x", ref)
		}
		seen[ref] = true
		return true
	})
	if len(seen) != len(m.refs) || m.table.Len() != len(m.refs) {
		t.Fatalf("All yields %d, Len is %d, want %d", len(seen), m.table.Len(), len(m.refs))
	}
	m.checkMemory(t)
}

func (m *model) checkMemory(t tester) {
	t.Helper()
	directory := cap(m.table.segments) * 32
	if got, want := m.table.Bytes(), m.mem.Used()+directory; got != want && m.table.Len() > 0 {
		t.Fatalf("Bytes() = %d, want %d", got, want)
	}
	if m.table.Len() == 0 && (m.table.Bytes() != 0 || m.mem.Used() != 0) {
		t.Fatalf("%d bytes used by an empty table", m.mem.Used())
	}
}

// hashes that a table must bear: a good one, one with few values in the bits of
// the bucket, one with few values in those of the tag, and a constant.
var hashes = map[string]func(uint64) uint64{
	"good":     mix,
	"low bits": func(key uint64) uint64 { return mix(key) &^ 0x3f },
	"few tags": func(key uint64) uint64 { return mix(key) & 0xff },
	"constant": func(uint64) uint64 { return 0 },
}

func TestTableAgainstMap(t *testing.T) {
	for name, hash := range hashes {
		t.Run(name, func(t *testing.T) {
			most := uint64(900)
			if name == "constant" {
				most = 90 // each call walks the one bucket in use
			}
			rapid.Check(t, func(t *rapid.T) { compareWithMap(t, newModel(t, hash), most) })
		})
	}
}

// compareWithMap treats keys up to about 4/3 of most.
func compareWithMap(t *rapid.T, m *model, most uint64) {
	keys := rapid.Uint64Range(0, most)
	some := func(t *rapid.T, fn func(key uint64)) {
		first, count := keys.Draw(t, "first"), rapid.Uint64Range(1, most/3).Draw(t, "count")
		for key := first; key < first+count; key++ {
			fn(key)
		}
	}
	t.Repeat(map[string]func(*rapid.T){
		"put":    func(t *rapid.T) { some(t, m.put) },
		"delete": func(t *rapid.T) { some(t, m.delete) },
		"get":    func(t *rapid.T) { m.checkKey(t, keys.Draw(t, "key")) },
		"reset": func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "luck") == 0 {
				m.reset()
			}
		},
		"": func(t *rapid.T) { m.check(t) },
	})
}

// Tags change when the table passes 1<<8 and 1<<16 buckets, both ways.
func TestGrowAndShrinkOverTagWindows(t *testing.T) {
	total := uint64(1<<16*growLoad + 5000)
	m := newModel(t, mix)
	for key := range total {
		m.put(key)
	}
	m.check(t)
	peak := m.table.Bytes()
	if perEntry := float64(peak) / float64(total); perEntry > 16 {
		t.Errorf("%.1f bytes per entry", perEntry)
	}

	for key := range total {
		m.delete(key)
		if left := total - key - 1; left == total/8 || left == 1000 {
			m.check(t)
			if got, limit := m.table.Bytes(), int(left)*64/shrinkLoad*5/4+4096; got > limit {
				t.Errorf("%d bytes for %d entries", got, left)
			}
		}
	}
	m.check(t)
	if m.mem.Held() != 0 {
		t.Errorf("%d bytes held by an emptied table", m.mem.Held())
	}
}

func TestReplaceAndDeleteOfWhatIsNotThere(t *testing.T) {
	m := newModel(t, mix)
	mustPanic(t, func() { m.table.Delete(mix(1), 1) })
	m.put(1)
	mustPanic(t, func() { m.table.Delete(mix(1), m.refs[1]+1) })
	mustPanic(t, func() { m.table.Replace(mix(1), m.refs[1]+1, 1) })
	mustPanic(t, func() { m.table.Put(mix(2), 1<<RefBits) })
	m.check(t)
}

// mustPanic fails the test unless f panics.
func mustPanic(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	f()
}

func TestTablesShareAnArena(t *testing.T) {
	m := newModel(t, mix)
	other := New(m.entries, m.mem)
	for key := range uint64(5000) {
		m.put(key)
		other.Put(mix(key), m.refs[key])
	}
	other.Reset()
	if other.Len() != 0 || other.Bytes() != 0 {
		t.Errorf("%d entries, %d bytes after Reset", other.Len(), other.Bytes())
	}
	m.check(t)
}

func TestNoGarbage(t *testing.T) {
	m := newModel(t, mix)
	for key := range uint64(10_000) {
		m.put(key)
	}
	key, ref := bytesOf(77), m.refs[77]
	var refs [16]uint64
	count := 0
	emit := func(uint64) { count++ }
	if n := testing.AllocsPerRun(1000, func() {
		m.table.Get(mix(77), key)
		m.table.Replace(mix(77), ref, ref)
		m.table.Random(uint64(count))
		m.table.Sample(uint64(count), refs[:])
		m.table.Scan(uint64(count), 10, emit)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzTable(f *testing.F) {
	f.Add(uint8(0), []byte{0, 0, 200, 1, 10, 50, 2, 3, 7, 1, 0, 255})
	f.Add(uint8(2), []byte{0, 0, 255, 0, 255, 255, 2, 0, 0, 1, 0, 255, 1, 255, 255, 3, 0, 0})
	names := []string{"good", "low bits", "few tags", "constant"}
	f.Fuzz(func(t *testing.T, hash uint8, ops []byte) {
		m := newModel(t, hashes[names[hash%4]])
		cursor := uint64(0)
		for ; len(ops) >= 3; ops = ops[3:] {
			first, count := uint64(ops[1])*4, uint64(ops[2])
			for key := first; key < first+count; key++ {
				switch ops[0] % 4 {
				case 0:
					m.put(key)
				case 1:
					m.delete(key)
				case 2:
					cursor = m.table.Scan(cursor^key<<40, int(count), func(uint64) {})
				case 3:
					m.checkKey(t, key)
				}
			}
		}
		m.check(t)
	})
}

func TestSampleAndRandom(t *testing.T) {
	m := newModel(t, mix)
	refs := make([]uint64, 20)
	if _, ok := m.table.Random(1); ok {
		t.Error("an entry of an empty table")
	}
	if n := m.table.Sample(1, refs); n != 0 {
		t.Errorf("%d entries of an empty table", n)
	}
	for key := range uint64(12) {
		m.put(key)
	}
	if n := m.table.Sample(9, refs); n != 12 {
		t.Errorf("a sample of 20 of 12 has %d", n)
	}
	for key := range uint64(1000) {
		m.put(key)
	}
	for range 100 {
		seen := map[uint64]bool{}
		if n := m.table.Sample(rand.Uint64(), refs); n != len(refs) {
			t.Errorf("a sample of 20 of 1000 has %d", n)
		}
		for _, ref := range refs {
			if _, ok := m.keys[ref]; !ok || seen[ref] {
				t.Fatalf("sample has %#x", ref)
			}
			seen[ref] = true
		}
	}
}

// Each entry should come up about as often as any other, wherever a table
// stands between two powers of two.
func TestRandomIsFair(t *testing.T) {
	for _, size := range []uint64{1, 3, 8, 40, 100, 150} {
		m := newModel(t, mix)
		for key := range size {
			m.put(key)
		}
		const each = 1000
		rng, drawn := rand.New(rand.NewPCG(size, 7)), map[uint64]int{}
		for range each * size {
			ref, ok := m.table.Random(rng.Uint64())
			if !ok {
				t.Fatal("no entry")
			}
			drawn[m.keys[ref]]++
		}
		for key := range size {
			if n := drawn[key]; n < each*8/10 || n > each*12/10 {
				t.Errorf("size %d: key %d drawn %d times instead of %d", size, key, n, each)
			}
		}
	}
}

// Random must end and find something where entries are few and far between.
func TestRandomBearsBadHashes(t *testing.T) {
	for name, hash := range hashes {
		m := newModel(t, hash)
		for key := range uint64(500) {
			m.put(key)
		}
		for range 50 {
			ref, ok := m.table.Random(rand.Uint64())
			if _, known := m.keys[ref]; !ok || !known {
				t.Fatalf("%s: Random gives %#x, %v", name, ref, ok)
			}
		}
	}
}
