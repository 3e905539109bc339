package doc

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAndWrite(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{` null `, `null`},
		{"\t[ true ,false\n]\r", `[true,false]`},
		{`{}`, `{}`},
		{`[]`, `[]`},
		{`[[],{}]`, `[[],{}]`},
		{`-0`, `-0`},
		{`1.50`, `1.50`},
		{`1E+05`, `1E+05`},
		{`-12.25e-3`, `-12.25e-3`},
		{strings.Repeat("9", 400), strings.Repeat("9", 400)},
		{`1e999999999999`, `1e999999999999`},
		{`"aA\n\"\\\/"`, `"aA\n\"\\/"`},
		{`"\u0000\u001F\b\f\t\r"`, `"\u0000\u001f\b\f\t\r"`},
		{`"\uD834\uDD1E é 𝄞"`, `"𝄞 é 𝄞"`},
		{"\"\x7f\"", "\"\x7f\""},
		{`{"b":1,"a":2}`, `{"b":1,"a":2}`},
		{`{"a":1,"b":2,"a":3}`, `{"a":3,"b":2}`},
		{`{"a":{"x":1,"x":2},"a":[1],"\u0061":null}`, `{"a":null}`},
		{`{"":0}`, `{"":0}`},
	} {
		wantText(t, mustParse(t, c.in), c.want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, `unexpected end at offset 0`},
		{`  `, `unexpected end at offset 2`},
		{`[1,]`, `expected a value at offset 3`},
		{`[1 2]`, `expected ',' or ']' at offset 3`},
		{`{"a":1,}`, `expected a name at offset 7`},
		{`{a:1}`, `expected a name at offset 1`},
		{`{"a" 1}`, `expected ':' at offset 5`},
		{`{"a":1`, `unexpected end at offset 6`},
		{`nul`, `expected a value at offset 0`},
		{`NaN`, `expected a value at offset 0`},
		{`Infinity`, `expected a value at offset 0`},
		{`-Infinity`, `invalid number at offset 1`},
		{`01`, `trailing characters at offset 1`},
		{`1.`, `unexpected end at offset 2`},
		{`1.x`, `invalid number at offset 2`},
		{`1e+`, `unexpected end at offset 3`},
		{`+1`, `expected a value at offset 0`},
		{`"a`, `unexpected end at offset 2`},
		{"\"a\nb\"", `control character in a string at offset 2`},
		{`"\x"`, `invalid escape at offset 1`},
		{`"\u12g4"`, `invalid escape at offset 1`},
		{`"\ud800"`, `lone surrogate at offset 1`},
		{`"\udc00\ud800"`, `lone surrogate at offset 1`},
		{`"\ud800\u0041"`, `lone surrogate at offset 1`},
		{"\"ab\xff\"", `invalid UTF-8 at offset 3`},
		{"\"\xed\xa0\x80\"", `invalid UTF-8 at offset 1`},
		{`'a'`, `expected a value at offset 0`},
		{`1 /* c */`, `trailing characters at offset 2`},
		{"\ufeff1", `expected a value at offset 0`},
	} {
		dst := []byte("kept")
		var p Parser
		got, err := p.Append(dst, []byte(c.in))
		var fault *SyntaxError
		if !errors.As(err, &fault) || err.Error() != "invalid JSON: "+c.want {
			t.Errorf("%q: %v, want %q", c.in, err, c.want)
		}
		if string(got) != "kept" {
			t.Errorf("%q: the buffer became %q", c.in, got)
		}
	}
}

func TestParseLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	if v := mustParse(t, nested(DefaultDepth-1)); v.Depth() != DefaultDepth-1 {
		t.Errorf("depth is %d", v.Depth())
	}
	for _, in := range []string{
		nested(DefaultDepth), strings.Repeat("[", 1<<20), strings.Repeat(`{"a":`, 1<<20),
	} {
		if _, err := Parse([]byte(in)); err != ErrDepth {
			t.Errorf("%.10s: %v", in, err)
		}
	}
	p := Parser{Limits: Limits{Depth: 3, Bytes: 100}}
	for in, want := range map[string]error{
		`[[1]]`: nil, `[[[1]]]`: ErrDepth,
		quote(strings.Repeat("x", 98)):          nil,
		quote(strings.Repeat("x", 99)):          ErrTooLarge,
		"[" + strings.Repeat("1,", 1000) + "1]": ErrTooLarge,
	} {
		if _, err := p.Append(nil, []byte(in)); err != want {
			t.Errorf("%.20s: %v, want %v", in, err, want)
		}
	}
}

