package doc

import (
	"encoding/base64"
	"strconv"
	"time"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/engine/doc/query"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func decimal(n int) string { return strconv.Itoa(n) }

// searchLine reads the words that FIND, COUNT, AGG and UPDATE have in common.
type searchLine struct {
	s      search
	o      command.Options
	where  *path.Expression
	params map[string]doc.Value
	given  bool // TIMEOUT

	find findOptions
	page page // of FIND
}

// option reads the current option if it is one of those in common.
func (l *searchLine) option() (known bool) {
	o := &l.o
	switch o.Option() {
	case "WHERE":
		l.where = l.expression(l.where)
	case "PARAMS":
		l.readParams()
	case "EQ":
		t, v := l.term(), l.value(o.Arg())
		l.s.q.Equals = append(l.s.q.Equals, query.Equality{Term: t, Value: v})
	case "RANGE":
		l.readRange()
	case "TIMEOUT":
		l.given = true
		l.s.limitTime(o.Count())
	case "SCANLIMIT":
		l.s.most = int(min(o.Count(), maxCount))
	default:
		return false
	}
	return true
}

// expression compiles the argument of an option that may be given once.
func (l *searchLine) expression(before *path.Expression) *path.Expression {
	text := l.o.Arg()
	switch {
	case l.o.Err() != nil:
		return nil
	case before != nil:
		l.o.Fail(command.SyntaxNear([]byte(l.o.Option())))
		return nil
	}
	x, err := l.s.c.Services.Queries.Expression(text)
	l.o.Fail(expressionError(err))
	return x
}

// expressionError is what a client is told of an expression that does not compile.
func expressionError(err error) error {
	return command.DocumentError(err)
}

// term compiles the next word as a path.
func (l *searchLine) term() query.Term {
	text := l.o.Arg()
	if l.o.Err() != nil {
		return query.Term{}
	}
	t, err := l.s.c.Services.Queries.Term(text)
	if err != nil {
		l.o.Fail(expressionError(err))
		return t
	}
	t.Type = typeOf(l.s.coll, t.Name)
	return t
}

// typeOf returns how the values of a path compare in a collection: as an index on
// it says.
func typeOf(coll *engine.DocCollection, name string) query.Type {
	for _, ix := range coll.Indexes() {
		for i := range ix.Terms {
			if ix.Terms[i].Name == name && ix.Type >= query.Times {
				return ix.Type
			}
		}
	}
	return query.UntypedValues
}

func (l *searchLine) value(text []byte) doc.Value {
	if l.o.Err() != nil {
		return nil
	}
	s, from := &l.s, len(l.s.values)
	var err error
	if s.values, err = query.AppendValue(s.values, &s.parser, text); err != nil {
		l.o.Fail(errText)
	}
	return s.values[from:len(s.values):len(s.values)]
}

var (
	errText  = rediserr.New("invalid JSON: a value is not valid UTF-8")
	errRange = rediserr.New("RANGE takes two bounds of one type that has an order")
	errPairs = rediserr.New("PARAMS takes an even number of words: names and values")
)

// readParams reads PARAMS n name value ….
func (l *searchLine) readParams() {
	n := l.o.Count()
	switch {
	case l.o.Err() != nil:
		return
	case n%2 != 0 || n > int64(l.o.Left()):
		l.o.Fail(errPairs)
		return
	}
	if l.params == nil {
		l.params = make(map[string]doc.Value)
	}
	for ; n > 0; n -= 2 {
		name := string(l.o.Arg())
		l.params[name] = l.value(l.o.Arg())
	}
}

// readRange reads RANGE path min max.
func (l *searchLine) readRange() {
	in := query.Interval{Term: l.term(), Min: l.bound("-inf"), Max: l.bound("+inf")}
	if l.o.Err() == nil && !in.Comparable() {
		l.o.Fail(errRange)
	}
	l.s.q.Between = append(l.s.q.Between, in)
}

func (l *searchLine) bound(open string) (b query.Bound) {
	text := l.o.Arg()
	if l.o.Err() != nil || isWord(text, open) {
		return b
	}
	if len(text) > 0 && text[0] == '(' {
		b.Excluded, text = true, text[1:]
	}
	b.Value = l.value(text)
	return b
}

// limitTime ends the search after so many milliseconds; 0 is never.
func (s *search) limitTime(ms int64) {
	const longest = 1 << 40 // more than thirty years
	s.took = time.Duration(min(ms, longest)) * time.Millisecond
	s.until = time.Time{}
	if ms > 0 {
		s.until = s.c.Now.Add(s.took)
	}
}

// unknown fails with the current word.
func (l *searchLine) unknown() { l.o.Fail(command.SyntaxNear(l.s.c.Args[l.o.Pos()-1])) }

// finish ends the reading of the line and returns the search.
func (l *searchLine) finish() (*search, error) {
	if !l.given {
		l.s.limitTime(l.s.c.Config().QueryTimeout.Milliseconds())
	}
	if l.o.Err() != nil {
		return nil, l.o.Err()
	}
	var err error
	l.s.q.Where, err = l.bind(l.where)
	return &l.s, err
}

// bind puts the values of PARAMS into an expression, which may be nil.
func (l *searchLine) bind(x *path.Expression) (*path.Expression, error) {
	if x == nil {
		return nil, nil
	}
	for _, name := range x.Parameters() {
		if l.params[name] == nil {
			return nil, rediserr.New(rediserr.OneLine("no value in PARAMS for ':" + name + "'"))
		}
	}
	bound, err := x.Bind(func(name string) doc.Value { return l.params[name] })
	return bound, command.DocumentError(err)
}

// maxCount is the greatest number of documents or rows that an option may say.
const maxCount = 1 << 31

// cursorMark stands before a position in a cursor, so that none is "0".
const cursorMark = "c"

// formatCursor makes a cursor of a position.
func formatCursor(position string) string {
	return cursorMark + base64.RawURLEncoding.EncodeToString([]byte(position))
}

// parsePosition returns the position of a cursor, empty for "0".
func parsePosition(text []byte, q *query.Query) (string, error) {
	if string(text) == "0" {
		return "", nil
	}
	if len(text) < len(cursorMark) || string(text[:len(cursorMark)]) != cursorMark {
		return "", errCursor
	}
	position, err := base64.RawURLEncoding.DecodeString(string(text[len(cursorMark):]))
	if err != nil || !q.ValidPosition(string(position)) {
		return "", errCursor
	}
	return string(position), nil
}
