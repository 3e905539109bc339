package doc

import (
	"strings"

	"kvd/engine"
	"kvd/engine/doc/path"
	"kvd/engine/doc/query"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func aggSpecs() []command.Spec {
	return []command.Spec{{
		Name: "doc.agg", Arity: -5, Flags: command.ReadOnly | command.OwnTx | command.InCollection, Keys: readPrefix,
		Syntax: "collection " + searchSyntax + " [GROUP path [AS name] [GROUP path [AS name] ...]] REDUCE function path [AS name] " +
			"[REDUCE function path [AS name] ...] [HAVING expression] [SORT name [DESC] [SORT name [DESC] ...]] [LIMIT count] [STRICT] " +
			"[TIMEOUT milliseconds] [SCANLIMIT documents]",
		Since: sinceKvd, Complexity: perSearch, Summary: "Groups documents of a collection and reduces their values.", Handler: agg,
	}}
}

// aggLine reads the words of DOC.AGG.
type aggLine struct {
	*searchLine
	of     query.Aggregate
	having *path.Expression
}

// agg implements DOC.AGG.
func agg(c *command.Ctx) error {
	l, err := newSearch(c, 2)
	if err != nil {
		return err
	}
	a := aggLine{searchLine: l}
	for l.o.Next() {
		if !l.option() && !a.option() {
			l.unknown()
		}
	}
	s, err := a.finish()
	if err != nil {
		return err
	}
	defer s.release()
	if err := s.choose(); err != nil {
		return err
	}
	g := query.NewAggregation(&a.of, 0)
	err = s.each(func(_ string, d *path.Document, _ *engine.Visited) (bool, error) { return true, g.Add(s.m, d) })
	if err != nil {
		return aggError(s, err)
	}
	rows, err := g.Rows(s.m)
	if err != nil {
		return command.DocumentError(err)
	}
	writeRows(c, a.of.Columns(), rows)
	return nil
}

// option reads the current option if it is one of AGG's own.
func (a *aggLine) option() (known bool) {
	o := &a.o
	switch o.Option() {
	case "GROUP":
		name := a.nextText()
		g := query.Group{Term: a.term()}
		g.As = a.alias(name)
		a.of.Groups = append(a.of.Groups, g)
	case "REDUCE":
		a.reduce()
	case "HAVING":
		a.having = a.expression(a.having)
	case "SORT":
		key := query.ColumnKey{Column: string(o.Arg())}
		if a.followed("DESC") {
			key.Direction = query.Descending
		} else {
			a.followed("ASC")
		}
		a.of.Sort = append(a.of.Sort, key)
	case "LIMIT":
		a.of.Limit = max(count32(o.Count()), 1)
	case "STRICT":
		a.of.Strict = true
	default:
		return false
	}
	return true
}

// nextText returns the next word without passing over it.
func (a *aggLine) nextText() string {
	if a.o.Left() == 0 {
		return ""
	}
	return string(a.s.c.Args[a.o.Pos()])
}

// alias reads AS name, if that is next; otherwise the name is what it is.
func (a *aggLine) alias(name string) string {
	if a.followed("AS") {
		return string(a.o.Arg())
	}
	return name
}

// reduce reads REDUCE function path|* [AS name].
func (a *aggLine) reduce() {
	function := string(a.o.Arg())
	if a.o.Err() != nil {
		return
	}
	r, ok := query.ParseReducer(function)
	if !ok {
		a.o.Fail(rediserr.New(rediserr.OneLine("unknown reducer '" + function + "'")))
		return
	}
	of := a.nextText()
	reduce := query.Reduce{Reducer: r}
	switch {
	case of != "*":
		reduce.Term = a.term()
	case r.TakesDocuments():
		a.o.Skip(1)
	default:
		a.o.Fail(rediserr.New(rediserr.OneLine("reducer '" + function + "' takes a path")))
	}
	reduce.As = a.alias(strings.ToLower(function) + "(" + of + ")")
	a.of.Reduces = append(a.of.Reduces, reduce)
}

// finish ends the reading of the line.
func (a *aggLine) finish() (*search, error) {
	if a.o.Err() == nil && len(a.of.Reduces) == 0 {
		return nil, errNoReducer
	}
	if a.o.Err() == nil {
		a.checkColumns()
	}
	s, err := a.searchLine.finish()
	if err == nil {
		a.of.Having, err = a.bind(a.having)
	}
	return s, err
}

var errNoReducer = rediserr.New("syntax error: REDUCE is missing")

// checkColumns looks that columns have names of their own and that SORT names them.
func (a *aggLine) checkColumns() {
	known := map[string]bool{}
	for _, name := range a.of.Columns() {
		if known[name] {
			a.o.Fail(rediserr.New(rediserr.OneLine("two columns are named '" + name + "'")))
		}
		known[name] = true
	}
	for _, key := range a.of.Sort {
		if !known[key.Column] {
			a.o.Fail(rediserr.New(rediserr.OneLine("no column is named '" + key.Column + "'")))
		}
	}
}
