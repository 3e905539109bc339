package sandbox

import (
	"strconv"
	"strings"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
)

// jsonToken is what stands next in a text. Its values of one byte are those of
// JSON's own punctuation.
type jsonToken struct {
	kind  string
	at    int // where it is, from 0
	value lua.LValue
}

// The kinds of tokens, as errors name them.
const (
	tokenObject      = "T_OBJ_BEGIN"
	tokenObjectEnd   = "T_OBJ_END"
	tokenArray       = "T_ARR_BEGIN"
	tokenArrayEnd    = "T_ARR_END"
	tokenString      = "T_STRING"
	tokenNumber      = "T_NUMBER"
	tokenBoolean     = "T_BOOLEAN"
	tokenNull        = "T_NULL"
	tokenColon       = "T_COLON"
	tokenComma       = "T_COMMA"
	tokenEnd         = "T_END"
	tokenInvalid     = "invalid token"
	tokenBadNumber   = "invalid number"
	tokenBadEscape   = "invalid escape code"
	tokenBadUnicode  = "invalid unicode escape code"
	tokenOpenLiteral = "unexpected end of string"
)

// jsonDecoder reads one text.
type jsonDecoder struct {
	*jsonSettings
	c     Call
	text  string
	at    int
	depth int
}

func (s *jsonSettings) decode(c Call) int {
	if c.GetTop() != 1 {
		c.BadArg(1, "expected 1 argument")
	}
	d := jsonDecoder{jsonSettings: s, c: c, text: c.Str(1)}
	v := d.value(d.next())
	if end := d.next(); end.kind != tokenEnd {
		d.expected("the end", end)
	}
	c.Push(v)
	return 1
}

func (d *jsonDecoder) expected(what string, got jsonToken) {
	d.c.Fail("Expected %s but found %s at character %d", what, got.kind, got.at+1)
}

func (d *jsonDecoder) value(t jsonToken) lua.LValue {
	switch t.kind {
	case tokenString, tokenNumber, tokenBoolean, tokenNull:
		return t.value
	case tokenObject:
		return d.object()
	case tokenArray:
		return d.array()
	}
	d.expected("value", t)
	return nil
}

// descend goes one level down.
func (d *jsonDecoder) descend() *lua.LTable {
	if d.depth++; d.depth > d.decodeDepth {
		d.c.Fail("Found too many nested data structures (%d) at character %d", d.depth, d.at)
	}
	d.c.Charge(tableBytes)
	d.c.vm.Poll()
	return d.c.vm.state.CreateTable(0, 0)
}

func (d *jsonDecoder) object() lua.LValue {
	object := d.descend()
	t := d.next()
	if t.kind == tokenObjectEnd {
		d.depth--
		return object
	}
	for {
		if t.kind != tokenString {
			d.expected("object key string", t)
		}
		key := t.value
		if colon := d.next(); colon.kind != tokenColon {
			d.expected("colon", colon)
		}
		value := d.value(d.next())
		d.c.Charge(entryBytes + orderBytes)
		object.RawSet(key, value)
		switch t = d.next(); t.kind {
		case tokenObjectEnd:
			d.depth--
			return object
		case tokenComma:
			t = d.next()
		default:
			d.expected("comma or object end", t)
		}
	}
}

func (d *jsonDecoder) array() lua.LValue {
	array := d.descend()
	t := d.next()
	if t.kind == tokenArrayEnd {
		d.depth--
		return array
	}
	for i := 1; ; i++ {
		value := d.value(t)
		d.c.Charge(slotBytes + numberBytes)
		array.RawSetInt(i, value)
		switch t = d.next(); t.kind {
		case tokenArrayEnd:
			d.depth--
			return array
		case tokenComma:
			t = d.next()
		default:
			d.expected("comma or array end", t)
		}
	}
}

// next reads the next token.
func (d *jsonDecoder) next() jsonToken {
	for d.at < len(d.text) && strings.IndexByte(" \t\n\r", d.text[d.at]) >= 0 {
		d.at++
	}
	t := jsonToken{at: d.at}
	if d.at >= len(d.text) {
		t.kind = tokenEnd
		return t
	}
	ch := d.text[d.at]
	if kind, ok := punctuation[ch]; ok {
		d.at++
		t.kind = kind
		return t
	}
	switch {
	case ch == '"':
		return d.literal(t)
	case ch == '-' || ch == '+' || isDigit(ch):
		return d.number(t)
	}
	return d.word(t)
}

