package zset

import (
	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of ZADD.
var (
	errNXAndXX  = rediserr.New("XX and NX options at the same time are not compatible")
	errGTAndLT  = rediserr.New("GT, LT, and/or NX options at the same time are not compatible")
	errIncrMany = rediserr.New("INCR option supports a single increment-element pair")
)

func addSpecs() []command.Spec {
	return []command.Spec{
		{
			Name: "zadd", Arity: -4, Flags: command.Write | command.DenyOOM | command.Fast,
			Syntax: "key [NX | XX]{condition,@3.0.2} [GT | LT]{comparison,@6.2.0} [CH]{change,@3.0.2} " +
				"[INCR]{increment,@3.0.2} score member [score member ...]{score_member}",
			Keys: command.Key(1, command.RW|command.Update), Since: "1.2.0", SlowArgs: slowWords,
			Complexity: "O(log(N)) for each member, where N is the number of members",
			Summary:    "Gives members of a sorted set their scores.",
			History: []command.Change{
				{Version: "2.4.0", Text: "Takes several members."},
				{Version: "3.0.2", Text: "Takes `XX`, `NX`, `CH` and `INCR`."},
				{Version: "6.2.0", Text: "Takes `GT` and `LT`."},
			},
			Handler: zadd,
		},
		{
			Name: "zincrby", Syntax: "key increment{integer} member", Arity: 4,
			Flags: command.Write | command.DenyOOM | command.Fast,
			Keys:  command.Key(1, command.RW|command.Access|command.Update), Since: "1.2.0", Complexity: logN,
			Summary: "Adds to the score of a member.", Handler: zincrby,
		},
		{
			Name: "zrem", Syntax: "key member [member ...]", Arity: -3, Flags: command.Write | command.Fast,
			Keys: command.Key(1, command.RW|command.Delete), Since: "1.2.0", SlowArgs: slowWords,
			Complexity: "O(M*log(N)) where N is the number of members and M of those to remove",
			Summary:    "Removes members.", History: []command.Change{{Version: "2.4.0", Text: "Takes several members."}},
			Handler: zrem,
		},
	}
}

// addition is a line of ZADD or ZINCRBY.
type addition struct {
	nx, xx, gt, lt, ch, incr bool
	pairs                    [][]byte // score, member, score, member …
}

// parseAddition reads a line; incr is set for ZINCRBY, which like redis-server
// takes the options too, though they leave it no room for a member.
func parseAddition(c *command.Ctx, incr bool) (a addition, err error) {
	a.incr = incr
	at := 2
	for at < len(c.Args) && a.option(c.Args[at]) {
		at++
	}
	a.pairs = c.Args[at:]
	switch {
	case len(a.pairs) == 0 || len(a.pairs)%2 != 0:
		return a, rediserr.Syntax
	case a.nx && a.xx:
		return a, errNXAndXX
	case a.gt && a.nx || a.lt && a.nx || a.gt && a.lt:
		return a, errGTAndLT
	case a.incr && len(a.pairs) > 2:
		return a, errIncrMany
	}
	return a, nil
}

// option reads a word that may be an option, and reports whether it is.
func (a *addition) option(word []byte) bool {
	var small [4]byte
	if len(word) > len(small) {
		return false
	}
	for i, b := range word {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		small[i] = b
	}
	switch string(small[:len(word)]) {
	case "nx":
		a.nx = true
	case "xx":
		a.xx = true
	case "gt":
		a.gt = true
	case "lt":
		a.lt = true
	case "ch":
		a.ch = true
	case "incr":
		a.incr = true
	default:
		return false
	}
	return true
}

func (a *addition) rule() (r engine.ZRule) {
	if a.nx {
		r |= engine.ZIfMissing
	}
	if a.xx {
		r |= engine.ZIfPresent
	}
	if a.gt {
		r |= engine.ZIfGreater
	}
	if a.lt {
		r |= engine.ZIfLess
	}
	return r
}

func zadd(c *command.Ctx) error { return add(c, false) }

func zincrby(c *command.Ctx) error { return add(c, true) }

// fewPairs is how many pairs ZADD handles without memory of its own.
const fewPairs = 16

// add implements ZADD and ZINCRBY.
func add(c *command.Ctx, incr bool) error {
	a, err := parseAddition(c, incr)
	if err != nil {
		return err
	}
	var few [fewPairs]engine.ZEntry
	entries := few[:0]
	for i := 0; i < len(a.pairs); i += 2 {
		score, err := command.ParseFloat(a.pairs[i])
		if err != nil {
			return err
		}
		entries = append(entries, engine.ZEntry{Member: a.pairs[i+1], Score: score})
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	if a.incr {
		return increment(c, &z, entries[0], a.rule())
	}
	added, changed := z.Add(entries, a.rule(), limits(c))
	if a.ch {
		added += changed
	}
	c.Out.Int(int64(added))
	return nil
}

// increment is ZADD with INCR.
func increment(c *command.Ctx, z *engine.ZSet, e engine.ZEntry, rule engine.ZRule) error {
	score, ok, err := z.Increment(e.Member, e.Score, rule, limits(c))
	switch {
	case err != nil:
		return err
	case ok:
		c.Out.Double(score)
	default:
		c.Out.Null()
	}
	return nil
}

func zrem(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Int(int64(z.Remove(c.Args[2:])))
	return nil
}
