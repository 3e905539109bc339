package dict

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
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

func newDict(t tester) *Dict {
	pool := slab.NewPool()
	t.Cleanup(pool.Close)
	return New(slab.NewHeap(pool), maphash.MakeSeed())
}

// content is what the model knows of a field.
type content struct {
	value string
	at    int64
}

// model is a dict and, beside it, what it should hold.
type model struct {
	*Dict
	want map[string]content
}

func newModel(t tester) *model { return &model{newDict(t), map[string]content{}} }

func (m *model) set(t tester, field, value string) {
	t.Helper()
	_, had := m.want[field]
	if added := m.Set([]byte(field), []byte(value)); added == had {
		t.Fatalf("Set(%.20q) = %v", field, added)
	}
	m.want[field] = content{value: value}
}

func (m *model) delete(t tester, field string) {
	t.Helper()
	_, had := m.want[field]
	if m.Delete([]byte(field)) != had {
		t.Fatalf("Delete(%.20q) = %v", field, !had)
	}
	delete(m.want, field)
}

// edit calls fn for a field if it is there, and checks the reference it returns.
func (m *model) edit(t tester, field string, fn func(Ref, *content) Ref) {
	t.Helper()
	ref, ok := m.Get([]byte(field))
	c, had := m.want[field]
	if ok != had {
		t.Fatalf("Get(%.20q) = %v", field, ok)
	}
	if !ok {
		return
	}
	next := fn(ref, &c)
	m.want[field] = c
	if again, _ := m.Get([]byte(field)); again != next {
		t.Fatalf("%.20q is behind %x, not %x", field, again, next)
	}
}

func (m *model) expire(t tester, field string, at int64) {
	m.edit(t, field, func(ref Ref, c *content) Ref {
		c.at = at
		return m.SetExpire(ref, at)
	})
}

func (m *model) setValue(t tester, field, value string) {
	m.edit(t, field, func(ref Ref, c *content) Ref {
		c.value = value
		return m.SetValue(ref, []byte(value))
	})
}

// check compares the whole dict with the model.
func (m *model) check(t tester) {
	t.Helper()
	checkDict(t, m.Dict, m.want)
	if got := m.heap.Used() + cap(m.queue)*dueSize; m.Len() > 0 && m.Bytes() < got {
		t.Fatalf("Bytes() = %d, less than the %d in use", m.Bytes(), got)
	}
	if m.Len() == 0 && m.heap.Used() != 0 {
		t.Fatalf("%d bytes used by an empty dict", m.heap.Used())
	}
}

func checkDict(t tester, d *Dict, want map[string]content) {
	t.Helper()
	got := map[string]content{}
	d.All(func(ref Ref) bool {
		field, value := d.Pair(ref)
		if !bytes.Equal(field, d.Field(ref)) || !bytes.Equal(value, d.Value(ref)) {
			t.Fatalf("Pair differs from Field and Value")
		}
		if found, ok := d.Get(field); !ok || found != ref {
			t.Fatalf("Get(%.20q) = %x, %v, want %x", field, found, ok, ref)
		}
		got[string(field)] = content{string(value), d.Expire(ref)}
		return true
	})
	if !maps.Equal(got, want) || d.Len() != len(want) {
		t.Fatalf("the dict has %d fields, Len is %d, want %d; or other content", len(got), d.Len(), len(want))
	}
	checkQueue(t, d, want)
}

func checkQueue(t tester, d *Dict, want map[string]content) {
	t.Helper()
	first, expiring := int64(0), 0
	for _, c := range want {
		if c.at == 0 {
			continue
		}
		expiring++
		if first == 0 || c.at < first {
			first = c.at
		}
	}
	ref, at, ok := d.First()
	if at != first || ok != (first != 0) || d.Expiring() != expiring {
		t.Fatalf("First() = %d, %v of %d, want %d of %d", at, ok, d.Expiring(), first, expiring)
	}
	if ok && d.Expire(ref) != at {
		t.Fatalf("the first field expires at %d, not %d", d.Expire(ref), at)
	}
}

func TestDictAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		field := rapid.Custom(func(t *rapid.T) string {
			n := rapid.IntRange(0, 60).Draw(t, "field")
			return fmt.Sprintf("%0*d", n%40, n) // long ones too
		})
		value := rapid.Custom(func(t *rapid.T) string {
			n := rapid.SampledFrom([]int{0, 1, 7, 8, 100, 127, 128, 500, slab.MaxCell, slab.MaxCell + 1000}).Draw(t, "value")
			return string(bytes.Repeat([]byte{byte(n)}, n))
		})
		at := rapid.Int64Range(0, 50)
		t.Repeat(map[string]func(*rapid.T){
			"set":    func(t *rapid.T) { m.set(t, field.Draw(t, "f"), value.Draw(t, "v")) },
			"value":  func(t *rapid.T) { m.setValue(t, field.Draw(t, "f"), value.Draw(t, "v")) },
			"expire": func(t *rapid.T) { m.expire(t, field.Draw(t, "f"), at.Draw(t, "at")) },
			"delete": func(t *rapid.T) { m.delete(t, field.Draw(t, "f")) },
			"remove first": func(t *rapid.T) {
				if ref, _, ok := m.First(); ok {
					delete(m.want, string(m.Field(ref)))
					m.Remove(ref)
				}
			},
			"clone": func(t *rapid.T) {
				c := m.Clone(slab.NewHeap(slab.NewPool()))
				m.Free()
				checkDict(t, m.Dict, nil)
				m.Dict = c
			},
			"": func(t *rapid.T) { m.check(t) },
		})
	})
}

func TestManyFields(t *testing.T) {
	m := newModel(t)
	const count = 50_000
	for i := range count {
		m.set(t, fmt.Sprint("field:", i), fmt.Sprint(i))
		if i%3 == 0 {
			m.expire(t, fmt.Sprint("field:", i), int64(count-i))
		}
	}
	m.check(t)
	last := int64(0)
	for {
		ref, at, ok := m.First()
		if !ok {
			break
		}
		if at < last {
			t.Fatalf("%d comes after %d", at, last)
		}
		last = at
		delete(m.want, string(m.Field(ref)))
		m.Remove(ref)
	}
	m.check(t)
	for field := range m.want {
		m.delete(t, field)
	}
	m.check(t)
}

func TestScanMeetsAll(t *testing.T) {
	d := newDict(t)
	for i := range 1000 {
		d.Set(fmt.Append(nil, i), nil)
	}
	seen := map[string]bool{}
	for cursor := uint64(0); ; {
		cursor = d.Scan(cursor, 10, func(ref Ref) { seen[string(d.Field(ref))] = true })
		if cursor == 0 {
			break
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d fields", len(seen))
	}
}

func TestRandomMeetsAll(t *testing.T) {
	d := newDict(t)
	if _, ok := d.Random(1); ok {
		t.Error("a field of an empty dict")
	}
	for i := range 20 {
		d.Set([]byte{byte(i)}, nil)
	}
	var seen []byte
	for r := range uint64(1000) {
		ref, ok := d.Random(r)
		if !ok {
			t.Fatal("no field")
		}
		seen = append(seen, d.Field(ref)...)
	}
	slices.Sort(seen)
	if n := len(slices.Compact(seen)); n != 20 {
		t.Errorf("%d of 20 fields in 1000 draws", n)
	}
}

// The memory beside the fields themselves is what makes a set small or large.
func TestMemoryOfAMember(t *testing.T) {
	d := newDict(t)
	const count = 100_000
	for i := range count {
		d.Set(fmt.Appendf(nil, "member:%08d", i), nil)
	}
	if each := float64(d.Bytes()) / count; each > 16+16 {
		t.Errorf("%.1f bytes for each member of 15 bytes", each)
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's build keeps a list of cells, which allocates")
	}
	d := newDict(t)
	for i := range 1000 {
		d.Set(fmt.Append(nil, "f", i), []byte("value"))
	}
	field, other, value := []byte("f7"), []byte("new"), []byte("VALUE")
	ref, _ := d.Get(field)
	d.SetExpire(ref, 1)
	count := 0
	if n := testing.AllocsPerRun(1000, func() {
		d.Set(field, value)
		d.Set(other, value)
		ref, _ := d.Get(other)
		d.SetExpire(ref, 5)
		d.Delete(other)
		d.Random(uint64(count))
		d.Scan(uint64(count), 10, func(Ref) { count++ })
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDict(b *testing.B) {
	d := newDict(b)
	const count = 100_000
	fields := make([][]byte, count)
	for i := range fields {
		fields[i] = fmt.Append(nil, "field:", i)
		d.Set(fields[i], []byte("value"))
	}
	b.Run("Get", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			d.Get(fields[i%count])
		}
	})
	b.Run("Set", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			d.Set(fields[i%count], []byte("other"))
		}
	})
}
