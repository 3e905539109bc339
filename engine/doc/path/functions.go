package path

import (
	"math"
	"strconv"

	"kvd/engine/doc"
)

// valueKind is a type of RFC 9535's expressions (2.4.1).
type valueKind uint8

const (
	valueType valueKind = iota
	nodesType
	logicalType
)

// function is a function of the language. Its implementation gets at least as
// many operands as params has.
type function struct {
	name     string // of those that only expressions on documents have
	params   []valueKind
	variadic bool // the last may come again
	result   valueKind
	standard bool // RFC 9535 has it
	pattern  bool // the second argument is a regular expression
	anchors  anchors
	place    bool // the argument is the text of a path
	call     func(e *Evaluator, x *expr, args []operand) operand
}

var (
	oneValue  = []valueKind{valueType}
	oneQuery  = []valueKind{nodesType}
	twoValues = []valueKind{valueType, valueType}
)

// functions are all functions by name.
var functions = map[string]*function{
	"length": {params: oneValue, standard: true, call: length},
	"count":  {params: oneQuery, standard: true, call: count},
	"value":  {params: oneQuery, standard: true, call: value},
	"match":  {params: twoValues, standard: true, result: logicalType, pattern: true, anchors: matchWhole, call: match},
	"search": {params: twoValues, standard: true, result: logicalType, pattern: true, call: match},

	"abs":     {params: oneValue, call: abs},
	"ceiling": {params: oneValue, call: ceiling},
	"floor":   {params: oneValue, call: floor},
	"concat":  {params: oneValue, variadic: true, call: concat},
	"keys":    {params: oneValue, result: nodesType, call: keys},
	"append":  {params: twoValues, variadic: true, result: nodesType, call: appendTo},
	"first":   {params: oneValue, call: first},
	"last":    {params: oneValue, call: last},
	"index":   {params: twoValues, call: index},
	"min":     {params: oneValue, call: least},
	"max":     {params: oneValue, call: greatest},
	"sum":     {params: oneValue, call: sum},
	"avg":     {params: oneValue, call: avg},
	"stddev":  {params: oneValue, call: stddev},
}

// accepts says whether RFC 9535 allows the expression as argument i.
func (f *function) accepts(i int, x *expr) bool {
	if f.params[i] == nodesType {
		return x.op == opQuery && !x.parens
	}
	return x.comparable() && !x.parens
}

// call evaluates a call at v.
func (e *Evaluator) call(x *expr, v doc.Value, place int) operand {
	first := len(e.args)
	for _, arg := range x.args {
		got := e.operand(arg, v, place) // which uses e.args above what is there
		e.args = append(e.args, got)
	}
	args := e.args[first:]
	e.args = e.args[:first]
	if e.err != nil {
		return operand{kind: failed}
	}
	return x.fn.call(e, x, args)
}

// length counts the characters of a string or the elements of a container.
func length(e *Evaluator, _ *expr, args []operand) operand {
	size, ok := e.size(args[0])
	if !ok {
		return operand{}
	}
	return e.integer(size)
}

func (e *Evaluator) integer(n int) operand {
	var buf [20]byte
	return e.newNumber(strconv.AppendInt(buf[:0], int64(n), 10))
}

// count counts the values of a query or of a list.
func count(e *Evaluator, _ *expr, args []operand) operand {
	switch args[0].kind {
	case failed:
		return args[0]
	case one:
		return e.integer(1)
	}
	return e.integer(len(args[0].list))
}

// value is the value of a query that finds exactly one.
func value(_ *Evaluator, _ *expr, args []operand) operand {
	return single(args[0].plain())
}

func match(e *Evaluator, x *expr, args []operand) operand {
	return truth(e.match(x.pattern, args[0].plain(), args[1].plain(), x.fn.anchors))
}

func abs(e *Evaluator, _ *expr, args []operand) operand {
	if text := args[0].number(); text != nil && text[0] == '-' {
		return e.negate(args[0])
	}
	return e.round(args[0], math.Abs)
}

func ceiling(e *Evaluator, _ *expr, args []operand) operand { return e.round(args[0], math.Ceil) }

func floor(e *Evaluator, _ *expr, args []operand) operand { return e.round(args[0], math.Floor) }