// Names that an object has twice are found in small and in large objects.
func TestRepeatedNames(t *testing.T) {
	for _, n := range []int{2, fewNames, fewNames + 1, 1000} {
		var b, want strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":%d,`, i, i)
			last := i
			if i == 1 {
				last = -1
			}
			fmt.Fprintf(&want, `"k%d":%d,`, i, last)
		}
		v := mustParse(t, "{"+b.String()+`"k1":-1}`)
		wantText(t, v, "{"+strings.TrimSuffix(want.String(), ",")+"}")
		if v.Len() != n {
			t.Errorf("%d members, want %d", v.Len(), n)
		}
	}
}

// A parser that is used again gives what a new one gives.
func TestParserAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Parser
		for range 3 {
			in := jsonText().Draw(t, "text")
			fresh, err := Parse([]byte(in))
			again, errAgain := p.Append([]byte("x"), []byte(in))
			if err != nil || errAgain != nil || string(again) != "x"+string(fresh) {
				t.Fatalf("%s: %v, %v", in, err, errAgain)
			}
		}
	})
}

// What encoding/json reads from the text of a value is what it reads from the
// text that was parsed.
func TestParseModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := jsonText().Draw(t, "text")
		v, err := Parse([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if err := Check(v, Limits{}); err != nil {
			t.Fatal(err)
		}
		if got, want := decoded(t, []byte(text(v))), decoded(t, []byte(in)); got != want {
			t.Fatalf("%s became %s", want, got)
		}
	})
}

func decoded(t interface{ Fatal(...any) }, text []byte) string {
	var x any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&x); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%#v", x)
}

func TestFormat(t *testing.T) {
	v := mustParse(t, `{"a":[1,{"b":[]}],"c":{}}`)
	for _, c := range []struct {
		format Format
		want   string
	}{
		{Format{}, `{"a":[1,{"b":[]}],"c":{}}`},
		{Format{Space: " "}, `{"a": [1,{"b": []}],"c": {}}`},
		{Format{Indent: "  ", Newline: "\n", Space: " "}, "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}"},
		{Format{Newline: "\n"}, "{\n\"a\":[\n1,\n{\n\"b\":[]\n}\n],\n\"c\":{}\n}"},
		{Format{Indent: ">"}, `{>"a":[>>1,>>{>>>"b":[]>>}>],>"c":{}}`},
	} {
		w := Writer{Format: c.format}
		w.Value(v)
		if string(w.Buf) != c.want {
			t.Errorf("%+v: %q, want %q", c.format, w.Buf, c.want)
		}
	}
	w := Writer{Format: Format{Indent: "\t", Newline: "\n"}}
	w.BeginObject()
	w.Name([]byte("$.a"))
	w.BeginArray()
	w.Value(v.Member([]byte("c")))
	w.Value(nil)
	w.EndArray()
	w.EndObject()
	if want := "{\n\t\"$.a\":[\n\t\t{},\n\t\tnull\n\t]\n}"; string(w.Buf) != want {
		t.Errorf("%q, want %q", w.Buf, want)
	}
}

// A document takes at most 1.3 times its compact text.
func TestSize(t *testing.T) {
	texts := map[string]string{
		"sample":  sampleText(10 << 10),
		"digits":  "[" + strings.Repeat("1,", 1000) + "1]",
		"nested":  "[" + strings.Repeat("[1],", 1000) + "[]]",
		"objects": "[" + strings.Repeat(`{"a":1},`, 1000) + "{}]",
		"strings": "[" + strings.Repeat(`"",`, 1000) + `""]`,
		"words":   "[" + strings.Repeat(`true,`, 1000) + "null]",
		"long":    "[" + strings.Repeat(`"`+strings.Repeat("x", 29)+`",`, 100) + "1]",
		"numbers": "[" + strings.Repeat(strings.Repeat("7", 29)+",", 100) + "1]",
	}
	for name, in := range texts {
		v := mustParse(t, in)
		if ratio := float64(len(v)) / float64(len(text(v))); ratio > 1.3 {
			t.Errorf("%s: %.2f times its text", name, ratio)
		} else {
			t.Logf("%s: %.2f times its text", name, ratio)
		}
	}
}
