package geo

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Places and what redis-server says of them.
var known = []struct {
	place Point
	hash  Hash
	text  string
}{
	{Point{13.361389, 38.115556}, 3479099956230698, "sqc8b49rny0"},
	{Point{15.087269, 37.502669}, 3479447370796909, "sqdtr74hyu0"},
}

func TestKnownPlaces(t *testing.T) {
	for _, k := range known {
		if got := Encode(k.place); got != k.hash {
			t.Errorf("%v has hash %d, want %d", k.place, got, k.hash)
		}
		if got := k.hash.Text(); string(got[:]) != k.text {
			t.Errorf("%v is %s, want %s", k.place, got, k.text)
		}
	}
	if got := Distance(known[0].hash.Point(), known[1].hash.Point()); math.Abs(got-166274.1516) > 0.0001 {
		t.Errorf("%v meters", got)
	}
}

var places = rapid.Custom(func(t *rapid.T) Point {
	return Point{rapid.Float64Range(-maxLon, maxLon).Draw(t, "lon"), rapid.Float64Range(-maxLat, maxLat).Draw(t, "lat")}
})

// TestHashIsNearItsPlace: a hash gives a place back that is at most half a cell
// away and has the same hash.
func TestHashIsNearItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := places.Draw(t, "place")
		h := Encode(p)
		got := h.Point()
		const half = maxLon / (1 << steps) * 1.001
		if math.Abs(got.Lon-p.Lon) > half || math.Abs(got.Lat-p.Lat) > half || Encode(got) != h && h < 1<<HashBits {
			t.Fatalf("%v becomes %v", p, got)
		}
	})
}

func TestAnyHashIsSafe(t *testing.T) {
	for _, h := range []Hash{0, 1 << 52, math.MaxUint64, math.MaxInt64} {
		if p := h.Point(); !p.Valid() {
			t.Errorf("%d is at %v", h, p)
		}
		h.Text()
	}
}

// TestCover: what is in a shape is in one of the ranges that cover it, as long as
// the shape stays within the map.
func TestCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		center := Point{rapid.Float64Range(-150, 150).Draw(t, "lon"), rapid.Float64Range(-60, 60).Draw(t, "lat")}
		size := math.Pow(10, rapid.Float64Range(0, 5.5).Draw(t, "size"))
		s := Circle(center, size, 1)
		if rapid.Bool().Draw(t, "box") {
			s = Box(center, size, size/3, 1)
		}
		ranges := s.Cover(nil)
		if len(ranges) == 0 || len(ranges) > MaxRanges {
			t.Fatalf("%d ranges", len(ranges))
		}
		reach := degrees(size / earthRadius)
		for range 50 {
			p := Point{
				center.Lon + rapid.Float64Range(-2, 2).Draw(t, "east")*reach,
				center.Lat + rapid.Float64Range(-1, 1).Draw(t, "north")*reach,
			}
			h := Encode(p)
			if _, inside := s.Distance(h.Point()); inside && !covered(ranges, h) {
				t.Fatalf("%v is %v meters from %v, but not covered", p, Distance(p, center), center)
			}
		}
	})
}

func covered(ranges []Range, h Hash) bool {
	for _, r := range ranges {
		if h >= r.From && h < r.To {
			return true
		}
	}
	return false
}

func TestBoxIsNoCircle(t *testing.T) {
	center := Point{15, 37}
	corner := Point{15.9, 37.7}
	box, circle := Box(center, 200, 200, 1000), Circle(center, 100, 1000)
	if _, inside := box.Distance(corner); !inside {
		t.Error("the corner is not in the box")
	}
	if _, inside := circle.Distance(corner); inside {
		t.Error("the corner is in the circle")
	}
	if box.Unit() != 1000 {
		t.Errorf("a unit has %v meters", box.Unit())
	}
}

// TestExactFunctions compares with Taylor series of 300 bits.
func TestExactFunctions(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	wrong, quickWrong := 0, 0
	for range 2000 {
		x := rng.Float64()*6.28 - 3.14
		want := slowSin(x)
		if exactSin(x) != want {
			wrong++
		}
		if math.Sin(x) != want {
			quickWrong++
		}
		if got, back := exactCos(x), math.Cos(x); math.Abs(got-back) > 3e-16 {
			t.Fatalf("the cosine of %v is %v, not %v", x, got, back)
		}
		y := rng.Float64()
		if got := exactAsin(y); math.Abs(got-math.Asin(y)) > 5e-16 || math.Abs(slowSin(got)-y) > 2e-16 {
			t.Fatalf("the arc sine of %v is %v", y, got)
		}
	}
	if wrong > 0 || quickWrong == 0 {
		t.Errorf("%d sines are wrong, and %d of the quick ones", wrong, quickWrong)
	}
	if exactAsin(1) != math.Pi/2 || exactAsin(0) != 0 || exactSin(0) != 0 || exactCos(0) != 1 {
		t.Error("wrong at the ends")
	}
}

func slowSin(x float64) float64 {
	number := func(f float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(f) }
	sum, term := number(x), number(x)
	square := number(0).Mul(term, term)
	for n := 2.0; n < 80; n += 2 {
		term.Mul(term, square)
		term.Quo(term, number(-n*(n+1)))
		sum.Add(sum, term)
	}
	f, _ := sum.Float64()
	return f
}

func TestExactDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := places.Draw(t, "a"), places.Draw(t, "b")
		s := Circle(a, 1, 1)
		quickly, exactly := Distance(a, b), s.Exact(b)
		// Near the other side of the earth the formula is ill-conditioned.
		if limit := 1e-9 + exactly*1e-12; math.Abs(quickly-exactly) > limit && exactly < 19_000_000 {
			t.Fatalf("%v and %v", quickly, exactly)
		}
	})
}

func TestNoGarbage(t *testing.T) {
	s := Circle(Point{15, 37}, 200, 1000)
	var ranges [MaxRanges]Range
	if n := testing.AllocsPerRun(100, func() {
		s.Cover(ranges[:0])
		s.Distance(Encode(Point{15, 38}).Point())
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDistance(b *testing.B) {
	s := Circle(Point{15, 37}, 200, 1000)
	b.Run("quick", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			s.Distance(Hash(3479099956230698 + i).Point())
		}
	})
	b.Run("exact", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			s.Exact(Hash(3479099956230698 + i).Point())
		}
	})
}
