package hll

import "math"

// Count estimates how many different elements b has counted.
func Count(b []byte) (uint64, error) {
	var h histogram
	if IsDense(b) {
		eachGroup(b[headerSize:], h.addGroup)
		return h.estimate(), nil
	}
	err := eachRun(b[headerSize:], func(_, n int, rank byte) { h[rank] += n })
	if err != nil {
		return 0, err
	}
	return h.estimate(), nil
}

// histogram is how many registers have each rank.
type histogram [1 << registerBits]int

func (h *histogram) addGroup(_ int, ranks uint64) {
	if ranks == 0 {
		h[0] += group
		return
	}
	const mask = 1<<registerBits - 1
	for i := 0; i < group; i++ {
		h[ranks&mask]++
		ranks >>= registerBits
	}
}

// alpha is 1 / (2 ln 2), the bias of the harmonic mean.
const alpha = 0.721347520444481703680

// estimate is Ertl's improved raw estimator. It needs no correction by ranges.
func (h *histogram) estimate() uint64 {
	const m, q = float64(Registers), maxRank - 1
	z := m * tau((m-float64(h[q+1]))/m)
	for k := q; k >= 1; k-- {
		z = (z + float64(h[k])) * 0.5
	}
	z += m * sigma(float64(h[0])/m)
	return uint64(math.Round(alpha * m * m / z))
}

// sigma is the sum of x^(2^k) 2^(k-1), plus x: what the empty registers say.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	z, y := x, 1.0
	for {
		x *= x
		before := z
		z += float64(x * y) // rounded here, so that all machines agree
		y += y
		if z == before {
			return z
		}
	}
}

// tau is what the registers that are full say.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	z, y := 1-x, 1.0
	for {
		x = math.Sqrt(x)
		before := z
		y *= 0.5
		z -= float64((1 - x) * (1 - x) * y)
		if z == before {
			return z / 3
		}
	}
}
