package stream

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"kvd/engine/slab"
)

func newHeap(t testing.TB) *slab.Heap {
	t.Helper()
	pool := slab.NewPool()
	t.Cleanup(func() { pool.Close() })
	return slab.NewHeap(pool)
}

var defaults = Limits{Entries: 100, Bytes: 4096}

func words(list ...string) (fields [][]byte) {
	for _, w := range list {
		fields = append(fields, []byte(w))
	}
	return fields
}

// text spells the entries of a range.
func text(s *Stream, from, to ID, dir Direction) (list []string) {
	for c := s.Range(from, to, dir); c.Next(); {
		line := fmt.Sprintf("%d-%d", c.ID().MS, c.ID().Seq)
		for range c.Fields() {
			name, value := c.Field()
			line += fmt.Sprintf(" %s=%s", name, value)
		}
		list = append(list, line)
	}
	return list
}

func TestID(t *testing.T) {
	for _, tt := range []struct {
		id, next, prev   ID
		hasNext, hasPrev bool
	}{
		{ID{}, ID{0, 1}, ID{}, true, false},
		{ID{5, 7}, ID{5, 8}, ID{5, 6}, true, true},
		{ID{5, math.MaxUint64}, ID{6, 0}, ID{5, math.MaxUint64 - 1}, true, true},
		{ID{6, 0}, ID{6, 1}, ID{5, math.MaxUint64}, true, true},
		{Max, Max, ID{math.MaxUint64, math.MaxUint64 - 1}, false, true},
	} {
		if next, ok := tt.id.Next(); next != tt.next || ok != tt.hasNext {
			t.Errorf("after %v comes %v, %v", tt.id, next, ok)
		}
		if prev, ok := tt.id.Prev(); prev != tt.prev || ok != tt.hasPrev {
			t.Errorf("before %v comes %v, %v", tt.id, prev, ok)
		}
		if got := ReadKey(tt.id.AppendKey(nil)); got != tt.id {
			t.Errorf("%v is read back as %v", tt.id, got)
		}
	}
	if (ID{1, 2}).Compare(ID{1, 3}) != -1 || (ID{2, 0}).Compare(ID{1, 3}) != 1 || Max.Compare(Max) != 0 {
		t.Error("IDs compare wrongly")
	}
}

func TestEntriesComeBack(t *testing.T) {
	s := New(newHeap(t))
	big := string(bytes.Repeat([]byte("x"), 100_000))
	s.Append(ID{1, 5}, words("a", "1", "b", "2"), defaults)
	s.Append(ID{1, 6}, words("a", "3", "b", ""), defaults)
	s.Append(ID{2, 0}, words("", "other"), defaults)
	s.Append(ID{math.MaxUint64, 3}, words("a", big), defaults)
	all := []string{"1-5 a=1 b=2", "1-6 a=3 b=", "2-0 =other", "18446744073709551615-3 a=" + big}
	if got := text(s, ID{}, Max, Forward); !slices.Equal(got, all) {
		t.Errorf("forward: %.200q", got)
	}
	if got := text(s, ID{1, 6}, ID{2, math.MaxUint64}, Forward); !slices.Equal(got, all[1:3]) {
		t.Errorf("in the middle: %.200q", got)
	}
	slices.Reverse(all)
	if got := text(s, ID{}, Max, Backward); !slices.Equal(got, all) {
		t.Errorf("backward: %.200q", got)
	}
	if got := text(s, ID{3, 0}, ID{2, 0}, Forward); got != nil {
		t.Errorf("an empty range has %q", got)
	}
	if s.First() != (ID{1, 5}) || s.Top() != s.Last() || s.Added() != 4 || s.Len() != 4 {
		t.Errorf("first %v, top %v, last %v, added %d, length %d", s.First(), s.Top(), s.Last(), s.Added(), s.Len())
	}
}

func TestNoStream(t *testing.T) {
	var s *Stream
	c := s.Range(ID{}, Max, Forward)
	if c.Next() {
		t.Error("no stream has an entry")
	}
}

// TestBlocksOfRedis: the bytes of listpacks are those that redis-server has, by
// which it begins another one. The numbers are from XINFO STREAM of 7.0.15.
func TestBlocksOfRedis(t *testing.T) {
	value := func(n int) string { return string(bytes.Repeat([]byte("v"), n)) }
	for _, tt := range []struct {
		name   string
		fields []string
		limits Limits
		n      int
		blocks int
		nodes  int
	}{
		{"by entries", []string{"f", "v"}, defaults, 250, 3, 8},
		{"by bytes", []string{"field", value(100)}, defaults, 100, 3, 8},
		{"integers are small", []string{"n", "1234567"}, Limits{Bytes: 200}, 100, 8, 18},
		{"no limit", []string{"n", value(100)}, Limits{}, 1000, 1, 2},
		{"one each", []string{"n", value(5000)}, defaults, 5, 5, 12},
	} {
		s := New(newHeap(t))
		for i := range tt.n {
			s.Append(ID{uint64(i + 1), 0}, words(tt.fields...), tt.limits)
		}
		if s.Blocks() != tt.blocks || s.RadixNodes() != tt.nodes {
			t.Errorf("%s: %d blocks and %d nodes, want %d and %d", tt.name, s.Blocks(), s.RadixNodes(), tt.blocks, tt.nodes)
		}
	}
}

