package path

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"kvd/engine/doc"
)

// about is the document that the tests of expressions are about.
func about(t testing.TB) *Document {
	return &Document{
		Root: mustParse(t, `{"a":5,"s":"x","n":null,"tags":["x","y"],"items":[{"p":1},{"p":20}],"price-1":3}`), ID: []byte("d'1"),
		Rev: 18446744073709551615, Version: 3, Created: 1000, Changed: 2000, Meta: mustParse(t, `{"by":{"name":"ann"},"n":[1,2]}`),
	}
}

func compileExpr(t testing.TB, text string) *Expression {
	t.Helper()
	x, err := CompileExpression([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return x
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	var e Evaluator
	for text, want := range map[string]bool{
		"@.a == 5":                      true,
		" @.a == 5.0 ":                  true,
		"$.a == 5":                      true,
		"@.a == '5'":                    false,
		"@.a":                           true,
		"!@.b":                          true,
		"missing(@.b)":                  true,
		"missing(@.n)":                  false,
		"missing(@..zzz)":               true,
		"@.n == null":                   true,
		"@.b == null":                   false,
		"'x' in @.tags":                 true,
		"@.items[?@.p > 10]":            true,
		"@.items[*].p == 20":            true,
		"id() == \"d'1\"":               true,
		"rev() == 18446744073709551615": true,
		"ver() + 1 == 4":                true,
		"created_at() < updated_at()":   true,
		"meta('$.by.name') == 'ann'":    true,
		"meta('by.name') == 'ann'":      true,
		"meta('$.n[*]') == 2":           true,
		"missing(meta('$.x'))":          true,
		"@.a == :a":                     false, // not bound
		"count(@.items[*]) == 2":        true,
		"@.price-1 == 3":                true,
		"@.s =~ '^x$' && @.a > 4":       true,
	} {
		got, err := e.Test(compileExpr(t, text), about(t))
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got, _ := e.Test(compileExpr(t, "meta('$.x') == 1"), &Document{Root: mustParse(t, "1")}); got {
		t.Error("metadata that there is none of is found")
	}
}

func TestExpressionValues(t *testing.T) {
	t.Parallel()
	var e Evaluator
	for text, want := range map[string]string{
		"@.a + 1":                "6",
		"@.a * 2 + @.items[0].p": "11",
		"@.tags[*]":              `"x" "y"`,
		"@.a > 1":                "true",
		"@.none":                 "",
		"@.s + 1":                "",
		"[1,2]":                  "[1,2]",
		"concat(@.s, 'y')":       `"xy"`,
		"id()":                   `"d'1"`,
	} {
		values, err := e.Evaluate(compileExpr(t, text), about(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		}
		var texts []string
		for _, v := range values {
			texts = append(texts, string(doc.AppendText(nil, v)))
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	x := compileExpr(t, "@.s == :s && :n in [5] && @.items[?@.p > :n] && @.s =~ :re && match(@.s, :re) && @.s == :s")
	if got := x.Parameters(); !slices.Equal(got, []string{"s", "n", "re"}) {
		t.Fatalf("parameters %q", got)
	}
	values := map[string]string{"s": `"x"`, "n": "5", "re": `"x|' || true"`}
	bound, err := x.Bind(func(name string) doc.Value { return mustParse(t, values[name]) })
	if err != nil {
		t.Fatal(err)
	}
	var e Evaluator
	if ok, err := e.Test(bound, about(t)); !ok || err != nil {
		t.Errorf("%v, %v", ok, err)
	}
	if ok, _ := e.Test(x, about(t)); ok {
		t.Error("binding changed what it was made from")
	}
	long := doc.AppendString(nil, strings.Repeat("x", MaxPattern+1))
	if _, err := x.Bind(func(string) doc.Value { return long }); !errors.Is(err, ErrPattern) {
		t.Errorf("a long pattern: %v", err)
	}
	plain := compileExpr(t, "@.a == 1")
	if same, _ := plain.Bind(nil); same != plain {
		t.Error("an expression without parameters was copied")
	}
}

func TestExpressionFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "expected a value at offset 0",
		"@.a ==":                 "expected a value at offset 6",
		"@.a = 1":                "unexpected character at offset 4",
		"@.a == 1)":              "unexpected character at offset 8",
		":":                      "expected the name of a parameter at offset 1",
		"nosuch(@.a)":            "unknown function at offset 0",
		"meta(@.a)":              "meta takes a path as a string at offset 9",
		"meta('$.a', 1)":         "meta takes a path as a string at offset 14",
		"@.a == \"\xff\"":        "invalid UTF-8 at offset 8",
		"meta('($.a + 1)') == 1": "meta takes a path without calculations at offset 17",
	} {
		_, err := CompileExpression([]byte(text))
		var fault *SyntaxError
		if !errors.As(err, &fault) || fault.Error() != "invalid path: "+want {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Compile([]byte("$[?id() == 1]"), RedisJSON); err == nil {
		t.Error("a path has the functions of expressions")
	}
	if _, err := Compile([]byte("$[?@.a == :p]"), RedisJSON); err == nil {
		t.Error("a path has parameters")
	}
	if _, err := CompileExpression([]byte(strings.Repeat("(", MaxLength+1))); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"$.a":            "$['a']",
		"@.a":            "$['a']",
		".a":             "$['a']",
		"a":              "$['a']",
		"a.b[0]":         "$['a']['b'][0]",
		"$['a'].b":       "$['a']['b']",
		"$":              "$",
		"$.a[*]":         "$['a'][*]",
		"$.a.*":          "$['a'][*]",
		"$..a":           "$..['a']",
		"$.a[1:2]":       "$['a'][1:2:1]",
		"$['a','b']":     "$['a'],['b']",
		"created_at()":   "created_at()",
		"meta('$.x')":    "meta($['x'])",
		"meta('x')":      "meta($['x'])",
		"$.a + 1":        "",
		"$.a == 1":       "",
		"$[?@.a == 1].b": "",
		"missing(@.a)":   "",
		"1":              "$['1']",
		"length(@.a)":    "",
	} {
		x, err := CompileTerm([]byte(text))
		switch {
		case want == "" && err == nil:
			t.Errorf("%s is a term: %s", text, x.Canonical())
		case want != "" && (err != nil || x.Canonical() != want || x.String() != text):
			t.Errorf("%s: %v, %v", text, x, err)
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	show := func(c Condition) string {
		names := map[Comparison]string{Equal: "=", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">=", Missing: "missing"}
		s := c.Term + " " + names[c.Is]
		for _, v := range c.Values {
			s += " " + string(doc.AppendText(nil, v))
		}
		if !c.Singular {
			s += " any"
		}
		return s
	}
	for text, want := range map[string]string{
		"@.a == 1":                               "$['a'] = 1",
		"1 < @.a":                                "$['a'] > 1",
		"1 >= @.a":                               "$['a'] <= 1",
		"@.a == 1 && (@.b > 'x' && @.c == null)": "$['a'] = 1; $['b'] > \"x\"; $['c'] = null",
		"@.a == 1 || @.b == 1":                   "",
		"@.a == 1 && (@.b == 1 || @.c == 1)":     "$['a'] = 1",
		"!(@.a == 1)":                            "",
		"@.a != 1":                               "",
		"@.a in [1,'x']":                         "$['a'] = 1 \"x\"",
		"@.a in [1,[2]]":                         "",
		"'x' in @.a":                             "$['a'] = \"x\"",
		"[1] in @.a":                             "",
		"@.a[*] > 1":                             "$['a'][*] > 1 any",
		"@.a <= true":                            "$['a'] = true",
		"@.a < true":                             "",
		"missing(@.a) && !@.b":                   "$['a'] missing; $['b'] missing",
		"created_at() > 5 && meta('$.x') == 'y'": "created_at() > 5; meta($['x']) = \"y\"",
		"@.a == @.b":                             "",
		"@.a[?@.x == 1] == 1":                    "",
		"@.a == [1]":                             "",
		"@.a + 1 == 2":                           "",
		"@.a nin [1] && @.b subsetof [1]":        "",
	} {
		var all []string
		for _, c := range compileExpr(t, text).Conditions() {
			all = append(all, show(c))
		}
		if got := strings.Join(all, "; "); got != want {
			t.Errorf("%s:\n%s, want\n%s", text, got, want)
		}
	}
}

func FuzzExpression(f *testing.F) {
	f.Add("@.a == :p && missing(@.b) || meta('$.x') in [1,2]")
	f.Add("id() == 'x' && !(@.items[?@.p > :n])")
	f.Add("created_at() - 5 < rev() * ver()")
	f.Fuzz(func(t *testing.T, text string) {
		x, err := CompileExpression([]byte(text))
		if err != nil {
			return
		}
		x.Canonical()
		x.Conditions()
		bound, err := x.Bind(func(string) doc.Value { return doc.AppendNumber(nil, "5") })
		if err != nil {
			return
		}
		var e Evaluator
		e.Reset(10_000)
		_, _ = e.Test(bound, about(t))
		e.Reset(10_000)
		_, _ = e.Evaluate(x, about(t))
	})
}
