package query

import (
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/cockroachdb/apd/v3"

	"kvd/engine/doc"
)

// digitsOf returns the text of a number, or of a string that is one by its type.
func digitsOf(v doc.Value, t Type) (text []byte, decimal, ok bool) {
	switch v.Kind() {
	case doc.Number:
		return v.Text(), false, true
	case doc.String:
		return v.Text(), true, t == Decimals && isDecimal(v.Text())
	}
	return nil, false, false
}

// sum adds numbers: integers and decimals exactly, others as float64 with the
// rounding errors made up for (A. Neumaier, 1974).
type sum struct {
	typ   Type
	n     int
	small int64    // integers, as long as their sum fits
	large *big.Int // the sum beyond that

	decimals         *apd.Decimal
	floats           bool
	float, makeshift float64
}

func (s *sum) add(v doc.Value) (bool, error) {
	text, decimal, ok := digitsOf(v, s.typ)
	if !ok {
		return false, nil
	}
	s.n++
	switch {
	case decimal:
		return true, s.addDecimal(text)
	case doc.IsInteger(text):
		return true, s.addInteger(text)
	}
	s.floats = true
	s.addFloat(doc.Float(text))
	return true, nil
}

func (s *sum) addInteger(text []byte) error {
	n, ok := doc.Int(text)
	if total := s.small + n; ok && (total > s.small) == (n > 0) {
		s.small = total
		return nil
	}
	if len(text) > doc.MaxDigits {
		return doc.ErrOverflow
	}
	if s.large == nil {
		s.large = new(big.Int)
	}
	term, _ := new(big.Int).SetString(string(text), 10)
	s.large.Add(s.large, term)
	return nil
}

// integers returns the sum of the integers.
func (s *sum) integers() *big.Int {
	total := big.NewInt(s.small)
	if s.large != nil {
		total.Add(total, s.large)
	}
	return total
}

// addDecimal adds a decimal, unless its digits would be too far from the others.
func (s *sum) addDecimal(text []byte) error {
	if len(text) > doc.MaxDigits {
		return doc.ErrOverflow
	}
	term, _, err := apd.NewFromString(string(text))
	if err != nil || term.Exponent > doc.MaxDigits || term.Exponent < -doc.MaxDigits {
		return doc.ErrOverflow
	}
	if s.decimals == nil {
		s.decimals = new(apd.Decimal)
	}
	if _, err := apd.BaseContext.Add(s.decimals, s.decimals, term); err != nil {
		return doc.ErrOverflow
	}
	return nil
}

func (s *sum) addFloat(f float64) {
	total := s.float + f
	if math.Abs(s.float) >= math.Abs(f) {
		s.makeshift += s.float - total + f
	} else {
		s.makeshift += f - total + s.float
	}
	s.float = total
}

func (s *sum) result() (Cell, error) {
	switch {
	case s.floats:
		return floatCell(s.total())
	case s.decimals != nil:
		return s.decimalCell(s.exact())
	}
	total := s.integers()
	form := Text
	if total.IsInt64() {
		form = Integer
	}
	return Cell{doc.AppendNumber(nil, total.String()), form}, nil
}

// exact returns the sum of integers and decimals.
func (s *sum) exact() *apd.Decimal {
	total := apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(s.integers()), 0)
	if _, err := apd.BaseContext.Add(total, total, s.decimals); err != nil {
		return s.decimals
	}
	return total
}

// total returns the sum of everything as a float64.
func (s *sum) total() float64 {
	integers, _ := new(big.Float).SetInt(s.integers()).Float64()
	total := s.float + s.makeshift + integers
	if s.decimals != nil {
		f, _ := strconv.ParseFloat(s.decimals.Text('e'), 64) // out of range is infinite
		total += f
	}
	return total
}

func (s *sum) decimalCell(d *apd.Decimal) (Cell, error) {
	return Cell{doc.AppendString(nil, d.Text('f')), Text}, nil
}

func floatCell(f float64) (Cell, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return Cell{}, doc.ErrOverflow
	}
	return Cell{doc.AppendNumber(nil, doc.AppendFloat(nil, f)), Double}, nil
}

// average is the mean of numbers: of decimals with 34 digits, else as float64.
type average struct{ sum }

func (a *average) result() (Cell, error) {
	switch {
	case a.n == 0:
		return Cell{}, nil
	case a.floats:
		return floatCell(a.total() / float64(a.n))
	case a.decimals == nil:
		mean, _ := new(big.Rat).SetFrac(a.integers(), big.NewInt(int64(a.n))).Float64()
		return floatCell(mean)
	}
	const digits = 34
	c := apd.BaseContext.WithPrecision(digits)
	mean := new(apd.Decimal)
	if _, err := c.Quo(mean, a.exact(), apd.New(int64(a.n), 0)); err != nil {
		return Cell{}, doc.ErrOverflow
	}
	mean.Reduce(mean)
	return a.decimalCell(mean)
}

// deviation is the standard deviation of a sample (B. P. Welford, 1962).
type deviation struct {
	typ           Type
	n             int
	mean, squares float64
}

func (d *deviation) add(v doc.Value) (bool, error) {
	text, _, ok := digitsOf(v, d.typ)
	if !ok {
		return false, nil
	}
	d.n++
	f := doc.Float(text)
	distance := f - d.mean
	d.mean += distance / float64(d.n)
	d.squares += distance * (f - d.mean)
	return true, nil
}

func (d *deviation) result() (Cell, error) {
	if d.n < 2 {
		return Cell{}, nil
	}
	return floatCell(math.Sqrt(d.squares / float64(d.n-1)))
}

// quantile is the number below which a part of the numbers lies, interpolated
// between the two next to it.
type quantile struct {
	typ    Type
	in     *Aggregation
	part   float64
	values []float64
}

func (q *quantile) add(v doc.Value) (bool, error) {
	text, _, ok := digitsOf(v, q.typ)
	if !ok {
		return false, nil
	}
	const perValue = 2 * 8
	q.values = append(q.values, doc.Float(text))
	return true, q.in.take(perValue)
}

func (q *quantile) result() (Cell, error) {
	if len(q.values) == 0 {
		return Cell{}, nil
	}
	slices.Sort(q.values)
	place := q.part * float64(len(q.values)-1)
	below := int(place)
	above := min(below+1, len(q.values)-1)
	low, high := q.values[below], q.values[above]
	return floatCell(low + (high-low)*(place-float64(below)))
}
