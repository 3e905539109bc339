package hll

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// registersOf returns the registers of b, read one by one.
func registersOf(t testing.TB, b []byte) (ranks [Registers]byte) {
	t.Helper()
	if !Valid(b) {
		t.Fatalf("not a HyperLogLog: %x", b[:min(len(b), 40)])
	}
	if IsDense(b) {
		for i := range ranks {
			for bit := range registerBits {
				at := i*registerBits + bit
				ranks[i] |= b[headerSize+at/8] >> (at % 8) & 1 << bit
			}
		}
		return ranks
	}
	err := eachRun(b[headerSize:], func(first, n int, rank byte) {
		for i := first; i < first+n; i++ {
			ranks[i] = rank
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ranks
}

// TestRaise raises registers in random order and compares with an array of them.
func TestRaise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := AppendNew(nil)
		most := rapid.SampledFrom([]int64{30, 100, 3000}).Draw(t, "most")
		var want [Registers]byte
		near := rapid.IntRange(1, Registers).Draw(t, "near")
		for range rapid.IntRange(1, 120).Draw(t, "raises") {
			index := rapid.IntRange(0, near-1).Draw(t, "index")
			rank := byte(rapid.SampledFrom([]int{1, 1, 2, 3, 32, 33, 51}).Draw(t, "rank"))
			after, changed, err := raise(b, index, rank, most)
			if err != nil || changed != (want[index] < rank) {
				t.Fatalf("register %d to %d: changed %v, %v", index, rank, changed, err)
			}
			if b = after; !IsDense(b) && int64(len(b)) > most {
				t.Fatalf("sparse with %d bytes", len(b))
			}
			want[index] = max(want[index], rank)
		}
		if registersOf(&testing.T{}, b) != want {
			t.Fatal("other registers")
		}
	})
}

// TestRunsAreJoined looks at the runs that single changes leave.
func TestRunsAreJoined(t *testing.T) {
	for _, tt := range []struct {
		raises []int // index and rank in turn
		want   string
	}{
		{nil, "Z:16384"},
		{[]int{0, 3}, "v:3,1 Z:16383"},
		{[]int{16383, 3}, "Z:16383 v:3,1"},
		{[]int{64, 1}, "z:64 v:1,1 Z:16319"},
		{[]int{65, 1}, "Z:65 v:1,1 Z:16318"},
		{[]int{5, 2, 6, 2}, "z:5 v:2,2 Z:16377"},
		{[]int{5, 2, 7, 2, 6, 2}, "z:5 v:2,3 Z:16376"},
		{[]int{5, 2, 6, 2, 7, 2, 8, 2, 9, 2}, "z:5 v:2,4 v:2,1 Z:16374"},
		{[]int{5, 2, 6, 2, 7, 2, 6, 4}, "z:5 v:2,1 v:4,1 v:2,1 Z:16376"},
		{[]int{5, 2, 6, 2, 7, 2, 6, 1}, "z:5 v:2,3 Z:16376"},
	} {
		b := AppendNew(nil)
		for i := 0; i < len(tt.raises); i += 2 {
			b, _, _ = raise(b, tt.raises[i], byte(tt.raises[i+1]), 3000)
		}
		if got := string(AppendRuns(nil, b)); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.raises, got, tt.want)
		}
	}
}

// numbered is an element for each number.
func numbered(dst []byte, i int) []byte {
	return strconv.AppendInt(append(dst[:0], "element:"...), int64(i), 10)
}

// TestEstimate adds elements and allows four times the standard error.
func TestEstimate(t *testing.T) {
	b, element := AppendNew(nil), []byte(nil)
	next := 1
	for i := 1; i <= 300_000; i++ {
		element = numbered(element, i)
		b, _, _ = Add(b, element, 3000)
		if i != next {
			continue
		}
		next += next/3 + 1
		n, err := Count(b)
		if allowed := 4 * 1.04 / math.Sqrt(Registers) * float64(i); err != nil || math.Abs(float64(n)-float64(i)) > allowed+1 {
			t.Errorf("%d elements: %d, %v", i, n, err)
		}
	}
	if !IsDense(b) {
		t.Fatal("still sparse")
	}
	uncovered := 0
	for i := range 1000 {
		element = numbered(element, -i)
		covered := Covers(b, element)
		_, changed, _ := Add(b, element, 3000)
		if changed == covered {
			t.Fatalf("Covers is %v and Add changed %v", covered, changed)
		}
		if changed {
			uncovered++
		}
	}
	if uncovered == 0 {
		t.Error("no new element changed anything")
	}
}

