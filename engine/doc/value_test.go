package doc

import "testing"

func TestTypeNames(t *testing.T) {
	for in, want := range map[string]string{
		"null": "null", "true": "boolean", "false": "boolean", "1": "integer", "-0": "integer", "1.0": "number", "1e2": "number",
		`"1"`: "string", "[]": "array", "{}": "object",
	} {
		if got := mustParse(t, in).TypeName(); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := Value(nil).TypeName(); got != "" {
		t.Errorf("no value is %q", got)
	}
}

func TestReading(t *testing.T) {
	v := mustParse(t, `{"s":"é𝄞","n":-1.5,"l":[1,[2],{"x":3}],"e":[],"o":{}}`)
	member := func(name string) Value { return v.Member([]byte(name)) }
	if s := member("s"); s.Len() != 6 || s.Runes() != 2 || string(s.Text()) != "é𝄞" || s.Element(0) != nil || s.Depth() != 0 {
		t.Errorf("string: %d bytes, %d characters, %q", s.Len(), s.Runes(), s.Text())
	}
	if n := member("n"); string(n.Text()) != "-1.5" || n.Len() != 4 || Float(n.Text()) != -1.5 {
		t.Errorf("number: %q", n.Text())
	}
	if l := member("l"); l.Len() != 3 || l.Text() != nil || l.Depth() != 2 || member("x") != nil || l.Member([]byte("x")) != nil {
		t.Errorf("array: %d elements, depth %d", l.Len(), l.Depth())
	}
	for i, want := range map[int]string{0: "1", 1: "[2]", 2: `{"x":3}`, -1: `{"x":3}`, -3: "1", 3: "", -4: ""} {
		got, at := member("l").ElementAt(i)
		if (got == nil) != (want == "") || got != nil && (text(got) != want || text(member("l").At(at)) != want) {
			t.Errorf("element %d: %s", i, text(got))
		}
	}
	if e, o := member("e"), member("o"); e.Len() != 0 || e.Element(0) != nil || o.Len() != 0 || o.Member(nil) != nil || o.Depth() != 1 {
		t.Error("empty containers have elements")
	}
	for text, want := range map[string]int64{"9223372036854775807": 1<<63 - 1, "-5": -5} {
		if n, ok := Int([]byte(text)); !ok || n != want {
			t.Errorf("%s: %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"9223372036854775808", "1.0", "1e2"} {
		if _, ok := Int([]byte(text)); ok {
			t.Errorf("%s is an int64", text)
		}
	}
}

func TestBuilder(t *testing.T) {
	b := NewBuilder(nil)
	b.BeginObject()
	b.Name("a")
	b.BeginArray()
	for range 200 {
		b.Value(AppendBool(nil, true))
		b.Value(AppendNull(nil))
	}
	b.End()
	b.Name("b")
	b.String("x")
	b.End()
	v := Value(b.Bytes())
	mustCheck(t, v)
	if v.Len() != 2 || v.Member([]byte("a")).Len() != 400 || text(v.Member([]byte("b"))) != `"x"` {
		t.Errorf("built %.80s", text(v))
	}
	if got := AppendString(AppendStringOf(nil, 3), "ab"); string(got) != "\x43\x42ab" {
		t.Errorf("%q", got)
	}
}
