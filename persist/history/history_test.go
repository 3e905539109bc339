package history

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
)

// memory is the versions of a key in a map.
type memory struct {
	values map[uint64][]byte
	kinds  map[uint64]change.Type
	reads  int
}

func newMemory() *memory {
	return &memory{values: map[uint64][]byte{}, kinds: map[uint64]change.Type{}}
}

func (m *memory) Get(number uint64) (Stored, error) {
	m.reads++
	value, ok := m.values[number]
	if !ok {
		return Stored{}, nil
	}
	return Stored{number, m.kinds[number], value}, nil
}

func (m *memory) Floor(number uint64) (Stored, error) {
	found := uint64(0)
	for n := range m.values {
		if n <= number && n > found {
			found = n
		}
	}
	return m.Get(found)
}

func (m *memory) After(number uint64) (Stored, error) {
	found := uint64(0)
	for n := range m.values {
		if n > number && (n < found || found == 0) {
			found = n
		}
	}
	return m.Get(found)
}

func (m *memory) Put(number uint64, kind change.Type, value []byte) error {
	m.values[number], m.kinds[number] = bytes.Clone(value), kind
	return nil
}

func (m *memory) Delete(number uint64) error {
	delete(m.values, number)
	return nil
}

func newPair(t testing.TB) (*Writer, *Decoder) {
	t.Helper()
	d, err := NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(d)
	if err != nil {
		t.Fatal(err)
	}
	return w, d
}

// anyContent draws contents that resemble each other.
func anyContent(t *rapid.T) []byte {
	b := bytes.Repeat([]byte("some text that a document may have;"), rapid.IntRange(0, 40).Draw(t, "size"))
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		if i%7 == 0 {
			b[i] = byte(rnd.Uint32())
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "edits") {
		at := rapid.IntRange(0, len(b)).Draw(t, "at")
		end := min(len(b), at+rapid.IntRange(0, 60).Draw(t, "cut"))
		b = slices.Replace(b, at, end, rapid.SliceOfN(rapid.Byte(), 0, 30).Draw(t, "new")...)
	}
	return b
}

// TestDelta: a delta makes what it was made for, of any two contents.
func TestDelta(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := anyContent(t), anyContent(t)
		delta := appendDelta([]byte("x"), &base{content: from}, to)[1:]
		got, err := apply(nil, from, delta)
		if err != nil || !bytes.Equal(got, to) {
			t.Fatalf("%q of %q by %q, %v; want %q", got, from, delta, err, to)
		}
	})
}

// TestWriterModel: whatever is put, put again and deleted in whatever order of
// checkpoints, each version that is left reads as it was submitted, from two rows
// at most.
func TestWriterModel(t *testing.T) {
	w, d := newPair(t)
	rapid.Check(t, func(t *rapid.T) {
		m, want := newMemory(), map[uint64][]byte{}
		next := uint64(1)
		for range rapid.IntRange(1, 12).Draw(t, "folds") {
			w.Begin(m)
			deleted := rapid.SliceOfN(rapid.Uint64Range(1, 100), 0, 20).Draw(t, "deleted")
			slices.Sort(deleted)
			for _, n := range slices.Backward(deleted) {
				must(t, w.Delete(n))
				delete(want, n)
			}
			again := rapid.Uint64Range(0, 3).Draw(t, "again")
			for n := max(1, next-min(again, next-1)); n < next; n++ {
				if v, ok := want[n]; ok {
					must(t, w.Put(n, change.String, v)) // a checkpoint that was cut short is made anew
				}
			}
			for range rapid.IntRange(0, 40).Draw(t, "new") {
				v := change.AppendVersion(nil, fmt.Append(nil, "info", next), anyContent(t))
				must(t, w.Put(next, change.Type(1+next/50), v))
				want[next] = v
				next++
			}
			if n := rapid.Uint64Range(0, 100).Draw(t, "erased"); want[n] != nil {
				v := change.AppendVersion(nil, []byte("gone"), nil)
				must(t, w.Put(n, change.NoType, v))
				want[n] = v
			}
		}
		check(t, d, m, want)
	})
}

