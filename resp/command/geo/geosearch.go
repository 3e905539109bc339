package geo

import "kvd/resp/command"

// form is what a command's line looks like.
type form uint8

const (
	formSearch form = iota
	formSearchStore
	formRadius
	formRadiusRO
)

const (
	searchCost = "O(N+log(M)) where N is the number of members in the cells of the map around the shape and M of all members"
	fromSyntax = "<FROMMEMBER member | FROMLONLAT (longitude latitude){longitude_latitude}>{from} "
	bySyntax   = "<((BYRADIUS radius) " + unitSyntax + "){circle} | ((BYBOX width) height " + unitSyntax + "){box}>{by} "
	sortSyntax = "[ASC | DESC]{order} [COUNT count [ANY]]{count}"
)

func searchSpecs() []command.Spec {
	history := []command.Change{{Version: "7.0.0", Text: "Takes units in capital letters."}}
	return []command.Spec{
		{
			Name: "geosearch", Arity: -7, Flags: command.ReadOnly, Since: "6.2.0",
			Syntax: "key " + fromSyntax + bySyntax + sortSyntax + " [WITHCOORD] [WITHDIST] [WITHHASH]",
			Keys:   command.Key(1, command.RO|command.Access), Complexity: searchCost, History: history,
			Summary: "Returns the members in a circle or a rectangle.", Handler: geosearch,
		},
		{
			Name: "geosearchstore", Arity: -8, Flags: command.Write | command.DenyOOM, Since: "6.2.0",
			Syntax:     "destination source " + fromSyntax + bySyntax + sortSyntax + " [STOREDIST]",
			Keys:       command.Keys(command.Key(1, command.OW|command.Update), command.Key(2, command.RO|command.Access)),
			Complexity: searchCost, History: history,
			Summary: "Stores the members in a circle or a rectangle in another key.", Handler: geosearchstore,
		},
	}
}

func geosearch(c *command.Ctx) error {
	var s search
	return s.line(c, 1, formSearch)
}

func geosearchstore(c *command.Ctx) error {
	s := search{stores: true, destination: c.Args[1], event: "geosearchstore"}
	return s.line(c, 2, formSearchStore)
}

// line runs GEOSEARCH or GEOSEARCHSTORE, whose source is argument key.
func (s *search) line(c *command.Ctx, key int, form form) (err error) {
	if s.z, err = c.Tx.ZSet(c.Args[key]); err != nil {
		return err
	}
	if err := s.options(c, key+1, form); err != nil {
		return err
	}
	return s.run(c)
}
