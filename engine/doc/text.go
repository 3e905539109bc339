package doc

import "unicode/utf8"

// Format says how JSON text is laid out. The zero Format is the compact one.
type Format struct {
	// Indent is written once for each level before an element on its own line,
	// Newline after each bracket, brace and comma, Space after each colon.
	Indent, Newline, Space string
}

// AppendText adds the compact JSON text of v to dst.
func AppendText(dst []byte, v Value) []byte {
	w := Writer{Buf: dst}
	w.Value(v)
	return w.Buf
}

// Writer writes JSON text, values and the containers around them. The caller
// closes what it opens and gives a name before each value in an object.
type Writer struct {
	// Buf is what was written; the next text is appended to it.
	Buf    []byte
	Format Format

	level int
	any   bool // the container that is open has an element
	named bool // a name was just written
}

// BeginArray opens an array.
func (w *Writer) BeginArray() { w.begin('[') }

// EndArray closes the array that was opened last.
func (w *Writer) EndArray() { w.end(']') }

// BeginObject opens an object.
func (w *Writer) BeginObject() { w.begin('{') }

// EndObject closes the object that was opened last.
func (w *Writer) EndObject() { w.end('}') }

// Name writes the name of the next value in an object.
func (w *Writer) Name(name []byte) {
	w.lead()
	w.Buf = append(appendQuoted(w.Buf, name), ':')
	w.Buf = append(w.Buf, w.Format.Space...)
	w.named = true
}

// Value writes a value; none is written as null.
func (w *Writer) Value(v Value) {
	switch v.Kind() {
	case Array:
		w.BeginArray()
		for it := v.Items(); it.Next(); {
			w.Value(it.Value())
		}
		w.EndArray()
	case Object:
		w.BeginObject()
		for it := v.Items(); it.Next(); {
			w.Name(it.Name())
			w.Value(it.Value())
		}
		w.EndObject()
	default:
		w.lead()
		w.Buf = appendScalar(w.Buf, v)
	}
}

// lead writes what stands before an element: the comma and the line.
func (w *Writer) lead() {
	switch {
	case w.named:
		w.named = false
		return
	case w.level == 0:
		return
	case w.any:
		w.Buf = append(w.Buf, ',')
	}
	w.any = true
	w.line()
}

func (w *Writer) line() {
	w.Buf = append(w.Buf, w.Format.Newline...)
	if w.Format.Indent == "" {
		return
	}
	for range w.level {
		w.Buf = append(w.Buf, w.Format.Indent...)
	}
}

func (w *Writer) begin(bracket byte) {
	w.lead()
	w.Buf = append(w.Buf, bracket)
	w.level++
	w.any = false
}

func (w *Writer) end(bracket byte) {
	w.level--
	if w.any {
		w.line()
	}
	w.Buf = append(w.Buf, bracket)
	w.any = true
}

func appendScalar(dst []byte, v Value) []byte {
	switch v.Kind() {
	case False:
		return append(dst, "false"...)
	case True:
		return append(dst, "true"...)
	case Number:
		return append(dst, v.Text()...)
	case String:
		return appendQuoted(dst, v.Text())
	}
	return append(dst, "null"...)
}

const hexDigits = "0123456789abcdef"

// appendQuoted adds a string as JSON text. Only what must be escaped is.
func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range s {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// Runes returns the number of characters of a string value.
func (v Value) Runes() int { return utf8.RuneCount(v.Text()) }