func must(t *rapid.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *rapid.T, d *Decoder, m *memory, want map[uint64][]byte) {
	t.Helper()
	if len(m.values) != len(want) {
		t.Fatalf("%d versions, want %d", len(m.values), len(want))
	}
	for n, value := range want {
		m.reads = 0
		got, err := d.Read(Stored{n, m.kinds[n], m.values[n]}, m.Get)
		if err != nil || !bytes.Equal(got, value) || m.reads > 1 {
			t.Fatalf("version %d: %.60q, %v after %d more rows; want %.60q", n, got, err, m.reads, value)
		}
		info, err := d.ReadInfo(Stored{n, m.kinds[n], m.values[n]})
		full, _, _ := change.SplitVersion(value)
		if err != nil || !bytes.Equal(info, change.AppendVersion(nil, full, nil)) {
			t.Fatalf("info of version %d: %q, %v", n, info, err)
		}
	}
}

// TestSizes: a document with one field changed takes a few bytes, and what is not
// alike takes no more than it would alone.
func TestSizes(t *testing.T) {
	w, _ := newPair(t)
	m := newMemory()
	w.Begin(m)
	rnd := rand.New(rand.NewPCG(1, 2))
	doc := make([]byte, 0, 10_000)
	for i := 0; len(doc) < 10_000; i++ {
		doc = fmt.Appendf(doc, `"field%d":"%x",`, i, rnd.Uint64())
	}
	for n := uint64(1); n <= 400; n++ {
		copy(doc[5000:], fmt.Sprintf("%04d", n))
		if err := w.Put(n, change.JSON, change.AppendVersion(nil, []byte("info"), doc)); err != nil {
			t.Fatal(err)
		}
	}
	for n, value := range m.values {
		most := 30
		if n == 1 {
			most = 6000
		}
		if len(value) > most {
			t.Errorf("version %d takes %d bytes", n, len(value))
		}
	}
	noise := make([]byte, 3000)
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	if err := w.Put(401, change.JSON, change.AppendVersion(nil, nil, noise)); err != nil || len(m.values[401]) > len(noise)+10 {
		t.Errorf("noise takes %d bytes, %v", len(m.values[401]), err)
	}
}

// TestPending: what is submitted hides what is older, in both layers.
func TestPending(t *testing.T) {
	var p Pending
	add := func(number uint64, op change.Op, value string) {
		p.Add(&change.Row{Op: op, Kind: change.History, Space: 1, Key: []byte("k"), ID: number, Value: []byte(value)})
	}
	floor := func(number uint64) string {
		f := p.Floor(1, []byte("k"), number)
		return fmt.Sprintf("%d %v %s", f.Number, f.Deleted, f.Value)
	}
	want := func(number uint64, text string) {
		t.Helper()
		if got := floor(number); got != text {
			t.Errorf("floor %d: %s, want %s", number, got, text)
		}
	}
	want(5, "0 false ")
	for n := uint64(2); n <= 4; n++ {
		add(n, change.Put, fmt.Sprint("old", n))
	}
	p.Age()
	add(3, change.Delete, "")
	add(5, change.Put, "young")
	want(1, "0 false ")
	want(2, "2 false old2")
	want(3, "3 true ")
	want(4, "4 false old4")
	want(9, "5 false young")
	p.Age() // the checkpoint has failed
	want(3, "3 true ")
	want(4, "4 false old4")
	add(6, change.Put, "late")
	p.Settle()
	want(5, "0 false ")
	want(6, "6 false late")
	p.Reset()
	if p.Bytes() != 0 || floor(9) != "0 false " {
		t.Errorf("%d bytes, %s", p.Bytes(), floor(9))
	}
}

func FuzzRead(f *testing.F) {
	w, d := newPair(f)
	m := newMemory()
	w.Begin(m)
	for n := uint64(1); n < 4; n++ {
		content := bytes.Repeat([]byte("abcdefghi"), 200)
		content[n] = 'x'
		_ = w.Put(n, change.JSON, change.AppendVersion(nil, []byte("info"), content))
		f.Add(m.values[n], m.values[1])
	}
	f.Fuzz(func(t *testing.T, value, key []byte) {
		const most = 1 << 26
		got, err := d.Read(Stored{9, 0, value}, func(uint64) (Stored, error) { return Stored{8, 0, key}, nil })
		if err == nil && len(got) > most {
			t.Skip("a small delta of a large base")
		}
		_, _ = d.ReadInfo(Stored{9, 0, value})
	})
}
