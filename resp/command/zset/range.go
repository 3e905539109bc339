package zset

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of options that do not go together.
var (
	errLimitOfRanks = rediserr.New("syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	errScoresByLex  = rediserr.New("syntax error, WITHSCORES not supported in combination with BYLEX")
)

func rangeSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "zrange", Arity: -4, Flags: command.ReadOnly, Keys: command.Key(1, command.RO|command.Access),
			Syntax: "key start stop [BYSCORE | BYLEX]{sortby,@6.2.0} [REV]{@6.2.0} [LIMIT (offset count){offset_count}]{@6.2.0} " +
				"[WITHSCORES]",
			Since: "1.2.0", Complexity: logNPlusM,
			Summary: "Returns members by their ranks, by their scores or by their names.",
			History: []command.Change{{Version: "6.2.0", Text: "Takes `REV`, `BYSCORE`, `BYLEX` and `LIMIT`."}},
			Handler: zrange,
		},
		{
			Name: "zrangestore", Arity: -5, Flags: command.Write | command.DenyOOM,
			Syntax: "dst src min max [BYSCORE | BYLEX]{sortby} [REV] [LIMIT (offset count){offset_count}]",
			Keys:   command.Keys(command.Key(1, command.OW|command.Update), command.Key(2, command.RO|command.Access)),
			Since:  "6.2.0", Complexity: logNPlusM,
			Summary: "Stores a range of members in another key.", Handler: zrangestore,
		},
	}
}

// by is what a range is measured in.
type by uint8

const (
	byRank by = iota
	byScore
	byMember
)

// query is a range of members and how to return it.
type query struct {
	by          by
	order       engine.Order
	start, stop int64 // of ranks
	bounds      bounds
	offset      int64
	count       int64 // negative: all
	withScores  bool
}

// fixed says which options of a range a command's name has decided already.
type fixed uint8

const (
	fixedKind  fixed = 1 << iota // what it is measured in
	fixedOrder                   // its order
	noScores                     // it has no scores to return
)

// parse reads the ends of the range at argument at and the options behind them.
func (q *query) parse(c *command.Ctx, at int, have fixed) error {
	if err := q.options(c, at+2, have); err != nil {
		return err
	}
	low, high := c.Args[at], c.Args[at+1]
	if q.order == engine.Descending && q.by != byRank {
		low, high = high, low
	}
	var err error
	switch q.by {
	case byScore:
		q.bounds, err = scoreBounds(low, high)
	case byMember:
		q.bounds, err = memberBounds(low, high)
	default:
		if q.start, err = command.ParseInt(low); err == nil {
			q.stop, err = command.ParseInt(high)
		}
	}
	return err
}

func (q *query) options(c *command.Ctx, from int, have fixed) error {
	q.count = -1
	s := c.Options(from)
	for s.Next() {
		switch word := s.Option(); {
		case word == "WITHSCORES" && have&noScores == 0:
			q.withScores = true
		case word == "LIMIT" && s.Left() >= 2:
			q.offset, q.count = s.Int(), s.Int()
		case word == "REV" && have&fixedOrder == 0 && q.order == engine.Ascending:
			q.order = engine.Descending
		case word == "BYSCORE" && have&fixedKind == 0 && q.by == byRank:
			q.by = byScore
		case word == "BYLEX" && have&fixedKind == 0 && q.by == byRank:
			q.by = byMember
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	switch err := s.Err(); {
	case err != nil:
		return err
	case q.by == byRank && q.count != -1:
		return errLimitOfRanks
	case q.by == byMember && q.withScores:
		return errScoresByLex
	}
	return nil
}

// find returns the ranks of the range in a set: from on, below to.
func (q *query) find(z *engine.ZSet) (from, to int) {
	n := z.Len()
	if q.by == byRank {
		from, to = ranks(q.start, q.stop, n)
		if q.order == engine.Descending {
			from, to = n-to, n-from
		}
		return from, to
	}
	from, to = z.Between(q.bounds.low, q.bounds.high)
	length := int64(to - from)
	if q.offset < 0 || q.offset >= length {
		return 0, 0
	}
	count := length - q.offset
	if q.count >= 0 {
		count = min(count, q.count)
	}
	if q.order == engine.Descending {
		to -= int(q.offset)
		return to - int(count), to
	}
	from += int(q.offset)
	return from, from + int(count)
}

func zrange(c *command.Ctx) error { return writeRange(c, query{}, 0) }

// writeRange implements ZRANGE and its older sisters.
func writeRange(c *command.Ctx, q query, have fixed) error {
	if err := q.parse(c, 2, have); err != nil {
		return err
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	from, to := q.find(&z)
	if err := c.Heavy(to - from); err != nil {
		return err
	}
	begin(c, to-from, q.withScores)
	z.Range(from, to, q.order, func(member []byte, score float64) bool {
		writeMember(c, member, score, q.withScores)
		return true
	})
	return nil
}

func zrangestore(c *command.Ctx) error {
	var q query
	if err := q.parse(c, 3, noScores); err != nil {
		return err
	}
	z, err := c.Tx.ZSet(c.Args[2])
	if err != nil {
		return err
	}
	from, to := q.find(&z)
	if err := c.Heavy(to - from); err != nil {
		return err
	}
	var found engine.ZList
	z.Range(from, to, engine.Ascending, func(member []byte, score float64) bool {
		found.Add(member, score)
		return true
	})
	c.Tx.ReplaceZSet(c.Args[1], found.Entries, limits(c), "zrangestore")
	c.Out.Int(int64(len(found.Entries)))
	return nil
}
