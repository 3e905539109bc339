package doc

import (
	"time"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// change is one operation of a DOC.UPDATE.
type change struct {
	name   string
	path   *path.Path // nil: the whole document
	values []doc.Value
	// expr is the argument of EXPR, and of PULL if that is no JSON.
	expr *path.Expression
}

// change reads the operation that the current option is, and reports whether it is
// one.
func (o *updateOptions) change(c *command.Ctx, s *command.Options) (known bool, err error) {
	ch := change{name: s.Option()}
	switch ch.name {
	case "SET", "INCR", "MUL", "MIN", "MAX", "PUSH", "ADDTOSET", "PULL", "RENAME", "EXPR", "UNSET", "POP", "TOGGLE", "NOW":
		text := s.Arg()
		if text == nil {
			return true, nil
		}
		if ch.path, err = c.Services.Documents.Path(text); err != nil {
			return true, err
		}
		if ch.path.Computed() {
			return true, command.DocumentError(path.ErrComputed)
		}
	case "PATCH", "MERGE":
	default:
		return false, nil
	}
	if err := ch.arguments(c, s); err != nil {
		return true, err
	}
	o.changes = append(o.changes, ch)
	return true, s.Err()
}

var (
	errNotNumber = rediserr.New("value is not a number")
	errNewName   = rediserr.New("RENAME takes a name")
)

// arguments reads what follows the path.
func (ch *change) arguments(c *command.Ctx, s *command.Options) (err error) {
	switch ch.name {
	case "SET", "PATCH", "MERGE":
		err = ch.json(s.Arg())
	case "INCR", "MUL", "MIN", "MAX":
		text := s.Arg()
		if text != nil && !doc.IsNumber(text) {
			return errNotNumber
		}
		err = ch.json(text)
	case "PUSH", "ADDTOSET":
		err = ch.json(s.Arg())
		for err == nil && s.Left() > 0 && startsJSON(c.Args[s.Pos()]) {
			err = ch.json(s.Arg())
		}
	case "PULL":
		text := s.Arg()
		if ch.json(text) != nil {
			ch.expr, err = expression(c, text)
		}
	case "RENAME":
		name := s.Arg()
		if name != nil && (len(name) == 0 || !validText(name)) {
			return errNewName
		}
		ch.values = append(ch.values, doc.AppendString(nil, name))
	case "EXPR":
		ch.expr, err = expression(c, s.Arg())
	}
	return err
}

func (ch *change) json(text []byte) error {
	v, err := parseJSON(text)
	ch.values = append(ch.values, v)
	if err != nil {
		ch.values = nil
	}
	return err
}

// startsJSON reports whether a word may be a value, which no operation and no option
// is.
func startsJSON(word []byte) bool {
	_, err := doc.Parse(word)
	return err == nil
}

// missing is what an operation makes where the path names nothing; nil: nothing.
func (ch *change) missing(now time.Time) doc.Value {
	switch ch.name {
	case "SET", "INCR", "MIN", "MAX":
		return ch.values[0]
	case "MUL":
		return doc.AppendNumber(nil, "0")
	case "PUSH", "ADDTOSET":
		b := doc.NewBuilder(nil)
		b.BeginArray()
		b.End()
		list := doc.Value(b.Bytes())
		if ch.name == "PUSH" {
			return doc.AppendExtended(nil, list, ch.values...)
		}
		return addToSet(nil, list, ch.values)
	case "NOW":
		return doc.AppendString(nil, now.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	return nil
}

// nests is the greatest nesting below a value that the operation may give it.
func (ch *change) nests(missing doc.Value) int {
	deepest := missing.Depth()
	for _, v := range ch.values {
		deepest = max(deepest, v.Depth()+1)
	}
	return deepest
}

// apply appends what the operation makes of a value.
func (ch *change) apply(u *updater, dst []byte, old doc.Value) ([]byte, doc.Outcome, error) {
	switch ch.name {
	case "SET":
		return append(dst, ch.values[0]...), doc.Changed, nil
	case "UNSET":
		return dst, doc.Removed, nil
	case "NOW":
		return append(dst, ch.missing(u.now)...), doc.Changed, nil
	case "TOGGLE":
		if k := old.Kind(); k != doc.True && k != doc.False {
			return dst, doc.Kept, ch.fail("the value is not a boolean")
		}
		return doc.AppendBool(dst, old.Kind() == doc.False), doc.Changed, nil
	case "INCR", "MUL", "MIN", "MAX":
		return ch.calculate(dst, old)
	}
	if old.Kind() != doc.Array {
		return dst, doc.Kept, ch.fail("the value is not an array")
	}
	switch ch.name {
	case "PUSH":
		return doc.AppendExtended(dst, old, ch.values...), doc.Changed, nil
	case "ADDTOSET":
		return addToSet(dst, old, ch.values), doc.Changed, nil
	case "POP":
		if old.Len() == 0 {
			return dst, doc.Kept, nil
		}
		return doc.AppendWithout(dst, old, old.Len()-1), doc.Changed, nil
	}
	return ch.pull(dst, old)
}

func (ch *change) calculate(dst []byte, old doc.Value) ([]byte, doc.Outcome, error) {
	if old.Kind() != doc.Number {
		return dst, doc.Kept, ch.fail("the value is not a number")
	}
	a, b := old.Text(), ch.values[0].Text()
	op := doc.Plus
	switch ch.name {
	case "MIN", "MAX":
		if less := doc.CompareNumbers(b, a); less == 0 || (less < 0) != (ch.name == "MIN") {
			return dst, doc.Kept, nil
		}
		return append(dst, ch.values[0]...), doc.Changed, nil
	case "MUL":
		op = doc.Times
	}
	text, err := doc.Calculate(nil, a, op, b)
	if err != nil {
		return dst, doc.Kept, err
	}
	return doc.AppendNumber(dst, text), doc.Changed, nil
}

// addToSet appends an array with those of the values behind it that it has not.
func addToSet(dst []byte, old doc.Value, values []doc.Value) []byte {
	var fresh []doc.Value
next:
	for _, v := range values {
		if old.IndexOf(v, 0, 0) >= 0 {
			continue
		}
		for _, other := range fresh {
			if doc.Equal(other, v) {
				continue next
			}
		}
		fresh = append(fresh, v)
	}
	return doc.AppendExtended(dst, old, fresh...)
}

// pull appends an array without the elements that are equal to a value, or of which
// the expression is true.
func (ch *change) pull(dst []byte, old doc.Value) ([]byte, doc.Outcome, error) {
	var e path.Evaluator // that of the updater has the places
	e.Reset(0)
	b := doc.NewBuilder(dst)
	b.BeginArray()
	for it := old.Items(); it.Next(); {
		var out bool
		var err error
		if ch.expr == nil {
			out = doc.Equal(ch.values[0], it.Value())
		} else {
			out, err = e.Test(ch.expr, &path.Document{Root: it.Value()})
		}
		if err != nil {
			return dst, doc.Kept, err
		}
		if !out {
			b.Value(it.Value())
		}
	}
	b.End()
	return b.Bytes(), doc.Changed, nil
}
