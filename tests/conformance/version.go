package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parseVersion reads numbers with dots between them.
func parseVersion(s string) ([]int, error) {
	var v []int
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, fmt.Errorf("%q is no version", s)
		}
		v = append(v, n)
	}
	return v, nil
}

// older reports whether a version is older than another; nothing is older than
// what is no version.
func older(a, b string) bool {
	x, errX := parseVersion(a)
	y, errY := parseVersion(b)
	return errX == nil && errY == nil && slices.Compare(x, y) < 0
}
