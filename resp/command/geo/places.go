package geo

import (
	"strings"

	"kvd/engine"
	"kvd/engine/ds/geo"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// slowWords is the number of words from which a command leaves the event loop.
const slowWords = 2000

func placeSpecs() []command.Spec {
	read := command.Key(1, command.RO|command.Access)
	return []command.Spec{
		{
			Name: "geoadd", Arity: -5, Flags: command.Write | command.DenyOOM,
			Syntax: "key [NX | XX]{condition,@6.2.0} [CH]{change,@6.2.0} longitude latitude member [longitude latitude member ...]",
			Keys:   command.Key(1, command.RW|command.Update), Since: "3.2.0", SlowArgs: slowWords,
			Complexity: "O(log(N)) for each member, where N is the number of members",
			Summary:    "Gives members of a geo index their places.",
			History:    []command.Change{{Version: "6.2.0", Text: "Takes `CH`, `NX` and `XX`."}}, Handler: geoadd,
		},
		{
			Name: "geopos", Syntax: "key [member ...]", Arity: -2, Flags: command.ReadOnly, Keys: read, Since: "3.2.0",
			Complexity: "O(N) where N is the number of members asked for", SlowArgs: slowWords,
			Summary: "Returns the longitudes and latitudes of members.", Handler: geopos,
		},
		{
			Name: "geohash", Syntax: "key [member ...]", Arity: -2, Flags: command.ReadOnly, Keys: read, Since: "3.2.0",
			Complexity: "O(N) where N is the number of members asked for", SlowArgs: slowWords,
			Summary: "Returns the places of members as geohashes in letters.", Handler: geohash,
		},
		{
			Name: "geodist", Syntax: "key member1 member2 [M | KM | FT | MI]{unit}", Arity: -4, Flags: command.ReadOnly,
			Keys: read, Since: "3.2.0", Complexity: "O(1)",
			Summary: "Returns the distance of two members.", Handler: geodist,
		},
	}
}

// geoadd implements GEOADD, whose events are those of ZADD.
func geoadd(c *command.Ctx) error {
	rule, changes, at := addOptions(c)
	places := c.Args[at:]
	if rule == engine.ZIfMissing|engine.ZIfPresent || len(places) == 0 || len(places)%3 != 0 {
		return rediserr.Syntax
	}
	var few [8]engine.ZEntry
	entries := few[:0]
	for i := 0; i < len(places); i += 3 {
		p, err := place(places[i], places[i+1])
		if err != nil {
			return err
		}
		entries = append(entries, engine.ZEntry{Member: places[i+2], Score: float64(geo.Encode(p))})
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	added, changed := z.Add(entries, rule, limits(c))
	if changes {
		added += changed
	}
	c.Out.Int(int64(added))
	return nil
}

// addOptions reads the options of GEOADD; at is the first argument behind them.
func addOptions(c *command.Ctx) (rule engine.ZRule, changes bool, at int) {
	for at = 2; at < len(c.Args); at++ {
		word := c.Args[at]
		switch {
		case len(word) != 2:
			return rule, changes, at
		case strings.EqualFold(string(word), "nx"):
			rule |= engine.ZIfMissing
		case strings.EqualFold(string(word), "xx"):
			rule |= engine.ZIfPresent
		case strings.EqualFold(string(word), "ch"):
			changes = true
		default:
			return rule, changes, at
		}
	}
	return rule, changes, at
}

func geopos(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		p, ok := placeOf(&z, member)
		if !ok {
			c.Out.NullArray()
			continue
		}
		writePlace(c, p)
	}
	return nil
}

func geohash(c *command.Ctx) error {
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	c.Out.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		score, ok := z.Score(member)
		if !ok {
			c.Out.Null()
			continue
		}
		text := hash(score).Text()
		c.Out.Bulk(text[:])
	}
	return nil
}

func geodist(c *command.Ctx) error {
	meters := 1.0
	switch {
	case len(c.Args) > 5:
		return rediserr.Syntax
	case len(c.Args) == 5:
		var err error
		if meters, err = unit(c.Args[4]); err != nil {
			return err
		}
	}
	z, err := c.Tx.ZSet(c.Args[1])
	if err != nil {
		return err
	}
	a, ok := placeOf(&z, c.Args[2])
	b, also := placeOf(&z, c.Args[3])
	if !ok || !also {
		c.Out.Null()
		return nil
	}
	writeDistance(c, geo.Distance(a, b)/meters)
	return nil
}
