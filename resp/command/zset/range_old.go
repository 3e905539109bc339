package zset

import (
	"kvd/engine"
	"kvd/resp/command"
)

// oldRangeSpecs are the commands of which ZRANGE can do all.
func oldRangeSpecs() []command.Spec {
	keys := command.Key(1, command.RO|command.Access)
	const limit = "[LIMIT (offset count){offset_count}]"
	spec := func(name, syntax, since, summary, instead string, handler command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax, Arity: -4, Flags: command.ReadOnly, Keys: keys, Since: since,
			Complexity: logNPlusM, Summary: summary, Handler: handler,
			Deprecated: &command.Deprecation{Since: "6.2.0", ReplacedBy: "`ZRANGE` with the " + instead},
		}
	}
	specs := []command.Spec{
		spec("zrevrange", "key start{integer} stop{integer} [WITHSCORES]", "1.2.0",
			"Returns members by their ranks, in descending order.", "`REV` argument", zrevrange),
		spec("zrangebyscore", "key min{double} max{double} [WITHSCORES]{@2.0.0} "+limit, "1.0.5",
			"Returns the members in a range of scores.", "`BYSCORE` argument", zrangebyscore),
		spec("zrevrangebyscore", "key max{double} min{double} [WITHSCORES] "+limit, "2.2.0",
			"Returns the members in a range of scores, in descending order.", "`REV` and `BYSCORE` arguments", zrevrangebyscore),
		spec("zrangebylex", "key min max "+limit, "2.8.9",
			"Returns the members between two others where all scores are equal.", "`BYLEX` argument", zrangebylex),
		spec("zrevrangebylex", "key max min "+limit, "2.8.9",
			"Returns the members between two others, in descending order, where all scores are equal.",
			"`REV` and `BYLEX` arguments", zrevrangebylex),
	}
	specs[1].History = []command.Change{{Version: "2.0.0", Text: "Takes `WITHSCORES`."}}
	specs[2].History = []command.Change{{Version: "2.1.6", Text: "`min` and `max` can be exclusive."}}
	return specs
}

func zrevrange(c *command.Ctx) error {
	return writeRange(c, query{order: engine.Descending}, fixedKind|fixedOrder)
}

func zrangebyscore(c *command.Ctx) error {
	return writeRange(c, query{by: byScore}, fixedKind|fixedOrder)
}

func zrevrangebyscore(c *command.Ctx) error {
	return writeRange(c, query{by: byScore, order: engine.Descending}, fixedKind|fixedOrder)
}

func zrangebylex(c *command.Ctx) error {
	return writeRange(c, query{by: byMember}, fixedKind|fixedOrder)
}

func zrevrangebylex(c *command.Ctx) error {
	return writeRange(c, query{by: byMember, order: engine.Descending}, fixedKind|fixedOrder)
}
