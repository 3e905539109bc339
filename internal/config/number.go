package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// parseBetween reads a decimal number, without a plus or leading zeros, and
// checks its bounds.
func parseBetween(s string, lo, hi int64) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if errors.Is(err, strconv.ErrSyntax) || err == nil && strconv.FormatInt(n, 10) != s {
		return 0, errors.New("argument couldn't be parsed into an integer")
	}
	if err != nil || n < lo || n > hi {
		return 0, errOutside(lo, hi)
	}
	return n, nil
}

func errOutside(lo, hi int64) error {
	return fmt.Errorf("argument must be between %d and %d inclusive", lo, hi)
}

func rangeText(lo, hi int64) string {
	if hi >= math.MaxInt32 {
		return fmt.Sprintf("%d or more", lo)
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}

// units are the suffixes of byte counts: k counts in thousands, kb in 1024s.
var units = []struct {
	suffix string
	bytes  int64
}{
	{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}, {"k", 1e3}, {"m", 1e6}, {"g", 1e9}, {"b", 1}, {"", 1},
}

var errMemory = errors.New("argument must be a memory value")

// parseBytes reads a byte count such as 512, 100mb or 1g.
func parseBytes(s string) (int64, error) {
	lower := strings.ToLower(s)
	for _, u := range units {
		digits, ok := strings.CutSuffix(lower, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || n > math.MaxInt64/uint64(u.bytes) {
			return 0, errMemory
		}
		return int64(n) * u.bytes, nil
	}
	return 0, errMemory
}

func formatBytes(n int64) string { return strconv.FormatInt(n, 10) }

// size is a byte count between lo and hi.
func size(lo, hi int64) codec[int64] {
	parse := func(s string) (int64, error) {
		n, err := parseBytes(s)
		if err == nil && (n < lo || n > hi) {
			err = errOutside(lo, hi)
		}
		return n, err
	}
	return codec[int64]{parse, formatBytes, "bytes, or with kb, mb, gb"}
}

// Share is a byte count, or a part of maxmemory.
type Share struct {
	Bytes   int64 // used if Percent is 0
	Percent int   // of maxmemory, 1 to 100
}

// Of returns the share in bytes; 0 means no limit, as it does where maxmemory
// is 0 and the share is a part of it.
func (s Share) Of(maxmemory int64) int64 {
	if s.Percent > 0 {
		return int64(float64(maxmemory) / 100 * float64(s.Percent))
	}
	return s.Bytes
}

var share = codec[Share]{parseShare, formatShare, "bytes, or a percentage such as 5%"}

func parseShare(s string) (Share, error) {
	errShare := errors.New("argument must be a memory or percent value")
	digits, isPercent := strings.CutSuffix(s, "%")
	if !isPercent {
		n, err := parseBytes(s)
		if err != nil {
			return Share{}, errShare
		}
		return Share{Bytes: n}, nil
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	switch {
	case err != nil:
		return Share{}, errShare
	case n > 100:
		return Share{}, errors.New("percentage argument must be less or equal to 100")
	}
	return Share{Percent: int(n)}, nil
}

func formatShare(s Share) string {
	if s.Percent > 0 {
		return strconv.Itoa(s.Percent) + "%"
	}
	return formatBytes(s.Bytes)
}
