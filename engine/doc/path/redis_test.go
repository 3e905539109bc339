package path

import (
	"errors"
	"strings"
	"testing"

	"kvd/engine/doc"
)

func mustParse(t testing.TB, text string) doc.Value {
	t.Helper()
	v, err := doc.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%.80s: %v", text, err)
	}
	return v
}

func mustCompile(t testing.TB, text string) *Path {
	t.Helper()
	p, err := Compile([]byte(text), RedisJSON)
	if err != nil {
		t.Fatalf("%.80q: %v", text, err)
	}
	return p
}

// values returns the array of what a path names or calculates, as text.
func values(t testing.TB, p *Path, root doc.Value) string {
	t.Helper()
	var e Evaluator
	found, err := e.Values(p, root)
	if err != nil {
		t.Fatalf("%s: %v", p, err)
	}
	var w doc.Writer
	w.BeginArray()
	for _, v := range found {
		if err := doc.Check(v, doc.Limits{}); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		w.Value(v)
	}
	w.EndArray()
	return string(w.Buf)
}

// What RedisJSON adds, from the examples of its documentation.
func TestRedisJSON(t *testing.T) {
	for _, c := range []struct {
		root  string
		paths map[string]string
	}{
		{`{"a":2,"b":4,"arr":[1,2,3]}`, map[string]string{
			`$.a + 1`: `[3]`, `$.a * $.b`: `[8]`, `($.a + $.b) / 2`: `[3.0]`, `$.arr.length()`: `[3]`, `$.a / 0`: `[]`,
			`length($.arr)`: `[3]`, `-$.a`: `[-2]`, `- ($.a + 1)`: `[-3]`, `+$.a`: `[2]`, `($.a)`: `[2]`, `$.b % 3`: `[1]`,
			`$.a + $.b * 2`: `[10]`, `$.a - 1 - 1`: `[0]`, `$.arr[0] + $.arr[-1]`: `[4]`, `$.nope + 1`: `[]`, `$.arr + 1`: `[]`,
			`$.a + 0.5`: `[2.5]`, `concat("x", 'y')`: `["xy"]`, `concat("x", $.a)`: `[]`, `length($.a)`: `[]`, `length()`: `[]`,
			`length($.a, $.b)`: `[]`, `$.arr.sum()`: `[6]`, `sum($.arr) / count($.arr[*])`: `[2.0]`, `$.*.count()`: `[3]`,
			`$.arr.first()`: `[1]`, `$.arr.last()`: `[3]`, `$.arr.index(1)`: `[2]`, `index($.arr, -9)`: `[]`, `index($.arr, 1.9)`: `[2]`,
			`$.arr.min()`: `[1]`, `$.arr.max()`: `[3]`, `$.arr.avg()`: `[2.0]`, `$.arr.stddev()`: `[0.816496580927726]`,
			`$.arr.append(9)`: `[1,2,3,9]`, `$.arr.append(9).length()`: `[4]`, `$.arr.append($.arr)`: `[1,2,3,[1,2,3]]`, `$.a.append(1)`: `[]`,
			`$.arr.append($.nope)`: `[]`, `$.arr.append($.arr[1:])`: `[1,2,3,[2,3]]`, `$.arr.append($.arr[9:])`: `[]`, `$.arr[*].append(0)`: `[1,2,3,0]`,
			`count($.a)`: `[1]`, `count($.nope)`: `[0]`, `count(1 / 0)`: `[]`, `$.*.avg()`: `[]`, `$.a.sum()`: `[]`, `min($.nope)`: `[]`, `-(0.5)`: `[-0.5]`, `- (0)`: `[0]`, `stddev(1)`: `[]`,
			`$.arr[*].index(2)`: `[3]`, `match("ab","a.")`: `[true]`, `search("ab", $.a)`: `[false]`, `($.a == 2)`: `[true]`, `$~`: `["a","b","arr"]`, `$.arr~`: `[]`, `$.*~`: `[]`, `abs(-3)`: `[3]`, `abs(-2.5)`: `[2.5]`,
			`ceiling(2.1)`: `[3.0]`, `floor(2.9)`: `[2.0]`, `floor(-2)`: `[-2]`, `ceiling("x")`: `[]`,
			`(9223372036854775807) + $.a`: `[9223372036854775809]`,
		}},
		{`[{"a":1,"b":1},{"b":2},{"a":1},{"c":3}]`, map[string]string{
			`$[?!@.a]`: `[{"b":2},{"c":3}]`, `$[?!(@.a==1)]`: `[{"b":2},{"c":3}]`, `$[?!@.a && @.b]`: `[{"b":2}]`,
			`$[?!!@.c]`: `[{"c":3}]`, `$[?(@.a==1&&@.b==1)].b`: `[1]`, `$.[0].b`: `[1]`, `$..[1].b`: `[2]`, `$[?@a==1].b`: `[1]`,
			`$[?(@.*==2)]`: `[{"b":2}]`, `$[?@.* > 2]`: `[{"c":3}]`, `$[?@.* == @.b]`: `[{"a":1,"b":1},{"b":2}]`, `$[?true][0]`: `[]`, `$[?false]`: `[]`, `$[?value(@.*)==3]`: `[{"c":3}]`,
		}},
		{`{"arrs":[[1],[2],[1,2],[1,[2]]],"objs":[{"x":1},{"x":2},{"y":1}]}`, map[string]string{
			`$.arrs[?(@ == [1])]`: `[[1]]`, `$.arrs[?(@ == [ 1 , [2.0] ])]`: `[[1,[2]]]`, `$.objs[?(@ == {"x":1})]`: `[{"x":1}]`,
			`$.objs[?({'x' : 2} == @)]`: `[{"x":2}]`, `$.arrs[?(@ != [1])]`: `[[2],[1,2],[1,[2]]]`, `$.arrs[?@ > [1]]`: `[]`,
			`$.objs[?@ == {}]`: `[]`, `$.arrs[?@ == []]`: `[]`, `$.objs.*~`: `["x","x","y"]`, `$.objs.*.keys().count()`: `[3]`,
			`$.objs[0].keys().first()`: `["x"]`, `$.objs[0].keys()`: `["x"]`, `$.arrs.keys()`: `[]`,
		}},
		{`[{"a":2,"b":3},{"a":5,"b":2}]`, map[string]string{
			`$[?@.a + 1 == 3]`: `[{"a":2,"b":3}]`, `$[?@.a + @.b * 2 == 8]`: `[{"a":2,"b":3}]`, `$[?(@.a + @.b) * 2 == 10]`: `[{"a":2,"b":3}]`,
			`$[?@.a / 0 != 1]`: `[]`, `$[?@.nope + 1 == @.nope + 1]`: `[]`, `$[?-@.a == -5].b`: `[2]`, `$[?@.a+1 == 3]`: `[]`,
		}},
		{`{"a":[1,2,3,4],"allow":[2,3],"none":[]}`, map[string]string{
			`$.a[?@ in [2,4]]`: `[2,4]`, `$.a[?@ nin [2,4]]`: `[1,3]`, `$.a[?@ in $.allow]`: `[2,3]`, `$.a[?@ in $.none]`: `[]`,
			`$.a[?@ in 5]`: `[]`, `$.a[?@ nin 5]`: `[1,2,3,4]`, `$.a[?@ in $.allow[*]]`: `[2,3]`, `$[?2 in @]`: `[[1,2,3,4],[2,3]]`, `$.a[?@ in [2.0]]`: `[2]`,
		}},
		{`{"a":[[1,2],[1,5],[],[8],"",{},{"k":1},"ab",7]}`, map[string]string{
			`$.a[?@ subsetof [1,2,3]]`: `[[1,2],[]]`, `$.a[?@ anyof [1,2,3]]`: `[[1,2],[1,5]]`, `$.a[?@ noneof [1,2,3]]`: `[[],[8]]`,
			`$.a[?@ sizeof 2]`: `[[1,2],[1,5],"ab"]`, `$.a[?@ size 1.9]`: `[[8],{"k":1}]`, `$.a[?@ size "1"]`: `[]`,
			`$.a[?@ empty true]`: `[[],"",{}]`, `$.a[?@ empty false]`: `[[1,2],[1,5],[8],{"k":1},"ab"]`, `$.a[?@.* size 2]`: `[[1,2],[1,5]]`,
			`$.a[?length(@) > 1]`: `[[1,2],[1,5],"ab"]`, `$.a[?first(@) == 1]`: `[[1,2],[1,5]]`, `$.a[?last(@) == 5]`: `[[1,5]]`,
			`$.a[?sum(@) == 6]`: `[[1,5]]`, `$.a[?keys(@) == 'k']`: `[{"k":1}]`, `$.a[?@~ size 1]`: `[{"k":1}]`,
		}},
		{`{"s":["abc","xabc","Al","ALUMINIUM","a\rb"],"p":"(?i)al"}`, map[string]string{
			`$.s[?@ =~ "(?i)al"]`: `["Al","ALUMINIUM"]`, `$.s[?@ =~ $.p]`: `["Al","ALUMINIUM"]`, `$.s[?match(@, "a.*")]`: `["abc"]`,
			`$.s[?search(@, "b")]`: `["abc","xabc","a\rb"]`, `$.s[?@ =~ "("]`: `[]`, `$.s[?@ =~ 5]`: `[]`, `$.s[?@ =~ @.nope]`: `[]`, `$.s[?match(@, "abc|xabc")]`: `["abc","xabc"]`,
			`$.s[?@.length() == 2]`: `["Al"]`, `$.s[?match(@, "a)|(.*")]`: `[]`, `$.s[?match(@, "[]a.]*")]`: `[]`, `$.s[?match(@, "a.b")]`: `[]`, `$.s[?match(@, "(?s)a.b")]`: `["a\rb"]`,
			`$.s[?match(@, "[[:lower:].]+")]`: `["abc","xabc"]`, `$.s[?match(@,'abc') == true]`: `["abc"]`, `$.s[?concat(@,"!") == "Al!"]`: `["Al"]`,
		}},
		{`{"a-b":1,"c:d":2,"$e":3,"0":4,"é":5,"size":6,"in":7,"f#%^+/":8}`, map[string]string{
			`$.a-b`: `[1]`, `$.c:d`: `[2]`, `$.$e`: `[3]`, `$.0`: `[4]`, `$.é`: `[5]`, `$.size`: `[6]`, `$["in"]`: `[7]`, `$.f#%^+/`: `[8]`,
			`$.a-b + $.in`: `[8]`,
		}},
		{`{"books":[{"t":"a","price":30},{"t":"b","price":5}]}`, map[string]string{
			`$.books[?(@.price >= 10)].append({"t":"X"})`: `[{"t":"a","price":30},{"t":"X"}]`, `$.books~`: `[]`, `$..price.sum()`: `[35]`,
			`$..price.max() - $..price.min()`: `[25]`, `($..price) + 1`: `[]`, `$.books[?@.price > $..price.avg()].t`: `["a"]`,
		}},
	} {
		root := mustParse(t, c.root)
		for path, want := range c.paths {
			if got := values(t, mustCompile(t, path), root); got != want {
				t.Errorf("%s of %s: %s, want %s", path, c.root, got, want)
			}
		}
	}
}

