package zset

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of the ends of a range.
var (
	errNotScores  = rediserr.New("min or max is not a float")
	errNotMembers = rediserr.New("min or max not valid string range item")
)

// bounds are the two ends of a range of scores or of members.
type bounds struct{ low, high engine.ZCut }

// scoreBounds reads the ends of a range of scores: "5", "(5" without 5 itself,
// "-inf".
func scoreBounds(low, high []byte) (b bounds, err error) {
	from, notFrom, err := scoreBound(low)
	if err != nil {
		return b, err
	}
	to, notTo, err := scoreBound(high)
	if err != nil {
		return b, err
	}
	b = bounds{engine.ZBefore(from), engine.ZAfter(to)}
	if notFrom {
		b.low = engine.ZAfter(from)
	}
	if notTo {
		b.high = engine.ZBefore(to)
	}
	return b, nil
}

func scoreBound(word []byte) (score float64, exclusive bool, err error) {
	if len(word) > 0 && word[0] == '(' {
		word, exclusive = word[1:], true
	}
	score, err = looseFloat(word)
	return score, exclusive, err
}

// looseFloat reads a number as strtod does where redis-server takes its result
// as it comes: spaces before it, nothing at all for 0, infinity for what is too
// large and 0 for what is too small.
func looseFloat(word []byte) (float64, error) {
	if len(word) == 0 {
		return 0, nil
	}
	for len(word) > 1 && (word[0] == ' ' || word[0] >= '\t' && word[0] <= '\r') {
		word = word[1:]
	}
	f, err := command.ParseFloat(word)
	if err == nil {
		return f, nil
	}
	f, err = strconv.ParseFloat(string(word), 64)
	fits := err == nil && !math.IsNaN(f) || errors.Is(err, strconv.ErrRange)
	if !fits || bytes.IndexByte(word, '_') >= 0 {
		return 0, errNotScores
	}
	return f, nil
}

// memberBounds reads the ends of a range of members: "[a", "(a" without a itself,
// "-" and "+" for the first and the last there can be.
func memberBounds(low, high []byte) (b bounds, err error) {
	var ok, also bool
	b.low, ok = memberBound(low, engine.ZBeforeMember, engine.ZAfterMember)
	b.high, also = memberBound(high, engine.ZAfterMember, engine.ZBeforeMember)
	if !ok || !also {
		return b, errNotMembers
	}
	return b, nil
}

func memberBound(word []byte, inclusive, exclusive func([]byte) engine.ZCut) (cut engine.ZCut, ok bool) {
	if len(word) == 0 {
		return cut, false
	}
	switch rest := word[1:]; word[0] {
	case '-':
		return engine.ZStart(), len(rest) == 0
	case '+':
		return engine.ZEnd(), len(rest) == 0
	case '[':
		return inclusive(rest), true
	case '(':
		return exclusive(rest), true
	}
	return cut, false
}

// ranks turns the first and the last rank of a range, which count from the end if
// they are negative, into ranks from on, below to.
func ranks(start, stop int64, length int) (from, to int) {
	n := int64(length)
	if start < 0 {
		start = max(start+n, 0)
	}
	if stop < 0 {
		stop += n
	}
	stop = min(stop, n-1)
	if start > stop {
		return 0, 0
	}
	return int(start), int(stop) + 1
}
