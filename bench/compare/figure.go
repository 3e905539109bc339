package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// series is what one row gave for one server, a value for each round.
type series []float64

// median returns the middle value, or NaN if there is none.
func (s series) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// spread shows the smallest and the largest value.
func (s series) spread() string {
	if len(s) < 2 {
		return ""
	}
	return short(slices.Min(s)) + "–" + short(slices.Max(s))
}

// short writes a figure with three digits, or all that stand before the point.
func short(f float64) string {
	switch size := math.Abs(f); {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return "–"
	case size >= 1000:
		return thousands(int64(math.Round(f)))
	case size >= 100 || f == 0:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case size >= 10:
		return strconv.FormatFloat(f, 'f', 1, 64)
	case size >= 0.01:
		return strconv.FormatFloat(f, 'f', 2, 64)
	}
	return strconv.FormatFloat(f, 'g', 2, 64)
}

// thousands writes n with a comma after every third digit from the right.
func thousands(n int64) string {
	if n < 0 {
		return "-" + thousands(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// judge is how a row is compared with its mark.
type judge string

const (
	unjudged     judge = ""              // the figure is for information
	ratioAtMost  judge = "ratio ≤"       // kvd ÷ redis-server
	ratioAtLeast judge = "ratio ≥"       // kvd ÷ redis-server
	valueAtMost  judge = "at most"       // kvd alone
	belowPeer    judge = "below Redis's" // kvd ÷ redis-server < 1
)

// mark is what kvd has to reach in a row.
type mark struct {
	Judge judge
	Limit float64
}

// String is the mark as the table shows it.
func (m mark) String() string {
	switch m.Judge {
	case unjudged:
		return ""
	case belowPeer:
		return string(belowPeer)
	case ratioAtMost, ratioAtLeast, valueAtMost:
	}
	return string(m.Judge) + " " + short(m.Limit)
}

// verdict is whether a mark is met.
type verdict string

const (
	met     verdict = "yes"
	missed  verdict = "**no**"
	unknown verdict = ""
)

// of judges the medians of kvd and of redis-server; NaN is what was not measured.
func (m mark) of(kvd, redis float64) verdict {
	value, limit := kvd/redis, m.Limit
	switch m.Judge {
	case unjudged:
		return unknown
	case valueAtMost:
		value = kvd
	case belowPeer:
		limit = 1
	case ratioAtMost, ratioAtLeast:
	}
	good := value <= limit
	switch {
	case math.IsNaN(value):
		return unknown
	case m.Judge == ratioAtLeast:
		good = value >= limit
	case m.Judge == belowPeer:
		good = value < limit
	}
	if good {
		return met
	}
	return missed
}