var punctuation = map[byte]string{
	'{': tokenObject, '}': tokenObjectEnd, '[': tokenArray, ']': tokenArrayEnd, ':': tokenColon, ',': tokenComma,
}

func (d *jsonDecoder) word(t jsonToken) jsonToken {
	rest := d.text[d.at:]
	for _, w := range []struct {
		text, kind string
		value      lua.LValue
	}{
		{"true", tokenBoolean, lua.LTrue}, {"false", tokenBoolean, lua.LFalse}, {"null", tokenNull, d.c.vm.null},
	} {
		if strings.HasPrefix(rest, w.text) {
			d.at += len(w.text)
			t.kind, t.value = w.kind, w.value
			return t
		}
	}
	if d.decodeInvalid == "on" && len(rest) >= 3 && isInvalidNumber(rest) {
		return d.number(t)
	}
	t.kind = tokenInvalid
	return t
}

// isInvalidNumber reports whether a text begins with an infinity or NaN.
func isInvalidNumber(s string) bool {
	s = strings.TrimLeft(s, "+-")
	if len(s) < 3 {
		return false
	}
	word := strings.ToLower(s[:3])
	return word == "inf" || word == "nan"
}

// number reads a number as strtod does, which knows more notations than JSON.
func (d *jsonDecoder) number(t jsonToken) jsonToken {
	end := d.at
	for end < len(d.text) && strings.IndexByte("+-.", d.text[end]) >= 0 ||
		end < len(d.text) && (isDigit(d.text[end]) || isAlpha(d.text[end])) {
		end++
	}
	for ; end > d.at; end-- {
		if f, ok := ParseNumber(d.text[d.at:end]); ok {
			d.at = end
			t.kind, t.value = tokenNumber, lua.LNumber(f)
			return t
		}
		if end-d.at > longestNumber {
			end = d.at + longestNumber
		}
	}
	t.kind = tokenBadNumber
	return t
}

// longestNumber is how many bytes of a number are tried that is followed by what
// belongs to none.
const longestNumber = 512

// literal reads a string.
func (d *jsonDecoder) literal(t jsonToken) jsonToken {
	d.at++
	if end := strings.IndexAny(d.text[d.at:], `"\`); end >= 0 && d.text[d.at+end] == '"' {
		t.kind, t.value = tokenString, lua.LString(d.text[d.at:d.at+end])
		d.at += end + 1
		return t
	}
	var b []byte
	for d.at < len(d.text) {
		ch := d.text[d.at]
		if ch == '"' {
			d.at++
			d.c.Charge(len(b))
			t.kind, t.value = tokenString, lua.LString(b)
			return t
		}
		if ch != '\\' {
			b = append(b, ch)
			d.at++
			continue
		}
		var fault string
		if b, fault = d.escape(b); fault != "" {
			t.kind, t.at = fault, d.at
			return t
		}
	}
	t.kind, t.at = tokenOpenLiteral, len(d.text)
	return t
}

// escape reads what a backslash begins.
func (d *jsonDecoder) escape(b []byte) (after []byte, fault string) {
	if d.at+1 >= len(d.text) {
		return b, tokenBadEscape
	}
	const from, to = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	ch := d.text[d.at+1]
	if i := strings.IndexByte(from, ch); i >= 0 {
		d.at += 2
		return append(b, to[i]), ""
	}
	if ch != 'u' {
		return b, tokenBadEscape
	}
	r, ok := d.unit(d.at)
	if !ok || r >= 0xDC00 && r <= 0xDFFF {
		return b, tokenBadUnicode
	}
	size := 6
	if r >= 0xD800 && r <= 0xDBFF {
		low, ok := d.unit(d.at + size)
		if !ok || low < 0xDC00 || low > 0xDFFF {
			return b, tokenBadUnicode
		}
		r = 0x10000 + (r-0xD800)<<10 + low - 0xDC00
		size *= 2
	}
	d.at += size
	return utf8.AppendRune(b, r), ""
}

// unit reads \uXXXX at a place.
func (d *jsonDecoder) unit(at int) (rune, bool) {
	if at+6 > len(d.text) || d.text[at] != '\\' || d.text[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(d.text[at+2:at+6], 16, 16)
	return rune(n), err == nil
}
