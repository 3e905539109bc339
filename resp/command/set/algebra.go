package set

import (
	"math"
	"slices"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of SINTERCARD.
var (
	errNumKeys  = rediserr.New("numkeys should be greater than 0")
	errManyKeys = rediserr.New("Number of keys can't be greater than number of args")
	errLimit    = rediserr.New("LIMIT can't be negative")
)

const (
	complexityInter = "O(N*M) at worst, for N members of the smallest set and M sets"
	complexitySum   = "O(N) for N members of all sets together"
)

func algebraSpecs() []command.Spec {
	inputs := command.KeyRange(1, -1, 1, command.RO|command.Access)
	order := []string{tipOutputOrder}
	return []command.Spec{
		{
			Name: "sinter", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly, Keys: inputs, Since: "1.0.0",
			Complexity: complexityInter, Tips: order, SlowArgs: slowMembers,
			Summary: "Returns the members that all of several sets have.", Handler: sinter,
		},
		{
			Name: "sintercard", Syntax: "numkeys key [key ...] [LIMIT limit{integer}]", Arity: -3, Flags: command.ReadOnly,
			Keys: command.KeyNum(1, 2, command.RO|command.Access), Since: "7.0.0",
			Complexity: complexityInter, SlowArgs: slowMembers,
			Summary: "Counts the members that all of several sets have.", Handler: sintercard,
		},
		{
			Name: "sunion", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly, Keys: inputs, Since: "1.0.0",
			Complexity: complexitySum, Tips: order, SlowArgs: slowMembers,
			Summary: "Returns the members that any of several sets has.", Handler: sunion,
		},
		{
			Name: "sdiff", Syntax: "key [key ...]", Arity: -2, Flags: command.ReadOnly, Keys: inputs, Since: "1.0.0",
			Complexity: complexitySum, Tips: order, SlowArgs: slowMembers,
			Summary: "Returns the members of a set that none of several others has.", Handler: sdiff,
		},
	}
}

// open returns the sets at keys.
func open(c *command.Ctx, keys [][]byte) ([]engine.Set, error) {
	sets := make([]engine.Set, len(keys))
	for i, key := range keys {
		var err error
		if sets[i], err = c.Tx.Set(key); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// total returns how many members the sets have together.
func total(sets []engine.Set) int {
	n := 0
	for i := range sets {
		n += sets[i].Len()
	}
	return n
}

// bySize sorts sets by their length, the smallest first.
func bySize(sets []engine.Set) {
	slices.SortStableFunc(sets, func(a, b engine.Set) int { return a.Len() - b.Len() })
}

// operation finds the members of the result of a set of sets.
type operation func(c *command.Ctx, sets []engine.Set) (list, error)

func sinter(c *command.Ctx) error { return answer(c, inter) }
func sunion(c *command.Ctx) error { return answer(c, union) }
func sdiff(c *command.Ctx) error  { return answer(c, diff) }

// answer writes the result of an operation on the sets at the keys.
func answer(c *command.Ctx, op operation) error {
	sets, err := open(c, c.Args[1:])
	if err != nil {
		return err
	}
	result, err := op(c, sets)
	if err != nil {
		return err
	}
	c.Out.Set(result.len())
	result.all(c.Out.Bulk)
	return nil
}

func inter(c *command.Ctx, sets []engine.Set) (result list, err error) {
	bySize(sets)
	if err := c.Heavy(sets[0].Len() * len(sets)); err != nil {
		return list{}, err
	}
	common(sets, math.MaxInt, func(member []byte) { result.append(member) })
	return result, nil
}

// common calls emit for up to limit members that all of the sets have, of which
// the first is the smallest.
func common(sets []engine.Set, limit int, emit func(member []byte)) {
	if limit == 0 {
		return
	}
	sets[0].All(func(member []byte) bool {
		if !inAny(sets[1:], member, false) {
			emit(member)
			limit--
		}
		return limit > 0
	})
}

// inAny reports whether there is a set that has the member, or with has false
// one that has it not.
func inAny(sets []engine.Set, member []byte, has bool) bool {
	for i := range sets {
		if sets[i].Has(member) == has {
			return true
		}
	}
	return false
}

// union returns the members of all sets. Those of integers give a result in
// order, as far as a set of its size would be.
func union(c *command.Ctx, sets []engine.Set) (list, error) {
	if err := c.Heavy(total(sets)); err != nil {
		return list{}, err
	}
	var result list
	ints := true
	for i := range sets {
		ints = ints && (sets[i].Intset() || !sets[i].Exists())
		sets[i].All(func(member []byte) bool {
			result.add(member)
			return true
		})
	}
	if ints && int64(result.len()) <= int64(intsetMax(c)) {
		return result.sorted(), nil
	}
	return result, nil
}

// diff returns the members of the first set that no other has. It looks each of
// them up in the others or, where that costs more, makes one set of the others.
func diff(c *command.Ctx, sets []engine.Set) (result list, err error) {
	first, others := &sets[0], sets[1:]
	sum := total(sets)
	if err := c.Heavy(sum); err != nil {
		return list{}, err
	}
	gone := func(member []byte) bool { return inAny(others, member, true) }
	if first.Len()*len(sets)/2 > sum {
		var all list
		for i := range others {
			others[i].All(func(member []byte) bool {
				all.add(member)
				return true
			})
		}
		gone = all.has
	} else {
		bySize(others)
		slices.Reverse(others) // a large set is more likely to have the member
	}
	first.All(func(member []byte) bool {
		if !gone(member) {
			result.append(member)
		}
		return true
	})
	return result, nil
}

// sintercard implements SINTERCARD. A limit of 0 is none.
func sintercard(c *command.Ctx) error {
	const first = 2
	n, err := c.Int(1)
	switch {
	case err != nil || n < 1:
		return errNumKeys
	case n > int64(len(c.Args)-first):
		return errManyKeys
	}
	end := first + int(n)
	limit, err := parseLimit(c, end)
	if err != nil {
		return err
	}
	sets, err := open(c, c.Args[first:end])
	if err != nil {
		return err
	}
	bySize(sets)
	if err := c.Heavy(min(limit, sets[0].Len()) * len(sets)); err != nil {
		return err
	}
	count := int64(0)
	common(sets, limit, func([]byte) { count++ })
	c.Out.Int(count)
	return nil
}

// parseLimit reads the options of SINTERCARD.
func parseLimit(c *command.Ctx, from int) (limit int, err error) {
	s := c.Options(from)
	for s.Next() {
		if s.Option() != "LIMIT" {
			return 0, rediserr.Syntax
		}
		arg := s.Arg()
		if s.Err() != nil {
			return 0, s.Err()
		}
		n, err := command.ParseInt(arg)
		if err != nil || n < 0 {
			return 0, errLimit
		}
		limit = int(n)
	}
	if limit == 0 {
		limit = math.MaxInt
	}
	return limit, nil
}
