// Package reply spells replies in RESP2 and RESP3.
//
// Handlers say what they mean (Map, Double, NullArray); this package alone
// knows how each protocol version writes it. A Writer appends to the output
// of one connection and is used by one goroutine at a time.
//
// Format: https://redis.io/docs/latest/develop/reference/protocol-spec/
package reply

import (
	"math/big"
	"strconv"

	"github.com/tidwall/redcon"

	"kvd/internal/rediserr"
)

// Shared is a value too large to be copied: it is sent from where it is, and
// released once it has left or is no longer wanted.
type Shared interface {
	Bytes() []byte
	Release()
}

// Writer collects replies. The zero value writes RESP2.
type Writer struct {
	buf   []byte
	large []insert // in order of at
	sent  int      // bytes of the first chunk that have left already
	size  int      // bytes of all inserts
	resp3 bool
	check checker
}

// insert is a shared value that stands before buf[at].
type insert struct {
	at    int
	value Shared
}

// Mark is a place in the output that Rewind can go back to.
type Mark struct {
	buf, large int
	check      checker
}

// SetProtocol chooses the protocol version for what follows: 2 or 3.
func (w *Writer) SetProtocol(version int) { w.resp3 = version == 3 }

// Protocol returns the protocol version, 2 or 3.
func (w *Writer) Protocol() int {
	if w.resp3 {
		return 3
	}
	return 2
}

// Mark remembers the end of the output.
func (w *Writer) Mark() Mark { return Mark{len(w.buf), len(w.large), w.check} }

// Rewind takes back all that was written since the mark. Nothing of it may
// have been sent.
func (w *Writer) Rewind(m Mark) {
	for _, in := range w.large[m.large:] {
		w.size -= len(in.value.Bytes())
		in.value.Release()
	}
	clear(w.large[m.large:])
	w.large = w.large[:m.large]
	w.buf = w.buf[:m.buf]
	w.check = m.check
}

// Since returns the bytes written since the mark; it copies when a shared
// value is among them. They are valid until the next write.
func (w *Writer) Since(m Mark) []byte {
	if len(w.large) == m.large {
		return w.buf[m.buf:]
	}
	var out []byte
	from := m.buf
	for _, in := range w.large[m.large:] {
		out = append(append(out, w.buf[from:in.at]...), in.value.Bytes()...)
		from = in.at
	}
	return append(out, w.buf[from:]...)
}

// OK writes +OK.
func (w *Writer) OK() { w.Status("OK") }

// Status writes a simple string. It must not hold a line break.
func (w *Writer) Status(s string) {
	w.check.item(0)
	w.buf = append(append(append(w.buf, '+'), s...), '\r', '\n')
}

// Error writes an error. What is not a rediserr.Error is a fault of ours and
// shown as one, without its text.
func (w *Writer) Error(err error) {
	w.check.item(0)
	e, ok := err.(*rediserr.Error) //nolint:errorlint // handlers return these unwrapped
	if !ok {
		e = rediserr.Internal
	}
	w.buf = append(append(append(w.buf, '-'), e.Code...), ' ')
	w.buf = append(append(w.buf, e.Text...), '\r', '\n')
}

// Int writes an integer.
func (w *Writer) Int(n int64) {
	w.check.item(0)
	w.buf = redcon.AppendInt(w.buf, n)
}

// Bulk writes a string of any bytes.
func (w *Writer) Bulk(b []byte) {
	w.check.item(0)
	w.buf = redcon.AppendBulk(w.buf, b)
}

// Text writes a string of any bytes.
func (w *Writer) Text(s string) {
	w.check.item(0)
	w.buf = redcon.AppendBulkString(w.buf, s)
}

// Large writes a shared value as a bulk string without copying it, and takes
// over the caller's hold on it.
func (w *Writer) Large(v Shared) {
	w.check.item(0)
	w.buf = append(w.buf, '$')
	w.buf = strconv.AppendInt(w.buf, int64(len(v.Bytes())), 10)
	w.buf = append(w.buf, '\r', '\n')
	w.large = append(w.large, insert{len(w.buf), v})
	w.size += len(v.Bytes())
	w.buf = append(w.buf, '\r', '\n')
}

