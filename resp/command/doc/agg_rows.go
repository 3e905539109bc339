package doc

import (
	"errors"

	"kvd/engine/doc"
	"kvd/engine/doc/query"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// aggError is what a client is told of an error while documents are counted.
func aggError(s *search, err error) error {
	var fault *query.TypeError
	if errors.As(err, &fault) {
		return rediserr.Coded("INVALID", rediserr.OneLine(s.coll.Name+"/"+fault.Error()))
	}
	return err
}

// writeRows writes the rows of an aggregate: an array of maps.
func writeRows(c *command.Ctx, names []string, rows []query.Row) {
	c.Out.Array(len(rows))
	for i := range rows {
		n := len(names)
		if rows[i].Skipped > 0 {
			n++
		}
		c.Out.Map(n)
		for j, cell := range rows[i].Cells {
			c.Out.Text(names[j])
			writeCell(c, cell)
		}
		if rows[i].Skipped > 0 {
			c.Out.Text(query.Skipped)
			c.Out.Int(int64(rows[i].Skipped))
		}
	}
}

// writeCell writes a cell: counts and integers as integers, other numbers that were
// calculated as doubles, decimals and integers of more than 64 bits as their
// digits, values of documents as JSON text, and nothing as null.
func writeCell(c *command.Ctx, cell query.Cell) {
	switch {
	case cell.Value == nil:
		c.Out.Null()
	case cell.Form == query.Integer:
		n, _ := doc.Int(cell.Value.Text())
		c.Out.Int(n)
	case cell.Form == query.Double:
		c.Out.Double(doc.Float(cell.Value.Text()))
	case cell.Form == query.Text:
		c.Out.Bulk(cell.Value.Text())
	default:
		c.Out.Bulk(doc.AppendText(nil, cell.Value))
	}
}
