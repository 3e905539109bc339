package json

import (
	"strconv"

	"kvd/engine/doc"
	"kvd/resp/command"
)

func scalarSpecs() []command.Spec {
	spec := func(name, syntax string, arity int, summary string, h command.Handler) command.Spec {
		return command.Spec{
			Name: name, Syntax: syntax + ifSyntax, Arity: arity, Flags: command.Write, Keys: writeKey,
			Since: sinceRedis, Complexity: perMatch, Summary: summary, Handler: h,
		}
	}
	strappendSpec := spec("json.strappend", "key [path] json-string", -3, "Appends to the strings that a path names.", strappend)
	strappendSpec.Flags |= command.DenyOOM
	return []command.Spec{
		spec("json.numincrby", "key path number{double}", -4, "Adds to the numbers that a path names.", numincrby),
		spec("json.nummultby", "key path number{double}", -4, "Multiplies the numbers that a path names.", nummultby),
		spec("json.numpowby", "key path number{double}", -4, "Raises the numbers that a path names to a power.", numpowby),
		spec("json.toggle", "key path", -3, "Turns true into false, and false into true.", toggle),
		strappendSpec,
	}
}

func numincrby(c *command.Ctx) error { return calculate(c, doc.Plus, "json.numincrby") }
func nummultby(c *command.Ctx) error { return calculate(c, doc.Times, "json.nummultby") }
func numpowby(c *command.Ctx) error  { return calculate(c, doc.Power, "json.numpowby") }

// calculate implements the commands on numbers.
func calculate(c *command.Ctx, op doc.Operator, event string) error {
	w, err := begin(c, 4)
	defer w.done()
	switch {
	case err != nil:
		return err
	case len(w.args) != 4:
		return wrongArgs(c)
	}
	operand, err := parse(w.s, nil, w.args[3])
	if err != nil {
		return err
	}
	if !isNumber(operand) {
		return errBadNumber
	}
	if err := w.open(); err != nil {
		return err
	}

	n := numbers{text: w.s.Text, at: make([][2]int, len(w.places))}
	last, err := w.run(edit{event: event, is: isNumber, apply: func(dst []byte, i int, v doc.Value) ([]byte, doc.Outcome, error) {
		err := n.calculate(i, v.Text(), op, doc.Value(operand).Text())
		return doc.AppendNumber(dst, n.of(i)), doc.Changed, err
	}})
	w.s.Text = n.text
	if err != nil {
		return err
	}
	return n.reply(&w, last)
}

// numbers is the results of a calculation at many places.
type numbers struct {
	text []byte
	at   [][2]int // from and to in text
}

func (n *numbers) calculate(i int, a []byte, op doc.Operator, b []byte) (err error) {
	from := len(n.text)
	n.text, err = doc.Calculate(n.text, a, op, b)
	n.at[i] = [2]int{from, len(n.text)}
	return command.DocumentError(err)
}

func (n *numbers) of(i int) []byte { return n.text[n.at[i][0]:n.at[i][1]] }

// reply answers with RESP3 with a list of numbers, whatever the path, and with
// RESP2 with JSON text: RedisJSON's clients tell by that.
func (n *numbers) reply(w *writing, last int) error {
	out := w.c.Out
	switch {
	case out.Protocol() == 3:
		w.list(func(i int) { number(out, n.of(i)) })
		return nil
	case w.path.Legacy() && last < 0:
		return errNotNumber
	case w.path.Legacy():
		out.Bulk(n.of(last))
		return nil
	}
	text := []byte{'['}
	for i, hit := range w.hit {
		if i > 0 {
			text = append(text, ',')
		}
		if hit {
			text = append(text, n.of(i)...)
		} else {
			text = append(text, "null"...)
		}
	}
	out.Bulk(append(text, ']'))
	return nil
}

// toggle implements JSON.TOGGLE.
func toggle(c *command.Ctx) error {
	w, err := begin(c, 3)
	defer w.done()
	switch {
	case err != nil:
		return err
	case len(w.args) != 3:
		return wrongArgs(c)
	}
	if err := w.open(); err != nil {
		return err
	}
	now := make([]bool, len(w.places))
	last, err := w.run(edit{event: "json.toggle", is: isBool, apply: func(dst []byte, i int, v doc.Value) ([]byte, doc.Outcome, error) {
		now[i] = v.Kind() == doc.False
		return doc.AppendBool(dst, now[i]), doc.Changed, nil
	}})
	if err != nil {
		return err
	}
	return w.reply(last, errNotBool, func(i int) {
		switch {
		case w.path.Legacy():
			c.Out.Text(strconv.FormatBool(now[i]))
		case now[i]:
			c.Out.Int(1)
		default:
			c.Out.Int(0)
		}
	})
}

// strappend implements JSON.STRAPPEND.
func strappend(c *command.Ctx) error {
	w, err := begin(c, 3)
	defer w.done()
	switch {
	case err != nil:
		return err
	case len(w.args) > 4:
		return wrongArgs(c)
	}
	last := len(w.args) - 1
	added, err := parse(w.s, nil, w.args[last])
	if err != nil {
		return err
	}
	if !isString(added) {
		return errWantString
	}
	w.args = append(w.args[:last:last], w.args[last+1:]...)
	if err := w.open(); err != nil {
		return err
	}
	return w.lengths(edit{event: "json.strappend", is: isString}, errNotString, func(dst []byte, v doc.Value) ([]byte, int, error) {
		return doc.AppendConcat(dst, v, added), v.Len() + doc.Value(added).Len(), nil
	})
}
