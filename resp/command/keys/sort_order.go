package keys

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

var errScore = rediserr.New("One or more scores can't be converted into double")

// sorter brings elements into order.
type sorter struct {
	opt    *sortOptions
	values [][]byte
	// weights are what the elements are sorted by with BY and ALPHA; nil: there
	// is nothing for this element.
	weights [][]byte
	order   []ranked
}

// ranked stands for an element. Elements of different rank have the order of
// their ranks.
type ranked struct {
	rank uint64
	at   int // among the values
}

// sorted returns the values in the order that the options ask for.
func sorted(tx *engine.Tx, values [][]byte, opt *sortOptions) ([][]byte, error) {
	s := sorter{opt: opt, values: values, order: make([]ranked, len(values))}
	if err := s.weigh(tx); err != nil {
		return nil, err
	}
	slices.SortFunc(s.order, s.comparison())
	out := make([][]byte, len(values))
	for i, r := range s.order {
		out[i] = values[r.at]
	}
	return out, nil
}

// weigh finds what each element is sorted by.
func (s *sorter) weigh(tx *engine.Tx) error {
	by := newSortPattern(s.opt.by)
	if s.opt.alpha && s.opt.by != nil {
		s.weights = make([][]byte, len(s.values))
	}
	var mem blocks
	for i, text := range s.values {
		s.order[i] = ranked{rank: s.missingRank(), at: i}
		if s.opt.by != nil {
			v, err := by.follow(tx, text)
			if err != nil {
				return err
			}
			if text = v.bytes(); text == nil {
				continue
			}
			if s.weights != nil {
				s.weights[i] = mem.keep(text)
			}
		}
		if s.opt.alpha {
			s.order[i].rank = textRank(text)
			continue
		}
		score, ok := parseScore(text)
		if !ok {
			return errScore
		}
		s.order[i].rank = numberRank(score)
	}
	return nil
}

// missingRank is the rank of an element without a weight.
func (s *sorter) missingRank() uint64 {
	if s.opt.alpha {
		return 0
	}
	return numberRank(0)
}

// numberRank maps numbers to ranks; the two zeros have the same.
func numberRank(f float64) uint64 {
	const sign = 1 << 63
	if f == 0 {
		return sign
	}
	if f > 0 {
		return math.Float64bits(f) | sign
	}
	return ^math.Float64bits(f)
}

// textRank maps texts to ranks by their first bytes.
func textRank(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var first [8]byte
	copy(first[:], b)
	return binary.BigEndian.Uint64(first[:])
}

// comparison returns the order that the options ask for. Numbers that are equal
// go by the elements; what is equal after all stays in its order.
func (s *sorter) comparison() func(a, b ranked) int {
	sign := 1
	if s.opt.descending() {
		sign = -1
	}
	return func(a, b ranked) int {
		switch {
		case a.rank < b.rank:
			return -sign
		case a.rank > b.rank:
			return sign
		case s.weights == nil:
			return cmp.Or(sign*bytes.Compare(s.values[a.at], s.values[b.at]), a.at-b.at)
		}
		return cmp.Or(sign*compareWeights(s.weights[a.at], s.weights[b.at]), a.at-b.at)
	}
}

// compareWeights puts elements without a weight first.
func compareWeights(a, b []byte) int {
	switch {
	case a == nil && b != nil:
		return -1
	case a != nil && b == nil:
		return 1
	}
	return bytes.Compare(a, b)
}

// spaces are what strtod skips before a number.
const spaces = " \t\n\v\f\r"

// parseScore reads a number as redis-server does for SORT: by strtod, up to the
// end or a zero byte. Nothing at all is 0.
func parseScore(b []byte) (float64, bool) {
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if len(b) == 0 {
		return 0, true
	}
	f, err := command.ParseFloat(bytes.TrimLeft(b, spaces))
	return f, err == nil
}
