package path

import (
	"math"

	"kvd/engine/doc"
)

var arithmetic = [...]doc.Operator{
	0:                   doc.Plus, // opAdd
	opSubtract - opAdd:  doc.Minus,
	opMultiply - opAdd:  doc.Times,
	opDivide - opAdd:    doc.Divide,
	opRemainder - opAdd: doc.Remainder,
}

// number returns the text of the number that an operand is, or nothing.
func (o operand) number() []byte {
	if v := o.plain(); v.Kind() == doc.Number {
		return v.Text()
	}
	return nil
}

// calculate applies an operation to two numbers.
func (e *Evaluator) calculate(op opcode, a, b operand) operand {
	x, y := a.number(), b.number()
	if x == nil || y == nil || !e.spendDigits(len(x), len(y)) {
		return operand{kind: failed}
	}
	var buf [64]byte
	text, err := doc.Calculate(buf[:0], x, arithmetic[op-opAdd], y)
	if err != nil {
		return operand{kind: failed}
	}
	return e.newNumber(text)
}

// spendDigits pays for a calculation with numbers of so many digits.
func (e *Evaluator) spendDigits(a, b int) bool {
	const perStep, productPerStep = 8, 1024
	return e.spend(1 + (a+b)/perStep + a*b/productPerStep)
}

func (e *Evaluator) negate(o operand) operand {
	return e.calculate(opSubtract, single(zeroValue[:]), o)
}

// zeroValue is the number 0.
var zeroValue = [2]byte(doc.AppendNumber(nil, "0"))

// newNumber makes a number a value.
func (e *Evaluator) newNumber(text []byte) operand {
	from := len(e.computed)
	e.computed = doc.AppendNumber(e.computed, text)
	return single(e.made(from))
}

// made returns the value that was appended to e.computed at from.
func (e *Evaluator) made(from int) doc.Value {
	return e.computed[from:len(e.computed):len(e.computed)]
}

// float makes a float64 a value; what is not finite is none.
func (e *Evaluator) float(f float64) operand {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return operand{kind: failed}
	}
	var buf [32]byte
	return e.newNumber(doc.AppendFloat(buf[:0], f))
}

// keys makes a list of the names of all the objects that an operand is.
func (e *Evaluator) keys(o operand) operand {
	from := len(e.lists)
	for _, v := range o.values() {
		if v.Kind() != doc.Object {
			continue
		}
		for it := v.Items(); it.Next() && e.spendBytes(len(it.Name())); {
			at := len(e.computed)
			e.computed = doc.AppendString(e.computed, it.Name())
			e.lists = append(e.lists, e.made(at))
		}
	}
	return operand{kind: listed, list: e.lists[from:len(e.lists):len(e.lists)]}
}

// values returns what an operand is as a list.
func (o operand) values() []doc.Value {
	if o.kind == one {
		return []doc.Value{o.value}
	}
	return o.list
}

// round applies one of the functions that make an integer of a number, which
// leaves an integer as it is.
func (e *Evaluator) round(o operand, f func(float64) float64) operand {
	text := o.number()
	switch {
	case text == nil:
		return operand{kind: failed}
	case doc.IsInteger(text):
		return o
	}
	return e.float(f(doc.Float(text)))
}

// numbers returns the texts of the numbers in the list that an operand is; false
// if it is empty or has anything else.
func (e *Evaluator) numbers(o operand) ([]doc.Value, bool) {
	list, ok := e.elements(o)
	for _, v := range list {
		if v.Kind() != doc.Number || !e.spendBytes(len(v)) {
			return nil, false
		}
	}
	return list, ok && len(list) > 0
}

// sum adds numbers, exactly as long as all are integers.
func (e *Evaluator) sum(list []doc.Value) operand {
	total := []byte("0")
	var next []byte
	for _, v := range list {
		if !e.spendDigits(len(total), v.Len()) {
			return operand{kind: failed}
		}
		var err error
		if next, err = doc.Calculate(next[:0], total, doc.Plus, v.Text()); err != nil {
			return operand{kind: failed}
		}
		total, next = next, total
	}
	return e.newNumber(total)
}

// mean returns the mean of numbers and the mean of the squares of their
// distances from it.
func mean(list []doc.Value) (mean, variance float64) {
	n := float64(len(list))
	for _, v := range list {
		mean += doc.Float(v.Text())
	}
	mean /= n
	for _, v := range list {
		d := doc.Float(v.Text()) - mean
		variance += d * d / n
	}
	return mean, variance
}
