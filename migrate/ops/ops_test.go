package ops

import (
	"errors"
	"strings"
	"testing"

	"kvd/engine/doc"
)

func parse(t testing.TB, text string) doc.Value {
	t.Helper()
	v, err := doc.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// run applies operations to a document and returns what comes out, or the error.
func run(t testing.TB, list, document string) string {
	t.Helper()
	l, err := Compile(parse(t, list), "up")
	if err != nil {
		t.Fatalf("%s: %v", list, err)
	}
	return applied(l, parse(t, document))
}

func applied(l List, v doc.Value) string {
	var e Env
	out, err := l.Apply(&e, v)
	if err != nil {
		return "error: " + err.Error()
	}
	return string(doc.AppendText(nil, out))
}

func TestOps(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, list, in, want string }{
		{
			"default fills", `[{"default":{"path":"$.users[*].roles","value":["user"]}}]`,
			`{"users":[{"a":1},{"roles":[]},{"roles":null}]}`, `{"users":[{"a":1,"roles":["user"]},{"roles":[]},{"roles":null}]}`,
		},
		{"default makes parents", `[{"default":{"path":"$.a.b.c","value":1}}]`, `{"a":{}}`, `{"a":{"b":{"c":1}}}`},
		{"default passes by what is no object", `[{"default":{"path":"$.a.b","value":1}}]`, `{"a":5}`, `{"a":5}`},
		{"set", `[{"set":{"path":"$.x","value":{"y":2}}}]`, `{"x":1,"z":0}`, `{"x":{"y":2},"z":0}`},
		{"set at every place", `[{"set":{"path":"$.l[*]","value":0}}]`, `{"l":[1,2,{"a":1}]}`, `{"l":[0,0,0]}`},
		{"merge", `[{"merge":{"path":"$","value":{"a":null,"b":{"c":1}}}}]`, `{"a":1,"b":{"d":2}}`, `{"b":{"d":2,"c":1}}`},
		{"remove", `[{"remove":{"path":"$.l[*].x"}}]`, `{"l":[{"x":1,"y":2},{"y":3}]}`, `{"l":[{"y":2},{"y":3}]}`},
		{"remove by filter", `[{"remove":{"path":"$.l[?@ > 1]"}}]`, `{"l":[1,2,3]}`, `{"l":[1]}`},
		{
			"rename in its place", `[{"rename":{"path":"$.u[*].name","to":"title"}}]`,
			`{"u":[{"id":1,"name":"a","z":0},{"id":2}]}`, `{"u":[{"id":1,"title":"a","z":0},{"id":2}]}`,
		},
		{"rename fails", `[{"rename":{"path":"$.a","to":"b"}}]`, `{"a":1,"b":2}`, `error: up[0].rename: 'b' is there already`},
		{"rename keeps", `[{"rename":{"path":"$.a","to":"b","onclash":"keep"}}]`, `{"a":1,"b":2}`, `{"a":1,"b":2}`},
		{"rename overwrites", `[{"rename":{"path":"$.a","to":"b","onclash":"overwrite"}}]`, `{"b":2,"a":1}`, `{"b":1}`},
		{
			"move", `[{"move":{"from":"$.u[*].city","to":"$.u[*].address.city"}}]`,
			`{"u":[{"city":"x","n":1},{"n":2}]}`, `{"u":[{"n":1,"address":{"city":"x"}},{"n":2}]}`,
		},
		{"move needs room", `[{"move":{"from":"$.a","to":"$.b.c"}}]`, `{"a":1,"b":2}`, `error: up[0].move: '$.b.c' has no object to lie in`},
		{"copy", `[{"copy":{"from":"$.a","to":"$.b"}}]`, `{"a":1}`, `{"a":1,"b":1}`},
		{"cast to string", `[{"cast":{"path":"$.*","to":"string"}}]`, `{"a":1.50,"b":true,"c":"x"}`, `{"a":"1.50","b":"true","c":"x"}`},
		{"cast to integer", `[{"cast":{"path":"$.*","to":"integer"}}]`, `{"a":"12","b":5.0}`, `{"a":12,"b":5}`},
		{"cast fails", `[{"cast":{"path":"$.a","to":"integer"}}]`, `{"a":"x"}`, `error: up[0].cast: "x" can't become integer`},
		{"cast to null", `[{"cast":{"path":"$.a","to":"integer","onerror":"null"}}]`, `{"a":5.5}`, `{"a":null}`},
		{"cast keeps", `[{"cast":{"path":"$.a","to":"boolean","onerror":"keep"}}]`, `{"a":"x"}`, `{"a":"x"}`},
		{"cast to time", `[{"cast":{"path":"$.a","to":"date-time"}}]`, `{"a":1700000000000}`, `{"a":"2023-11-14T22:13:20Z"}`},
		{"cast to array", `[{"cast":{"path":"$.a","to":"array"}}]`, `{"a":1}`, `{"a":[1]}`},
		{"map", `[{"map":{"path":"$.l[*]","values":{"a":"b","1":"one"}}}]`, `{"l":["a",1,"c"]}`, `{"l":["b","one","c"]}`},
		{"map fails", `[{"map":{"path":"$.a","values":{},"else":"fail"}}]`, `{"a":"x"}`, `error: up[0].map: "x" is not in the table`},
		{
			"split", `[{"split":{"path":"$.name","by":" ","to":["first","last"]}}]`,
			`{"name":"Ada Maria Lovelace","x":1}`, `{"first":"Ada","last":"Maria Lovelace","x":1}`,
		},
		{"split into too few", `[{"split":{"path":"$.n","by":",","to":["a","b"]}}]`, `{"n":"x"}`, `{"a":"x","b":""}`},
		{"join", `[{"join":{"paths":["$.a","$.b","$.none"],"by":"-","to":"c"}}]`, `{"a":"x","b":2,"d":0}`, `{"d":0,"c":"x-2"}`},
		{"wrap in an array", `[{"wrap":{"path":"$.a","as":"array"}}]`, `{"a":1}`, `{"a":[1]}`},
		{"wrap in an object", `[{"wrap":{"path":"$.a","as":"v"}}]`, `{"a":1}`, `{"a":{"v":1}}`},
		{"unwrap", `[{"unwrap":{"path":"$.*"}}]`, `{"a":[1],"b":{"x":2},"c":3}`, `{"a":1,"b":2,"c":3}`},
		{"unwrap fails", `[{"unwrap":{"path":"$.a"}}]`, `{"a":[1,2]}`, `error: up[0].unwrap: a container has 2 elements and not one`},
		{"each", `[{"each":{"path":"$.l","do":[{"rename":{"path":"$.a","to":"b"}}]}}]`, `{"l":[{"a":1},{"a":2}]}`, `{"l":[{"b":1},{"b":2}]}`},
		{
			"each names the place", `[{"each":{"path":"$.l","do":[{"assert":{"expr":"@.a == 1"}}]}}]`, `{"l":[{"a":1},{"a":2}]}`,
			`error: up[0].each.up[0].each.do[0].assert: the assertion does not hold`,
		},
		{"assert", `[{"assert":{"expr":"@.n > 1","message":"too few"}}]`, `{"n":1}`, `error: up[0].assert: too few`},
		{
			"jq keeps order and numbers", `[{"jq":".b = .a.x | .n += 1"}]`,
			`{"z":1.50,"n":12345678901234567890123,"a":{"x":1e2,"c":0}}`, `{"z":1.50,"n":12345678901234567890124,"a":{"x":1e2,"c":0},"b":1e2}`,
		},
		{"jq calculates", `[{"jq":".a /= 4 | .b += 1 | .c = (nan | tostring)"}]`, `{"a":10,"b":1.50}`, `{"a":2.5,"b":2.5,"c":"null"}`},
		{"jq without a result", `[{"jq":"empty"}]`, `{}`, `error: up[0].jq: the program has no result`},
		{"jq with two", `[{"jq":"., ."}]`, `{}`, `error: up[0].jq: the program has more than one result`},
		{"jq fails", `[{"jq":"error(\"no\")"}]`, `{}`, `error: up[0].jq: error: no`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := run(t, tt.list, tt.in); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestCompileNamesPlaceAndField(t *testing.T) {
	t.Parallel()
	tests := []struct{ list, want string }{
		{`{}`, "up: must be an array of operations"},
		{`[1]`, "up[0]: must be an object with one member, the operation"},
		{`[{"no":{}}]`, "up[0].no: there is no such operation"},
		{`[{"set":{"path":"$.a"}}]`, "up[0].set.value: is missing"},
		{`[{"set":{"path":"$.a","value":1,"x":1}}]`, "up[0].set.x: there is no such field"},
		{`[{"remove":{"path":"$"}}]`, "up[0].remove.path: the whole document can't be removed"},
		{`[{"remove":{"path":"a"}}]`, "up[0].remove.path: invalid path"},
		{`[{"rename":{"path":"$.a[*]","to":"b"}}]`, "up[0].rename.path: the path must end with the name of a member"},
		{`[{"rename":{"path":"$.a","to":"b","onclash":"x"}}]`, "up[0].rename.onclash: must be one of fail, keep, overwrite"},
		{`[{"move":{"from":"$.a[*].x","to":"$.b"}}]`, "up[0].move.to: must lie below '$.a[*]', as '$.a[*].x' does"},
		{`[{"cast":{"path":"$.a"}}]`, "up[0].cast.to: is missing"},
		{`[{"each":{"path":"$.a","do":[{"set":1}]}}]`, "up[0].each.do[0].set: must be an object"},
		{`[{"jq":"input"}]`, "up[0].jq: 'input' can't be used"},
		{`[{"jq":"1 +"}]`, "up[0].jq: unexpected EOF"},
	}
	for _, tt := range tests {
		if _, err := Compile(parse(t, tt.list), "up"); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s\n got %v\nwant %s", tt.list, err, tt.want)
		}
	}
}

func TestFence(t *testing.T) {
	t.Parallel()
	for _, program := range []string{
		"env", "$ENV.HOME", "now", "halt", "halt_error", "debug", "stderr", "inputs", "input_filename", "[.[] | debug]",
		"def f: f; f", "def f: def g: f; g; f", "def f(x): x | f(x); f(.)", `import "a" as a; .`, "localtime",
		"if true then now else . end", "reduce .[] as $x (0; input)", `"\(env)"`, "{a: now}", "try now catch .", ". as {a: $x} | $ENV",
	} {
		if _, err := Compile(parse(t, `[{"jq":`+string(doc.AppendText(nil, doc.AppendString(nil, program)))+`}]`), "up"); err == nil {
			t.Errorf("%s was not refused", program)
		}
	}
	for _, program := range []string{".", "def f(x): x + 1; f(.a)", ".users |= map(.a = 1)", "walk(.)", "[recurse]|length"} {
		if _, err := Compile(parse(t, `[{"jq":"`+program+`"}]`), "up"); err != nil {
			t.Errorf("%s: %v", program, err)
		}
	}
}

// TestJQIsStopped: programs that never end, and those that eat memory, are stopped.
func TestJQIsStopped(t *testing.T) {
	for _, program := range []string{"[range(1e12) | . * 0] | length", "last(repeat(.))"} {
		l, err := Compile(parse(t, `[{"jq":"`+program+`"}]`), "up")
		if err != nil {
			t.Fatal(err)
		}
		var e Env
		_, err = l.Apply(&e, parse(t, "{}"))
		var f *Error
		if !errors.As(err, &f) || f.Kind != Timeout && f.Kind != Limit {
			t.Errorf("%s: %v", program, err)
		}
	}
}

func TestInverse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		list string
		ok   bool
	}{
		{`[{"rename":{"path":"$.l[*].a","to":"b"}}]`, true},
		{`[{"rename":{"path":"$.l[*].a","to":"b","onclash":"overwrite"}}]`, false},
		{`[{"move":{"from":"$.l[*].a","to":"$.l[*].b.c"}}]`, false},
		{`[{"move":{"from":"$.l[*].a","to":"$.l[*].b"}}]`, true},
		{`[{"copy":{"from":"$.l[*].a","to":"$.l[*].b"}}]`, true},
		{`[{"map":{"path":"$.l[*].a","values":{"x":"y","y":"x"}}}]`, true},
		{`[{"map":{"path":"$.l[*].a","values":{"x":"z","y":"z"}}}]`, false},
		{`[{"map":{"path":"$.l[*].a","values":{"x":"z"}}}]`, false},
		{`[{"map":{"path":"$.l[*].a","values":{"x":"z"},"else":"fail"}}]`, true},
		{`[{"cast":{"path":"$.l[*].a","to":"string","from":"string"}}]`, false},
		{`[{"wrap":{"path":"$.l[*].a","as":"array"}}]`, true},
		{`[{"assert":{"expr":"@.l"}}]`, true},
		{`[{"each":{"path":"$.l","do":[{"rename":{"path":"$.a","to":"b"}}]}}]`, true},
		{`[{"each":{"path":"$.l","do":[{"remove":{"path":"$.a"}}]}}]`, false},
		{`[{"set":{"path":"$.l","value":1}}]`, false},
		{`[{"jq":"."}]`, false},
	}
	in := parse(t, `{"l":[{"a":"x","q":1}]}`)
	for _, tt := range tests {
		l, err := Compile(parse(t, tt.list), "up")
		if err != nil {
			t.Fatal(err)
		}
		back, ok := l.Inverse()
		if ok != tt.ok || ok == (len(l.Without()) > 0) {
			t.Errorf("%s: an inverse is there: %v", tt.list, ok)
		}
		if !ok {
			continue
		}
		var e Env
		now, err := l.Apply(&e, in)
		if err != nil {
			t.Errorf("%s: %v", tt.list, err)
			continue
		}
		if got, err := back.Apply(&e, now); err != nil || !doc.Equal(got, in) {
			t.Errorf("%s: the way back leads to %s, %v", tt.list, doc.AppendText(nil, got), err)
		}
	}
}