// concat joins strings.
func concat(e *Evaluator, _ *expr, args []operand) operand {
	size := 0
	for _, arg := range args {
		v := arg.plain()
		if v.Kind() != doc.String {
			return operand{kind: failed}
		}
		size += v.Len()
	}
	if !e.spendBytes(size) {
		return operand{kind: failed}
	}
	from := len(e.computed)
	e.computed = doc.AppendStringOf(e.computed, size)
	for _, arg := range args {
		e.computed = append(e.computed, arg.plain().Text()...)
	}
	return single(e.made(from))
}

func keys(e *Evaluator, _ *expr, args []operand) operand {
	if v := args[0].plain(); args[0].kind == one && v.Kind() != doc.Object {
		return operand{kind: failed}
	}
	return e.keys(args[0])
}

// appendTo makes a list of the elements of an array, or of the values of a
// query, and the arguments after it.
func appendTo(e *Evaluator, _ *expr, args []operand) operand {
	list := args[0].list
	if args[0].kind != many && args[0].kind != listed {
		elements, ok := e.elements(args[0])
		if !ok {
			return operand{kind: failed}
		}
		list = elements
	}
	if !e.spend(len(list)) {
		return operand{kind: failed}
	}
	from := len(e.lists)
	e.lists = append(e.lists, list...)
	for _, arg := range args[1:] {
		v := arg.plain()
		if v == nil {
			v = e.array(arg)
		}
		if v == nil {
			return operand{kind: failed}
		}
		e.lists = append(e.lists, v)
	}
	return operand{kind: listed, list: e.lists[from:len(e.lists):len(e.lists)]}
}

// array makes an array of a list of several values.
func (e *Evaluator) array(o operand) doc.Value {
	if len(o.list) == 0 {
		return nil
	}
	b := doc.NewBuilder(nil)
	b.BeginArray()
	for _, v := range o.list {
		if !e.spendBytes(len(v)) {
			return nil
		}
		b.Value(v)
	}
	b.End()
	return b.Bytes()
}

func first(e *Evaluator, _ *expr, args []operand) operand { return e.at(args[0], 0) }

func last(e *Evaluator, _ *expr, args []operand) operand { return e.at(args[0], -1) }

func index(e *Evaluator, _ *expr, args []operand) operand {
	i, ok := truncated(args[1].plain())
	if !ok {
		return operand{kind: failed}
	}
	return e.at(args[0], i)
}

// at returns the element at i of the list that an operand is.
func (e *Evaluator) at(o operand, i int) operand {
	if array := o.plain(); array.Kind() == doc.Array && e.spend(array.Len()/passed) {
		if v := array.Element(i); v != nil {
			return single(v)
		}
		return operand{kind: failed}
	}
	if i < 0 {
		i += len(o.list)
	}
	if !o.isList() || i < 0 || i >= len(o.list) {
		return operand{kind: failed}
	}
	return single(o.list[i])
}

func least(e *Evaluator, _ *expr, args []operand) operand { return e.extreme(args[0], -1) }

func greatest(e *Evaluator, _ *expr, args []operand) operand { return e.extreme(args[0], 1) }

// extreme returns the number that is the least or the greatest, as sign says.
func (e *Evaluator) extreme(o operand, sign int) operand {
	list, ok := e.numbers(o)
	if !ok {
		return operand{kind: failed}
	}
	found := list[0]
	for _, v := range list[1:] {
		if doc.CompareNumbers(v.Text(), found.Text()) == sign {
			found = v
		}
	}
	return single(found)
}

func sum(e *Evaluator, _ *expr, args []operand) operand {
	list, ok := e.numbers(args[0])
	if !ok {
		return operand{kind: failed}
	}
	return e.sum(list)
}

func avg(e *Evaluator, _ *expr, args []operand) operand {
	list, ok := e.numbers(args[0])
	if !ok {
		return operand{kind: failed}
	}
	m, _ := mean(list)
	return e.float(m)
}

// stddev is the standard deviation of the population.
func stddev(e *Evaluator, _ *expr, args []operand) operand {
	list, ok := e.numbers(args[0])
	if !ok {
		return operand{kind: failed}
	}
	_, variance := mean(list)
	return e.float(math.Sqrt(variance))
}