func TestLegacyPaths(t *testing.T) {
	root := mustParse(t, `{"foo":{"bar":[1,{"b":2}]},"$name":3,"a b":4,"length":5,"-x":6}`)
	for path, want := range map[string]string{
		".": `[` + string(doc.AppendText(nil, root)) + `]`, "foo.bar": `[[1,{"b":2}]]`, ".foo.bar[0]": `[1]`, `.foo["bar"][1].b`: `[2]`,
		`["a b"]`: `[4]`, `['foo']["bar"][-1]`: `[{"b":2}]`, "$name": `[3]`, ".$name": `[3]`, "length": `[5]`, "..b": `[2]`, "-x": `[6]`,
	} {
		p := mustCompile(t, path)
		if !p.Legacy() || p.Computed() {
			t.Errorf("%q is not legacy", path)
		}
		if got := values(t, p, root); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
	if v := mustParse(t, `[7,8]`); values(t, mustCompile(t, "[1]"), v) != "[8]" {
		t.Error("[1] of an array")
	}
	for path, computed := range map[string]bool{
		"$": false, "$.a": false, "$[0]": false, "($.a)": false, "$~": true, "-$.a": true, "+ (1)": true, "length($)": true, "(1 + 2) * 3": true,
	} {
		if p := mustCompile(t, path); p.Legacy() || p.Computed() != computed {
			t.Errorf("%q: legacy %v, computed %v", path, p.Legacy(), p.Computed())
		}
	}
}

func TestCompileFails(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"$.", "expected a name at offset 2"},
		{"$.a[", "expected a selector at offset 4"},
		{"$.a]", "unexpected character at offset 3"},
		{"1 + 2", "unexpected character at offset 1"},
		{"a.", "expected a name at offset 2"},
		{".a[x]", "expected a selector at offset 3"},
		{"$['a", "string without end at offset 4"},
		{"$[?(@.a]", "expected ')' at offset 7"},
		{"$[?@.a == ]", "expected a value at offset 10"},
		{"$.a +", "expected a value at offset 5"},
		{"$.a~.b", "unexpected character at offset 4"},
		{"$.a~~", "unexpected character at offset 4"},
		{"$.a.keys()~", "unexpected character at offset 10"},
		{"nope($)", "unknown function at offset 0"},
		{"$.a.nope()", "unknown function at offset 4"},
		{"$[?(@.a > 1) + 1 == 2]", "a condition is no number at offset 13"},
		{"$[?(@.a > 1) == true]", "a condition cannot be compared at offset 20"},
		{"$[?@ == {a:1}]", "expected a name at offset 9"},
		{"$[?@ == {'a':1,'a':2}]", "a name twice in an object at offset 21"},
		{"$[?@ == [@.a]]", "expected a literal at offset 9"},
		{"$[?@ in [length($)]]", "expected a literal at offset 18"},
		{"$[00]", "invalid integer at offset 2"},
		{"$.\ufffda\xff", "invalid UTF-8 at offset 6"},
		{"$[?" + strings.Repeat("(", 1000), "nested too deeply at offset 88"},
		{"$[?" + strings.Repeat("!", 1000), "nested too deeply at offset 256"},
		{strings.Repeat("-", 2000) + "$", "nested too deeply at offset 256"},
	} {
		_, err := Compile([]byte(c.path), RedisJSON)
		var fault *SyntaxError
		if !errors.As(err, &fault) || err.Error() != "invalid path: "+c.want {
			t.Errorf("%.40q: %v, want %s", c.path, err, c.want)
		}
	}
	for n, want := range map[int]error{MaxPattern: nil, MaxPattern + 1: ErrPattern} {
		text := strings.Repeat("x", n)
		for _, path := range []string{"$[?@ =~ '" + text + "']", "$[?match(@, '" + text + "')]"} {
			if _, err := Compile([]byte(path), RedisJSON); err != want {
				t.Errorf("a pattern of %d bytes: %v", n, err)
			}
		}
	}
	if _, err := Compile([]byte("$."+strings.Repeat("a", MaxLength-1)), RedisJSON); err != ErrTooLong {
		t.Errorf("a long path: %v", err)
	}
	if _, err := Compile([]byte("$."+strings.Repeat("a", MaxLength-2)), RedisJSON); err != nil {
		t.Errorf("a path of the greatest length: %v", err)
	}
}
