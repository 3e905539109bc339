package geo

import "math"

// trig is a set of trigonometric functions.
type trig struct{ sin, cos, asin func(float64) float64 }

var (
	// quick functions may be wrong in the last digit.
	quick = trig{math.Sin, math.Cos, math.Asin}
	// exact functions are not: they take ten times as long.
	exact = trig{exactSin, exactCos, exactAsin}
)

// wide is a number of about 106 bits, the sum of two that do not overlap. (T. J.
// Dekker, "A floating-point technique for extending the available precision",
// 1971)
type wide struct{ hi, lo float64 }

var halfPi = wide{math.Pi / 2, 6.123233995736766e-17}

// normal returns a+b, where b is the smaller one.
func normal(a, b float64) wide {
	s := a + b
	return wide{s, b - (s - a)}
}

func (a wide) add(b wide) wide {
	s := a.hi + b.hi
	part := s - a.hi
	rest := (a.hi - (s - part)) + (b.hi - part)
	return normal(s, rest+(a.lo+b.lo))
}

func (a wide) mul(b wide) wide {
	p := a.hi * b.hi
	return normal(p, math.FMA(a.hi, b.hi, -p)+(a.hi*b.lo+a.lo*b.hi))
}

func (a wide) div(n float64) wide {
	q := a.hi / n
	return normal(q, (math.FMA(-q, n, a.hi)+a.lo)/n)
}

// series adds up the Taylor series of the sine, whose first term is x, or the
// cosine, whose first term is 1; first is the factorial that divides it, 1 or 0.
func series(x, term wide, first float64) wide {
	sum, square := term, x.mul(x)
	for n := first + 1; math.Abs(term.hi) > math.Abs(sum.hi)*0x1p-110; n += 2 {
		term = term.mul(square).div(-n * (n + 1))
		sum = sum.add(term)
	}
	return sum
}

// wideSin returns the sine of x plus some quarters of a circle.
func wideSin(x float64, quarters int) wide {
	k := math.Round(x / halfPi.hi)
	rest := wide{x, 0}.add(wide{-k * halfPi.hi, -k * halfPi.lo})
	var s wide
	quarters += int(k)
	if quarters%2 == 0 {
		s = series(rest, rest, 1)
	} else {
		s = series(rest, wide{1, 0}, 0)
	}
	if quarters&2 != 0 {
		s = wide{-s.hi, -s.lo}
	}
	return s
}

func exactSin(x float64) float64 { return wideSin(x, 0).hi }
func exactCos(x float64) float64 { return wideSin(x, 1).hi }

// exactAsin corrects the quick result by what its sine is off.
func exactAsin(x float64) float64 {
	y := math.Asin(x)
	c := math.Cos(y)
	if c == 0 || math.IsNaN(c) {
		return y
	}
	s := wideSin(y, 0)
	return y + ((x-s.hi)-s.lo)/c
}
