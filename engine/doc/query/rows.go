package query

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

// Row is a group and what was calculated from it.
type Row struct {
	// Cells are one for each group term and then one for each reducer.
	Cells []Cell
	// Skipped is how many values of other types reducers left out.
	Skipped int
}

// Columns returns the names of the cells.
func (a *Aggregate) Columns() []string {
	names := make([]string, 0, len(a.Groups)+len(a.Reduces))
	for i := range a.Groups {
		names = append(names, a.Groups[i].As)
	}
	for i := range a.Reduces {
		names = append(names, a.Reduces[i].As)
	}
	return names
}

// Rows returns the rows of the aggregation in the order that it asks for, else in
// that of the values of the group terms. It fails with doc.ErrOverflow and
// path.ErrSteps.
func (a *Aggregation) Rows(m *Matcher) ([]Row, error) {
	groups := make([]*group, 0, len(a.groups))
	for _, g := range a.groups {
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(x, y *group) int { return strings.Compare(x.key, y.key) })
	rows := make([]Row, 0, len(groups))
	names := a.of.Columns()
	for _, g := range groups {
		row, err := g.row()
		if err != nil {
			return nil, err
		}
		ok, err := a.has(m, names, &row)
		if err != nil {
			return nil, err
		}
		if ok {
			rows = append(rows, row)
		}
	}
	a.of.sort(rows, names)
	if a.of.Limit > 0 && len(rows) > a.of.Limit {
		rows = rows[:a.of.Limit]
	}
	return rows, nil
}

// row calculates the cells of a group.
func (g *group) row() (Row, error) {
	row := Row{Skipped: g.skipped}
	for _, v := range g.values {
		row.Cells = append(row.Cells, Cell{Value: v})
	}
	for _, r := range g.reducers {
		cell, err := r.result()
		if err != nil {
			return row, err
		}
		row.Cells = append(row.Cells, cell)
	}
	return row, nil
}

// has says whether HAVING takes a row. A column is a member of @ by its name, and
// one without a value is missing.
func (a *Aggregation) has(m *Matcher, names []string, row *Row) (bool, error) {
	if a.of.Having == nil {
		return true, nil
	}
	b := doc.NewBuilder(nil)
	b.BeginObject()
	for i, cell := range row.Cells {
		if cell.Value != nil {
			b.Name(names[i])
			b.Value(cell.number())
		}
	}
	if row.Skipped > 0 && !slices.Contains(names, Skipped) {
		b.Name(Skipped)
		b.Value(doc.AppendNumber(nil, strconv.Itoa(row.Skipped)))
	}
	b.End()
	m.Reset(0)
	return m.Test(a.of.Having, &path.Document{Root: b.Bytes()})
}

// Skipped is the name of the column that counts values that were left out.
const Skipped = "skipped"

// number returns the value of a cell with digits as a number.
func (c Cell) number() doc.Value {
	if c.Form == Text && doc.IsNumber(c.Value.Text()) {
		return doc.AppendNumber(nil, c.Value.Text())
	}
	return c.Value
}

// sort sorts rows by the columns.
func (a *Aggregate) sort(rows []Row, names []string) {
	if len(a.Sort) == 0 {
		return
	}
	var x, y []byte
	slices.SortStableFunc(rows, func(r, s Row) int {
		for _, key := range a.Sort {
			i := slices.Index(names, key.Column)
			if i < 0 {
				continue
			}
			x = appendValue(x[:0], r.Cells[i].number(), UntypedValues, whole)
			y = appendValue(y[:0], s.Cells[i].number(), UntypedValues, whole)
			if c := bytes.Compare(x, y); c != 0 {
				return key.Direction.of(c)
			}
		}
		return 0
	})
}
