package geo

import (
	"bytes"

	"kvd/resp/command"
)

const (
	withSyntax  = unitSyntax + " [WITHCOORD] [WITHDIST] [WITHHASH] "
	aroundHere  = "key longitude latitude radius " + withSyntax + "[COUNT count [ANY]{@6.2.0}]{count} [ASC | DESC]{order}"
	aroundOne   = "key member radius " + withSyntax + "[COUNT count [ANY]]{count} [ASC | DESC]{order}"
	storeSyntax = " [STORE key{#1}] [STOREDIST key{#2}]"
)

// radiusSpecs are the commands of which GEOSEARCH can do all.
func radiusSpecs() []command.Spec {
	spec := func(name, syntax string, arity int, summary, instead string, handler command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax, Arity: arity, Flags: command.ReadOnly, Since: "3.2.10", Complexity: searchCost,
			Keys: command.Key(1, command.RO|command.Access), Summary: summary, Handler: handler,
			Deprecated: &command.Deprecation{Since: "6.2.0", ReplacedBy: instead},
		}
	}
	stores := func(s command.Spec, from int) command.Spec {
		s.Syntax += storeSyntax
		s.Flags, s.Since = command.Write|command.DenyOOM, "3.2.0"
		s.Keys = command.KeysBy(radiusKeys, s.Keys, command.KeyAfter("STORE", from, command.OW|command.Update),
			command.KeyAfter("STOREDIST", from, command.OW|command.Update))
		s.History = append(s.History, command.Change{Version: "7.0.0", Text: "Takes units in capital letters."})
		return s
	}
	const (
		withStore = "`GEOSEARCH` and `GEOSEARCHSTORE` with the "
		only      = "`GEOSEARCH` with the "
		radius    = "`BYRADIUS` argument"
		both      = "`BYRADIUS` and `FROMMEMBER` arguments"
	)
	here := spec("georadius", aroundHere, -6, "Returns or stores the members in a circle.", withStore+radius, georadius)
	hereRO := spec("georadius_ro", aroundHere, -6, "Returns the members in a circle.", only+radius, georadiusRO)
	one := spec("georadiusbymember", aroundOne, -5, "Returns or stores the members in a circle around one of them.",
		withStore+both, georadiusbymember)
	oneRO := spec("georadiusbymember_ro", aroundOne, -5, "Returns the members in a circle around one of them.",
		only+both, georadiusbymemberRO)
	here.History = []command.Change{{Version: "6.2.0", Text: "Takes `ANY` with `COUNT`."}}
	hereRO.History = here.History
	return []command.Spec{stores(here, 6), hereRO, stores(one, 5), oneRO}
}

// radiusKeys finds the keys of GEORADIUS and GEORADIUSBYMEMBER: of several that
// are to be stored, the last one counts.
func radiusKeys(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
	dst = append(dst, command.KeyRef{Pos: 1, Flags: command.RO | command.Access})
	stored := 0
	for i := 5; i+1 < len(args); i++ {
		if bytes.EqualFold(args[i], []byte("STORE")) || bytes.EqualFold(args[i], []byte("STOREDIST")) {
			i++
			stored = i
		}
	}
	if stored > 0 {
		dst = append(dst, command.KeyRef{Pos: stored, Flags: command.OW | command.Update})
	}
	return dst, nil
}

func georadius(c *command.Ctx) error { return around(c, formRadius) }

func georadiusRO(c *command.Ctx) error { return around(c, formRadiusRO) }

// around implements GEORADIUS and GEORADIUS_RO.
func around(c *command.Ctx, form form) (err error) {
	s := search{event: "georadiusstore"}
	if s.z, err = c.Tx.ZSet(c.Args[1]); err != nil {
		return err
	}
	if s.center, err = place(c.Args[2], c.Args[3]); err != nil {
		return err
	}
	if err := s.byRadius(c.Args[4], c.Args[5]); err != nil {
		return err
	}
	if err := s.options(c, 6, form); err != nil {
		return err
	}
	return s.run(c)
}

func georadiusbymember(c *command.Ctx) error { return aroundMember(c, formRadius) }

func georadiusbymemberRO(c *command.Ctx) error { return aroundMember(c, formRadiusRO) }

// aroundMember implements GEORADIUSBYMEMBER and GEORADIUSBYMEMBER_RO. Without a
// key the radius is not looked at.
func aroundMember(c *command.Ctx, form form) (err error) {
	s := search{event: "georadiusstore"}
	if s.z, err = c.Tx.ZSet(c.Args[1]); err != nil {
		return err
	}
	if s.z.Exists() {
		if err := s.fromMember(c.Args[2]); err != nil {
			return err
		}
		if err := s.byRadius(c.Args[3], c.Args[4]); err != nil {
			return err
		}
	}
	if err := s.options(c, 5, form); err != nil {
		return err
	}
	return s.run(c)
}
