package intset

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// add puts v into s as the owner of the memory does.
func add(s Set, v int64) (Set, bool) {
	if len(s) == 0 {
		s = make(Set, Size(0, 0))
		s.Start(WidthOf(v))
	}
	n := s.Len()
	if width := WidthOf(v); width > s.Width() {
		s = append(s, make([]byte, Size(n, width)-len(s))...)
		s.Widen(n, width)
	}
	i, found := s.Find(v)
	if found {
		return s, false
	}
	at := s.Offset(i)
	s = slices.Insert(s, at, make([]byte, s.Width())...)
	s.Put(i, v)
	return s, true
}

func remove(s Set, v int64) (Set, bool) {
	i, found := s.Find(v)
	if !found {
		return s, false
	}
	return slices.Delete(s, s.Offset(i), s.Offset(i+1)), true
}

func TestAgainstSlice(t *testing.T) {
	edges := []int64{
		0, 1, -1, math.MaxInt16, math.MinInt16, math.MaxInt16 + 1, math.MinInt16 - 1,
		math.MaxInt32, math.MinInt32, math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64, math.MinInt64,
	}
	rapid.Check(t, func(t *rapid.T) {
		var s Set
		var want []int64
		value := rapid.OneOf(rapid.SampledFrom(edges), rapid.Int64Range(-20, 20), rapid.Int64())
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			v := value.Draw(t, "v")
			at, has := slices.BinarySearch(want, v)
			if rapid.Bool().Draw(t, "add") {
				var added bool
				if s, added = add(s, v); added == has {
					t.Fatalf("add %d: %v", v, added)
				}
				if !has {
					want = slices.Insert(want, at, v)
				}
			} else {
				var removed bool
				if s, removed = remove(s, v); removed != has {
					t.Fatalf("remove %d: %v", v, removed)
				}
				if has {
					want = slices.Delete(want, at, at+1)
				}
			}
			compare(t, s, want)
		}
	})
}

func compare(t *rapid.T, s Set, want []int64) {
	var got []int64
	for i := range s.Len() {
		got = append(got, s.At(i))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("got %d, want %d", got, want)
	}
	for _, v := range want {
		if WidthOf(v) > s.Width() {
			t.Fatalf("%d is in a set of width %d", v, s.Width())
		}
	}
}

func TestParse(t *testing.T) {
	for _, good := range []string{
		"0", "1", "-1", "10", "32768", "-9223372036854775808", "9223372036854775807", "1000000000000000000",
	} {
		v, ok := Parse([]byte(good))
		if want, _ := strconv.ParseInt(good, 10, 64); !ok || v != want {
			t.Errorf("Parse(%q) = %d, %v", good, v, ok)
		}
	}
	for _, bad := range []string{
		"", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1.0", "a", "0x1", "9223372036854775808",
		"-9223372036854775809", "18446744073709551616", "99999999999999999999", "100000000000000000000",
	} {
		if v, ok := Parse([]byte(bad)); ok {
			t.Errorf("Parse(%q) = %d", bad, v)
		}
	}
}

// FuzzParse: what is kept as a number must be printed as it came.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "-1", "-0", "9223372036854775807", "007", "1e3"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, err := strconv.ParseInt(string(b), 10, 64)
		canonical := err == nil && strconv.FormatInt(want, 10) == string(b)
		if v, ok := Parse(b); ok != canonical || ok && v != want {
			t.Errorf("Parse(%q) = %d, %v", b, v, ok)
		}
	})
}