// TestDensify compares both formats of the same registers.
func TestDensify(t *testing.T) {
	b := AppendNew(nil)
	for i := range 500 {
		b, _, _ = Add(b, numbered(nil, i), 3000)
	}
	d, err := Densify(b)
	if err != nil || !IsDense(d) || !Valid(d) || registersOf(t, d) != registersOf(t, b) {
		t.Fatalf("Densify: %v", err)
	}
	n1, _ := Count(b)
	n2, _ := Count(d)
	if n1 != n2 || n1 == 0 {
		t.Errorf("%d sparse, %d dense", n1, n2)
	}
	if same, _ := Densify(d); &same[0] != &d[0] {
		t.Error("a dense one was copied")
	}
}

func TestUnion(t *testing.T) {
	var all, u Union
	halves := [2][]byte{AppendNew(nil), AppendNew(nil)}
	whole := AppendNew(nil)
	for i := range 3000 {
		half := &halves[rand.IntN(2)]
		*half, _, _ = Add(*half, numbered(nil, i), 1000)
		whole, _, _ = Add(whole, numbered(nil, i), 3000)
	}
	for _, b := range halves {
		if err := u.Merge(b); err != nil {
			t.Fatal(err)
		}
	}
	want, _ := Count(whole)
	if got := u.Count(); got != want {
		t.Errorf("Count is %d, want %d", got, want)
	}
	for _, most := range []int64{100, 30000} {
		into, err := u.Into(AppendNew(nil), most)
		if err != nil || registersOf(t, into) != registersOf(t, whole) {
			t.Errorf("Into up to %d: %v", most, err)
		}
		if _, ok := Cached(into); ok {
			t.Error("the cardinality counts as up to date")
		}
	}
	if err := all.Merge(AppendNew(nil)); err != nil || all.Count() != 0 {
		t.Error("an empty one has elements")
	}
}

func TestCache(t *testing.T) {
	b := AppendNew(nil)
	if n, ok := Cached(b); n != 0 || !ok {
		t.Error("the cardinality of a new one is not 0")
	}
	b, _, _ = Add(b, []byte("x"), 3000)
	if _, ok := Cached(b); ok {
		t.Error("Add left the cardinality")
	}
	Cache(b, 7)
	if n, ok := Cached(b); n != 7 || !ok {
		t.Error("Cache was forgotten")
	}
}

// TestCorrupt is about values with a good header.
func TestCorrupt(t *testing.T) {
	header := AppendNew(nil)[:headerSize]
	for name, runs := range map[string]string{
		"nothing":         "",
		"too few":         "\x7f\xfe",
		"too many":        "\x7f\xff\x80",
		"half a run":      "\x7f\xfe\x40",
		"far beyond":      "\x7f\xff\x7f\xff",
		"last run beyond": "\x7f\xfe\x83",
	} {
		b := append(bytes.Clone(header), runs...)
		var u Union
		_, errCount := Count(b)
		_, errDense := Densify(b)
		if !errors.Is(errCount, ErrCorrupt) || !errors.Is(errDense, ErrCorrupt) || !errors.Is(u.Merge(b), ErrCorrupt) {
			t.Errorf("%s was not seen", name)
		}
	}
	for _, b := range []string{"", "HYLL", "hyll\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "HYLL\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", string(header[:4]) + "\x00" + string(header[5:])} {
		if Valid([]byte(b)) {
			t.Errorf("%q is valid", b)
		}
	}
}

func FuzzHyperLogLog(f *testing.F) {
	f.Add(AppendNew(nil), false, []byte("x"))
	f.Add([]byte{}, true, []byte("y"))
	f.Fuzz(func(t *testing.T, data []byte, long bool, element []byte) {
		b := bytes.Clone(data)
		if long { // small inputs become whole dense ones
			b = make([]byte, DenseSize)
			copy(b[headerSize:], data)
		}
		copy(b, "HYLL")
		if !Valid(b) {
			return
		}
		var u Union
		n, sound := Count(b)
		if err := u.Merge(b); (err == nil) != (sound == nil) || err == nil && u.Count() != n {
			t.Fatalf("Merge: %v, Count: %v", err, sound)
		}
		AppendRuns(nil, b)
		after, _, err := Add(bytes.Clone(b), element, 3000)
		if err == nil {
			_, still := Count(after)
			if (still == nil) != (sound == nil) {
				t.Fatalf("Add made %v of %v", still, sound)
			}
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	for _, size := range []int{100, 1000, 100_000} {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			s := AppendNew(make([]byte, 0, DenseSize))
			for i := range size {
				s, _, _ = Add(s, numbered(nil, i), 3000)
			}
			element := numbered(nil, 7)
			b.ReportAllocs()
			for b.Loop() {
				s, _, _ = Add(s, element, 3000)
			}
		})
	}
}

func BenchmarkCount(b *testing.B) {
	s := AppendNew(nil)
	for i := range 100_000 {
		s, _, _ = Add(s, numbered(nil, i), 3000)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Count(s)
	}
}
