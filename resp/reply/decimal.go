package reply

import (
	"bytes"
	"strconv"

	"github.com/tidwall/redcon"
)

// Decimal writes a finite number in plain notation, with up to 17 digits behind
// the point and no zeros at the end of them: how redis-server spells coordinates.
func (w *Writer) Decimal(f float64) {
	w.check.item(0)
	var text [32]byte
	digits := strconv.AppendFloat(text[:0], f, 'f', 17, 64)
	digits = bytes.TrimSuffix(bytes.TrimRight(digits, "0"), []byte("."))
	if !w.resp3 {
		w.buf = redcon.AppendBulk(w.buf, digits)
		return
	}
	w.buf = append(append(append(w.buf, ','), digits...), '\r', '\n')
}