func TestListpackSizes(t *testing.T) {
	for text, want := range map[string]int{
		"": 2, "0": 2, "127": 2, "128": 3, "-1": 3, "4095": 3, "-4096": 3, "4096": 4, "-4097": 4, "32767": 4, "32768": 5,
		"-32769": 5, "8388607": 5, "8388608": 6, "2147483647": 6, "2147483648": 10, "9223372036854775807": 10,
		"9223372036854775808": 21, "-9223372036854775808": 10, "01": 4, "-0": 4, "-": 3, "+1": 4, "a": 3, "-9223372036854775809": 22,
		"99999999999999999999": 22,
	} {
		if got := packedString([]byte(text)); got != want {
			t.Errorf("%q takes %d bytes, want %d", text, got, want)
		}
	}
	for n, want := range map[int]int{63: 65, 64: 67, 125: 128, 126: 130, 4095: 4099, 4096: 4103, 20000: 20008, 3_000_000: 3_000_009, 300_000_000: 300_000_010} {
		if got := packedString(make([]byte, n)); got != want {
			t.Errorf("%d bytes take %d, want %d", n, got, want)
		}
	}
}

func TestReadBackwards(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16383, 16384, 1 << 21, 1<<28 - 1, 1 << 28} {
		buf := make([]byte, 16)
		end := putBackwards(buf, 3, n)
		if got, at := readBackwards(buf, end); got != n || at != 3 {
			t.Errorf("%d is read back as %d, beginning at %d", n, got, at)
		}
	}
}

// TestMemory: what is counted is what the heap has, and all of it comes back.
func TestMemory(t *testing.T) {
	h := newHeap(t)
	s := New(h)
	var id ID
	for i := range 3000 {
		id = ID{uint64(i + 1), 0}
		s.Append(id, words("name", fmt.Sprint("value ", i)), defaults)
	}
	for k := range 3 {
		g := s.AddGroup([]byte{byte('a' + k)})
		c := g.AddConsumer([]byte("c"))
		for i := range 1000 {
			g.SetPending(Pending{ID: ID{uint64(i * 2), 0}, Consumer: c})
		}
	}
	other := newHeap(t)
	c := s.Clone(other)
	if want := text(s, ID{}, Max, Forward); !slices.Equal(text(c, ID{}, Max, Forward), want) {
		t.Error("the clone has other entries")
	}
	if per := s.Bytes() / s.Len(); per > 100 {
		t.Errorf("an entry takes %d bytes", per)
	}
	s.Trim(Trim{MaxLen: 10}, nil, func(ID) {})
	s.RemoveGroup([]byte("b"))
	s.Free()
	if s.Bytes() != structBytes || h.Used() != 0 {
		t.Errorf("%d bytes counted and %d in use", s.Bytes(), h.Used())
	}
	if c.Len() != 3000 || c.Group([]byte("b")).PendingLen() != 1000 {
		t.Error("the clone lost something")
	}
	c.Free()
	if c.Bytes() != structBytes || other.Used() != 0 {
		t.Errorf("clone: %d bytes counted and %d in use", c.Bytes(), other.Used())
	}
}

func TestNoGarbage(t *testing.T) {
	if checked {
		t.Skip("the slab of checked builds keeps a Go map of its cells")
	}
	s := New(newHeap(t))
	fields := words("name", "value", "other", "12345")
	id := ID{1, 0}
	g := s.AddGroup([]byte("g"))
	c := g.AddConsumer([]byte("c"))
	for name, fn := range map[string]func(){
		"append": func() { id.MS++; s.Append(id, fields, defaults) },
		"read": func() {
			c := s.Range(id, Max, Forward)
			for c.Next() {
				c.Field()
			}
		},
		"deliver and acknowledge": func() {
			s.Advance(g, id)
			g.SetPending(Pending{ID: id, Consumer: c, Count: 1})
			g.Ack(id)
		},
		"delete": func() { s.Delete(id) },
		"trim":   func() { s.Trim(Trim{MaxLen: 1000, Whole: true}, nil, func(ID) {}) },
	} {
		if n := testing.AllocsPerRun(500, fn); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := New(newHeap(b))
	fields := words("name", "value", "other", "12345")
	b.ReportAllocs()
	for i := range b.N {
		s.Append(ID{uint64(i + 1), 0}, fields, defaults)
	}
}

// newRapidHeap is newHeap for a test that runs many times.
func newRapidHeap(t interface{ Cleanup(func()) }) *slab.Heap {
	pool := slab.NewPool()
	t.Cleanup(func() { pool.Close() })
	return slab.NewHeap(pool)
}

// TestAppendBelowDeleted adds an entry below a deleted one of the same block,
// which is possible once the last ID has been set back.
func TestAppendBelowDeleted(t *testing.T) {
	s := New(newHeap(t))
	fields := words("f", "v")
	s.Append(ID{1, 0}, fields, defaults)
	s.Append(ID{90, 0}, fields, defaults)
	s.Delete(ID{90, 0})
	s.SetLast(ID{5, 0})
	s.Append(ID{7, 0}, fields, defaults)
	for _, dir := range []Direction{Forward, Backward} {
		c := s.Range(ID{2, 0}, ID{7, 0}, dir)
		if !c.Next() || c.ID() != (ID{7, 0}) || c.Next() {
			t.Errorf("direction %d does not have just 7-0", dir)
		}
	}
	if s.Len() != 2 || !s.Has(ID{1, 0}) || s.Top() != (ID{7, 0}) {
		t.Errorf("%d entries, the last one %v", s.Len(), s.Top())
	}
}
