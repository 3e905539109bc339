package list

import (
	"bytes"
	"math"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of LPOS.
var (
	errRank        = rediserr.New("RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
	errMatches     = rediserr.New("COUNT can't be negative")
	errComparisons = rediserr.New("MAXLEN can't be negative")
)

func searchSpecs() []command.Spec {
	return []command.Spec{{
		Name:  "lpos",
		Arity: -3, Flags: command.ReadOnly, Keys: command.Key(1, command.RO|command.Access), Since: "6.0.6",
		Syntax:     "key element [RANK rank{integer}] [COUNT num-matches{integer}] [MAXLEN len{integer}]",
		Complexity: "O(N) for N elements that are compared",
		Summary:    "Returns at which indexes of a list an element is.", Handler: lpos,
	}}
}

// search is what LPOS is asked for.
type search struct {
	from   engine.Side
	skip   int64 // matches that are passed over
	many   bool  // there is a COUNT
	most   int   // matches that are wanted
	within int   // elements that are compared
}

func lpos(c *command.Ctx) error {
	q, err := parseSearch(c)
	if err != nil {
		return err
	}
	l, err := c.Tx.List(c.Args[1])
	if err != nil {
		return err
	}
	if err := c.Heavy(min(l.Len(), q.within)); err != nil {
		return err
	}
	if q.many {
		var matches []int
		q.run(&l, c.Args[2], func(i int) { matches = append(matches, i) })
		c.Out.Array(len(matches))
		for _, i := range matches {
			c.Out.Int(int64(i))
		}
		return nil
	}
	match := -1
	q.run(&l, c.Args[2], func(i int) { match = i })
	if match < 0 {
		c.Out.Null()
		return nil
	}
	c.Out.Int(int64(match))
	return nil
}

// run calls found with the index of each match.
func (q search) run(l *engine.List, element []byte, found func(i int)) {
	n := l.Len()
	if n == 0 {
		return
	}
	i, step := end(l, q.from), 1
	if q.from == engine.Right {
		step = -1
	}
	l.Range(i, min(n, q.within), q.from, func(v []byte) bool {
		if bytes.Equal(v, element) {
			if q.skip--; q.skip < 0 {
				found(i)
				q.most--
			}
		}
		i += step
		return q.most > 0
	})
}

// parseSearch reads the options of LPOS, which may be repeated: the last one
// counts.
func parseSearch(c *command.Ctx) (search, error) {
	q := search{most: 1, within: math.MaxInt}
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "RANK":
			q.rank(&s)
		case "COUNT":
			q.many, q.most = true, limit(&s, errMatches)
		case "MAXLEN":
			q.within = limit(&s, errComparisons)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return q, s.Err()
}

// rank reads which match is the first one that counts; below zero it is looked for
// from the right. The least number of all has no counterpart above zero, and
// redis-server takes it for -1.
func (q *search) rank(s *command.Options) {
	n := s.Int()
	if s.Err() != nil {
		return
	}
	q.from = engine.Left
	switch {
	case n == 0:
		s.Fail(errRank)
	case n == math.MinInt64:
		q.from, n = engine.Right, 1
	case n < 0:
		q.from, n = engine.Right, -n
	}
	q.skip = n - 1
}

// limit reads a number that is not negative; 0 is no limit.
func limit(s *command.Options, wrong *rediserr.Error) int {
	arg := s.Arg()
	if s.Err() != nil {
		return 0
	}
	n, err := command.ParseInt(arg)
	switch {
	case err != nil || n < 0:
		s.Fail(wrong)
	case n == 0:
		return math.MaxInt
	}
	return int(n)
}