// BulkOrNull writes b, or null when b is nil.
func (w *Writer) BulkOrNull(b []byte) {
	if b == nil {
		w.Null()
		return
	}
	w.Bulk(b)
}

// BulkInt writes a number in decimal as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var digits [20]byte
	w.Bulk(strconv.AppendInt(digits[:0], n, 10))
}

// Null writes that there is no value.
func (w *Writer) Null() {
	w.check.item(0)
	if w.resp3 {
		w.buf = append(w.buf, "_\r\n"...)
		return
	}
	w.buf = append(w.buf, "$-1\r\n"...)
}

// NullArray writes that there is no list.
func (w *Writer) NullArray() {
	w.check.item(0)
	if w.resp3 {
		w.buf = append(w.buf, "_\r\n"...)
		return
	}
	w.buf = append(w.buf, "*-1\r\n"...)
}

// Array opens a list of n items, which the caller writes next.
func (w *Writer) Array(n int) {
	w.check.item(n)
	w.header('*', n)
}

// Map opens a map of n pairs: the caller writes key, value, key, value …
func (w *Writer) Map(n int) {
	w.check.item(2 * n)
	if w.resp3 {
		w.header('%', n)
		return
	}
	w.header('*', 2*n)
}

// Set opens a collection of n items without order or doubles.
func (w *Writer) Set(n int) {
	w.check.item(n)
	if w.resp3 {
		w.header('~', n)
		return
	}
	w.header('*', n)
}

// Push opens an out-of-band message of n items. It is not part of a reply, nor
// an item of one: see NoReply.
func (w *Writer) Push(n int) {
	w.check.outside(n)
	if w.resp3 {
		w.header('>', n)
		return
	}
	w.header('*', n)
}

// Attr opens n pairs of attributes of the reply that follows and reports
// whether the caller is to write them: RESP2 has none.
func (w *Writer) Attr(n int) bool {
	if !w.resp3 {
		return false
	}
	w.check.outside(2 * n)
	w.header('|', n)
	return true
}

// Double writes a floating-point number with the fewest digits that read back
// as the same number.
func (w *Writer) Double(f float64) {
	w.check.item(0)
	var text [32]byte
	digits := AppendFloat(text[:0], f)
	if !w.resp3 {
		w.buf = redcon.AppendBulk(w.buf, digits)
		return
	}
	w.buf = append(append(append(w.buf, ','), digits...), '\r', '\n')
}

// Bool writes a truth value; in RESP2 it is 1 or 0.
func (w *Writer) Bool(b bool) {
	n := byte('0')
	if b {
		n = '1'
	}
	w.check.item(0)
	if !w.resp3 {
		w.buf = append(w.buf, ':', n, '\r', '\n')
		return
	}
	w.buf = append(w.buf, '#', "ft"[n-'0'], '\r', '\n')
}

// BigInt writes an integer of any size; in RESP2 it is a string.
func (w *Writer) BigInt(n *big.Int) {
	if !w.resp3 {
		w.Text(n.String())
		return
	}
	w.check.item(0)
	w.buf = append(n.Append(append(w.buf, '('), 10), '\r', '\n')
}

// Verbatim writes a text for people. format has three letters, such as "txt";
// in RESP2 the text is a plain string.
func (w *Writer) Verbatim(format, text string) {
	if !w.resp3 {
		w.Text(text)
		return
	}
	w.check.item(0)
	w.header('=', len(text)+4)
	w.buf = append(append(append(append(w.buf, format...), ':'), text...), '\r', '\n')
}

// Raw appends bytes that already are one reply.
func (w *Writer) Raw(b []byte) {
	w.check.item(0)
	w.buf = append(w.buf, b...)
}

func (w *Writer) header(kind byte, n int) {
	w.buf = append(w.buf, kind)
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	w.buf = append(w.buf, '\r', '\n')
}
