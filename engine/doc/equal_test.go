package doc

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`5`, `5.0`, true},
		{`5`, `"5"`, false},
		{`null`, `false`, false},
		{`true`, `false`, false},
		{`9007199254740993`, `9007199254740992`, false},
		{`{"a":1,"b":2}`, `{"b":2.0,"a":1}`, true},
		{`{"a":1}`, `{"b":1}`, false},
		{`{"a":1}`, `{"a":1,"b":1}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[1,{"x":[]}]`, `[1.0,{"x":[]}]`, true},
		{`[]`, `{}`, false},
		{`[1]`, `[1,1]`, false},
	} {
		a, b := mustParse(t, c.a), mustParse(t, c.b)
		if Equal(a, b) != c.want || Equal(b, a) != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, !c.want)
		}
		if same := Hash(a) == Hash(b); same != c.want {
			t.Errorf("%s and %s: the same hash is %v", c.a, c.b, same)
		}
	}
	if !Equal(nil, nil) || Equal(nil, mustParse(t, "null")) {
		t.Error("no value is not null")
	}
}

// Objects of many members in another order are compared in time that grows with
// their number.
func TestEqualShuffled(t *testing.T) {
	const n = 100_000
	var a, b strings.Builder
	for i := range n {
		fmt.Fprintf(&a, `"%d":%d,`, i, i)
		fmt.Fprintf(&b, `"%d":%d,`, n-1-i, n-1-i)
	}
	x := mustParse(t, "{"+strings.TrimSuffix(a.String(), ",")+"}")
	y := mustParse(t, "{"+strings.TrimSuffix(b.String(), ",")+"}")
	if !Equal(x, y) {
		t.Error("the objects differ")
	}
}

// The vectors of RFC 8785, with integers that keep their digits.
func TestCanonical(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]`, `[333333333.3333333,1e+30,4.5,0.002,1e-27]`},
		{`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`, `"€$\u000f\nA'B\"\\\\\"/"`},
		{`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`, "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}"},
		{`[9007199254740993,-0,-0.0,1.0,1e21,1e20,0.000001,1e-7,100e-2]`, `[9007199254740993,0,0,1,1e+21,100000000000000000000,0.000001,1e-7,1]`},
		{`[1e400,-12.50e400,1e-400]`, `[0.1e401,-0.125e402,0.1e-399]`},
		{` { "b" : [ true , null ] , "a" : { } } `, `{"a":{},"b":[true,null]}`},
	} {
		if got := AppendCanonical(nil, mustParse(t, c.in)); string(got) != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

// The canonical text is JSON for an equal value, canonical itself, and decides
// whether values are equal.
func TestCanonicalModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, _ := Parse([]byte(jsonText().Draw(t, "a")))
		b, _ := Parse([]byte(jsonText().Draw(t, "b")))
		first := AppendCanonical(nil, a)
		again, err := Parse(first)
		if err != nil || !Equal(a, again) || !bytes.Equal(first, AppendCanonical(nil, again)) {
			t.Fatalf("%s: %v", first, err)
		}
		if Equal(a, b) != bytes.Equal(first, AppendCanonical(nil, b)) {
			t.Fatalf("%s and %s", text(a), text(b))
		}
	})
}
