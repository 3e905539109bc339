package stats

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	sparkWidth = 80 // samples on one line
	sparkRows  = 4
	sparkSteps = "_o#" // of one row, lowest first
)

// Spark draws samples as columns of characters, oldest first, with their ages
// written downwards below them.
func Spark(samples []LatencySample, now int64) string {
	low, high := Extremes(samples)
	var b strings.Builder
	for len(samples) > 0 {
		n := min(len(samples), sparkWidth)
		drawColumns(&b, samples[:n], low, high)
		drawAges(&b, samples[:n], now)
		samples = samples[n:]
	}
	return b.String()
}

// Extremes returns the shortest and the longest time of the samples.
func Extremes(samples []LatencySample) (low, high int64) {
	for i, s := range samples {
		if i == 0 {
			low = s.Took
		}
		low, high = min(low, s.Took), max(high, s.Took)
	}
	return low, high
}

func drawColumns(b *strings.Builder, samples []LatencySample, low, high int64) {
	const perRow = int64(len(sparkSteps))
	const steps = sparkRows * perRow
	span := max(1, high-low)
	for row := int64(sparkRows - 1); row >= 0; row-- {
		for _, s := range samples {
			step := min((s.Took-low)*steps/span, steps-1) - row*perRow
			switch {
			case step < 0:
				b.WriteByte(' ')
			case step < perRow:
				b.WriteByte(sparkSteps[step])
			default:
				b.WriteByte('|')
			}
		}
		b.WriteByte('\n')
	}
}

func drawAges(b *strings.Builder, samples []LatencySample, now int64) {
	ages := make([]string, len(samples))
	longest := 0
	for i, s := range samples {
		ages[i] = age(now - s.At)
		longest = max(longest, len(ages[i]))
	}
	line := bytes.Repeat([]byte{' '}, len(samples))
	b.Write(append(line, '\n'))
	for at := range longest {
		for _, text := range ages {
			if at < len(text) {
				b.WriteByte(text[at])
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
}

// age spells seconds in the largest unit that they reach.
func age(seconds int64) string {
	const minute, hour, day = 60, 60 * 60, 24 * 60 * 60
	switch {
	case seconds < minute:
		return strconv.FormatInt(seconds, 10) + "s"
	case seconds < hour:
		return strconv.FormatInt(seconds/minute, 10) + "m"
	case seconds < day:
		return strconv.FormatInt(seconds/hour, 10) + "h"
	}
	return strconv.FormatInt(seconds/day, 10) + "d"
}
