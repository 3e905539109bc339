package zset

import (
	"math"
	"math/rand/v2"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of the count of ZRANDMEMBER: it must have a counterpart of the other
// sign, and with scores twice of it must fit too.
var (
	errRandomCount  = rediserr.New("value is out of range, value must between -9223372036854775807 and 9223372036854775807")
	errRandomScores = rediserr.New("value is out of range")
)

func randomSpecs() []command.Spec {
	return []command.Spec{{
		Name: "zrandmember", Syntax: "key [count [WITHSCORES]]{options}", Arity: -2, Flags: command.ReadOnly,
		Keys: command.Key(1, command.RO|command.Access), Since: "6.2.0",
		Complexity: "O(M*log(N)) where N is the number of members and M of those returned",
		Summary:    "Returns members chosen at random.",
		Tips:       []string{"nondeterministic_output"}, Handler: zrandmember,
	}}
}

func zrandmember(c *command.Ctx) error {
	if len(c.Args) == 2 {
		return randomOne(c)
	}
	count, err := command.ParseInt(c.Args[2])
	switch {
	case err != nil:
		return err
	case count == math.MinInt64:
		return errRandomCount
	case len(c.Args) > 4:
		return rediserr.Syntax
	}
	withScores := len(c.Args) == 4
	s := c.Options(3)
	if s.Next() && s.Option() != "WITHSCORES" {
		return rediserr.Syntax
	}
	if withScores && (count < -math.MaxInt64/2 || count > math.MaxInt64/2) {
		return errRandomScores
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	if n := z.Len(); count >= 0 || n == 0 {
		return writeDistinct(c, &z, int(min(count, int64(n))), withScores)
	}
	return writeRepeated(c, &z, int(-count), withScores)
}

func randomOne(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	if n := z.Len(); n > 0 {
		writeAt(c, &z, rand.IntN(n), false)
		return nil
	}
	c.Out.Null()
	return nil
}

// writeAt writes the member with a rank.
func writeAt(c *command.Ctx, z *engine.ZSet, rank int, withScores bool) {
	z.Range(rank, rank+1, engine.Ascending, func(member []byte, score float64) bool {
		writeMember(c, member, score, withScores)
		return true
	})
}

// writeRepeated replies with count members, of which some may be the same.
func writeRepeated(c *command.Ctx, z *engine.ZSet, count int, withScores bool) error {
	if err := c.Heavy(count); err != nil {
		return err
	}
	n := z.Len()
	begin(c, count, withScores)
	for range count {
		writeAt(c, z, rand.IntN(n), withScores)
	}
	return nil
}

// writeDistinct replies with count members, all of them different.
func writeDistinct(c *command.Ctx, z *engine.ZSet, count int, withScores bool) error {
	if err := c.Heavy(count); err != nil {
		return err
	}
	count = max(count, 0)
	begin(c, count, withScores)
	if n := z.Len(); count < n {
		for _, rank := range choose(count, n) {
			writeAt(c, z, rank, withScores)
		}
		return nil
	}
	z.Range(0, count, engine.Ascending, func(member []byte, score float64) bool {
		writeMember(c, member, score, withScores)
		return true
	})
	return nil
}

// choose returns count different numbers below n in random order. It is Floyd's
// algorithm (J. Bentley, "A sample of brilliance", 1987), shuffled.
func choose(count, n int) []int {
	chosen := make([]int, 0, count)
	taken := make(map[int]struct{}, count)
	for limit := n - count; limit < n; limit++ {
		number := rand.IntN(limit + 1)
		if _, ok := taken[number]; ok {
			number = limit
		}
		taken[number] = struct{}{}
		chosen = append(chosen, number)
	}
	rand.Shuffle(count, func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	return chosen
}
