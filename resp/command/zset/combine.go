package zset

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of ZUNION and its sisters.
var (
	errWeight        = rediserr.New("weight value is not a float")
	errNegativeLimit = rediserr.New("LIMIT can't be negative")
)

// operation is what is done with several sets.
type operation uint8

const (
	union operation = iota
	inter
	diff
	interCard
)

// combination is a line of ZUNION or one of its sisters.
type combination struct {
	op         operation
	sources    []source
	aggregate  func(a, b float64) float64
	withScores bool
	limit      int64 // of ZINTERCARD; 0: none
}

// source is an input with its weight.
type source struct {
	engine.ZSource
	weight float64
}

// score returns the weighted score; what is no number, as infinity times zero,
// counts as zero.
func (s *source) score(score float64) float64 { return number(s.weight * score) }

func number(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return f
}

// parseCombination reads a line from the number of its keys on, and opens them.
func parseCombination(c *command.Ctx, op operation, at int, stores bool) (q combination, err error) {
	q.op = op
	q.aggregate = sum
	n, err := command.ParseInt(c.Args[at])
	switch {
	case err != nil:
		return q, err
	case n < 1:
		return q, rediserr.Newf("at least 1 input key is needed for '%s' command", c.Command.FullName)
	case n > int64(len(c.Args)-at-1):
		return q, rediserr.Syntax
	}
	first := at + 1
	q.sources = make([]source, n)
	for i := range q.sources {
		q.sources[i].weight = 1
		if q.sources[i].ZSource, err = c.Tx.ZSource(c.Args[first+i]); err != nil {
			return q, err
		}
	}
	return q, q.options(c, first+int(n), stores)
}

func (q *combination) options(c *command.Ctx, from int, stores bool) error {
	scored := q.op == union || q.op == inter
	s := c.Options(from)
	for s.Next() {
		switch word := s.Option(); {
		case word == "WEIGHTS" && scored && s.Left() >= len(q.sources):
			s.Fail(q.weigh(&s))
		case word == "AGGREGATE" && scored && s.Left() > 0:
			q.aggregate = aggregation(s.Arg())
			if q.aggregate == nil {
				s.Fail(rediserr.Syntax)
			}
		case word == "WITHSCORES" && !stores && q.op != interCard:
			q.withScores = true
		case word == "LIMIT" && q.op == interCard && s.Left() > 0:
			var err error
			if q.limit, err = command.ParseInt(s.Arg()); err != nil || q.limit < 0 {
				return errNegativeLimit
			}
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return s.Err()
}

// weigh reads the weights of the sources.
func (q *combination) weigh(s *command.Options) (err error) {
	for i := range q.sources {
		if q.sources[i].weight, err = command.ParseFloat(s.Arg()); err != nil {
			return errWeight
		}
	}
	return nil
}

// aggregation returns what AGGREGATE with this word does, or nil.
func aggregation(word []byte) func(a, b float64) float64 {
	switch {
	case bytes.EqualFold(word, []byte("SUM")):
		return sum
	case bytes.EqualFold(word, []byte("MIN")):
		return lesser
	case bytes.EqualFold(word, []byte("MAX")):
		return greater
	}
	return nil
}

// sum adds; infinities that take each other away leave nothing.
func sum(a, b float64) float64 { return number(a + b) }

// lesser and greater keep a where b is no number.
func lesser(a, b float64) float64 {
	if b < a {
		return b
	}
	return a
}

func greater(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

// heavy returns ErrHeavy where the inputs are too much for an event loop.
func (q *combination) heavy(c *command.Ctx) error {
	total := 0
	for i := range q.sources {
		total += q.sources[i].Len()
	}
	return c.Heavy(total)
}

// run returns the result in order.
func (q *combination) run() []engine.ZEntry {
	var found engine.ZList
	switch q.op {
	case union:
		q.unite(&found)
	case diff:
		q.subtract(&found)
	case inter:
		q.intersect(func(member []byte, score float64) bool {
			found.Add(member, score)
			return true
		})
	}
	slices.SortFunc(found.Entries, func(a, b engine.ZEntry) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), bytes.Compare(a.Member, b.Member))
	})
	return found.Entries
}

// bySize puts the smallest source first.
func (q *combination) bySize() {
	slices.SortStableFunc(q.sources, func(a, b source) int { return cmp.Compare(a.Len(), b.Len()) })
}

func (q *combination) unite(found *engine.ZList) {
	q.bySize()
	places := make(map[string]int, q.sources[len(q.sources)-1].Len())
	for i := range q.sources {
		src := &q.sources[i]
		src.All(func(member []byte, score float64) bool {
			score = src.score(score)
			if at, ok := places[string(member)]; ok {
				e := &found.Entries[at]
				e.Score = q.aggregate(e.Score, score)
				return true
			}
			places[string(member)] = len(found.Entries)
			found.Add(member, score)
			return true
		})
	}
}

// intersect calls fn for the members that all sources have, until it returns
// false.
func (q *combination) intersect(fn func(member []byte, score float64) bool) {
	q.bySize()
	first, others := &q.sources[0], q.sources[1:]
	first.All(func(member []byte, score float64) bool {
		score = first.score(score)
		for i := range others {
			other, ok := others[i].Score(member)
			if !ok {
				return true
			}
			score = q.aggregate(score, others[i].weight*other) // no number is no zero here, as in redis-server
		}
		return fn(member, score)
	})
}

func (q *combination) subtract(found *engine.ZList) {
	first, others := &q.sources[0], q.sources[1:]
	first.All(func(member []byte, score float64) bool {
		for i := range others {
			if _, ok := others[i].Score(member); ok {
				return true
			}
		}
		found.Add(member, score)
		return true
	})
}
