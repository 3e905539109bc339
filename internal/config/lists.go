package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SavePoint is one pair of the save option.
type SavePoint struct {
	After   time.Duration // at most this long after
	Changes int           // this many changes
}

var savePoints = list[[]SavePoint]{
	parse:  parseSavePoints,
	format: formatSavePoints,
	allow:  `pairs of seconds and changes, or ""`,
	split: func(points []SavePoint) [][]string {
		if len(points) == 0 {
			return [][]string{{""}}
		}
		var lines [][]string
		for _, p := range points {
			lines = append(lines, strings.Fields(p.String()))
		}
		return lines
	},
}

// String is the pair as in a file.
func (p SavePoint) String() string {
	return fmt.Sprintf("%d %d", int64(p.After/time.Second), p.Changes)
}

// parseSavePoints adds to what earlier lines said; an empty list clears it.
func parseSavePoints(old []SavePoint, words []string) ([]SavePoint, error) {
	if len(words)%2 != 0 {
		return nil, errors.New("Invalid save parameters") //nolint:staticcheck // the text of redis-server
	}
	if len(words) == 0 {
		return nil, nil
	}
	points := old
	for pair := range slices.Chunk(words, 2) {
		after, err := duration(time.Second, 1, 1<<31-1).parse(pair[0])
		changes, err2 := parseBetween(pair[1], 0, 1<<31-1)
		if err != nil || err2 != nil {
			return nil, errors.New("Invalid save parameters") //nolint:staticcheck // the text of redis-server
		}
		points = append(points, SavePoint{After: after, Changes: int(changes)})
	}
	return points, nil
}

func formatSavePoints(points []SavePoint) string {
	pairs := make([]string, len(points))
	for i, p := range points {
		pairs[i] = p.String()
	}
	return strings.Join(pairs, " ")
}

// BufferLimit is how much output may wait for one client. 0 means no limit.
type BufferLimit struct {
	Hard int64         // bytes at which the client is closed at once
	Soft int64         // bytes above which it may stay for Time only
	Time time.Duration // whole seconds
}

// BufferLimits is one limit for each kind of client.
type BufferLimits struct {
	Normal, Replica, PubSub BufferLimit
}

// class finds the limit of a client class; slave is the old name of replica.
func (b *BufferLimits) class(name string) *BufferLimit {
	switch strings.ToLower(name) {
	case "normal":
		return &b.Normal
	case "replica", "slave":
		return &b.Replica
	case "pubsub":
		return &b.PubSub
	}
	return nil
}

var bufferLimits = list[BufferLimits]{
	parse:  parseBufferLimits,
	format: func(b BufferLimits) string { return strings.Join(bufferLines(b), " ") },
	allow:  "class, hard bytes, soft bytes, soft seconds; class is normal, replica or pubsub",
	split: func(b BufferLimits) [][]string {
		var lines [][]string
		for _, line := range bufferLines(b) {
			lines = append(lines, strings.Fields(line))
		}
		return lines
	},
}

func bufferLines(b BufferLimits) []string {
	line := func(class string, l BufferLimit) string {
		return fmt.Sprintf("%s %d %d %d", class, l.Hard, l.Soft, int64(l.Time/time.Second))
	}
	return []string{line("normal", b.Normal), line("slave", b.Replica), line("pubsub", b.PubSub)}
}

// parseBufferLimits changes the classes it is given and leaves the others.
func parseBufferLimits(b BufferLimits, words []string) (BufferLimits, error) {
	if len(words) == 0 || len(words)%4 != 0 {
		return b, errors.New("Wrong number of arguments in buffer limit configuration.") //nolint:staticcheck,revive // the text of redis-server
	}
	for w := range slices.Chunk(words, 4) {
		limit := b.class(w[0])
		if limit == nil {
			return b, errors.New("Invalid client class specified in buffer limit configuration.") //nolint:staticcheck,revive // the text of redis-server
		}
		hard, err := parseBytes(w[1])
		soft, err2 := parseBytes(w[2])
		seconds, err3 := duration(time.Second, 0, 1<<31-1).parse(w[3])
		if errors.Join(err, err2, err3) != nil {
			return b, errors.New("Error in hard, soft or soft_seconds setting in buffer limit configuration.") //nolint:staticcheck,revive // the text of redis-server
		}
		*limit = BufferLimit{Hard: hard, Soft: soft, Time: seconds}
	}
	return b, nil
}

// addresses is a list of hosts to listen on.
var addresses = list[[]string]{
	parse: func(_, words []string) ([]string, error) {
		if len(words) > 16 {
			return nil, errors.New("too many bind addresses specified, 16 is the most")
		}
		return slices.Clone(words), nil
	},
	format: func(hosts []string) string { return strings.Join(hosts, " ") },
	allow:  "up to 16 addresses",
}

// tlsVersions is a list of protocol versions; older ones are not offered.
var tlsVersions = list[[]string]{
	parse: func(_, words []string) ([]string, error) {
		var versions []string
		for _, w := range words {
			v, err := enum("TLSv1.2", "TLSv1.3").parse(w)
			if err != nil {
				return nil, err
			}
			versions = append(versions, v)
		}
		return versions, nil
	},
	format: func(versions []string) string { return strings.Join(versions, " ") },
	allow:  "TLSv1.2, TLSv1.3, or empty for both",
}

// percentiles is a list of numbers from 0 to 100.
var percentiles = list[[]float64]{
	parse:  parsePercentiles,
	format: formatPercentiles,
	allow:  "numbers from 0 to 100",
}

func parsePercentiles(_ []float64, words []string) ([]float64, error) {
	var all []float64
	for _, w := range words {
		p, err := strconv.ParseFloat(w, 64)
		switch {
		case err != nil:
			return nil, errors.New("Invalid latency-tracking-info-percentiles parameters") //nolint:staticcheck // the text of redis-server
		case !(p >= 0 && p <= 100): // so that NaN is refused too
			return nil, errors.New("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
		}
		all = append(all, p)
	}
	return all, nil
}

func formatPercentiles(all []float64) string {
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = strconv.FormatFloat(p, 'g', -1, 64)
	}
	return strings.Join(words, " ")
}
