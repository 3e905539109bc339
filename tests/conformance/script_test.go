package conformance

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"
)

// read reads one written reply.
func read(text string) (*pattern, error) {
	s, err := parseScript("test", "x => "+text)
	if err != nil {
		return nil, err
	}
	return s.sections[0].steps[0].expected[2], nil
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		written string
		proto   int
		wire    string
		want    bool
	}{
		{"OK", 2, "+OK", true},
		{"OK", 2, "$2|OK", false},
		{`(status) "a b"`, 2, "+a b", true},
		{`"a\"\x00\n"`, 2, "$4|a\"\x00\n", true},
		{`'a "b"'`, 2, `$5|a "b"`, true},
		{`"a"`, 2, "+a", false},
		{`"{{5*x}}"`, 2, "$5|xxxxx", true},
		{`"{{name}}"`, 2, "$3|you", true},
		{`"{{other}}"`, 2, "$9|{{other}}", true},
		{"(integer) 2", 2, ":2", true},
		{"(integer) 2", 2, ":3", false},
		{"(integer) -5..-1", 2, ":-1", true},
		{"(integer) -5..-1", 2, ":0", false},
		{"(integer) {{now}}..{{now+5}}", 2, ":1003", true},
		{"(integer) {{nowms-1}}", 2, ":999999", true},
		{"(error) ERR a, b: c", 2, "-ERR a, b: c", true},
		{`(error) "ERR a "`, 2, "-ERR a ", true},
		{"(error) ERR a", 2, "-ERR a ", false},
		{"(error) ~/^ERR/", 2, "-ERR a", true},
		{"(error) ~/^ERR/", 2, "+ERR a", false},
		{"(nil)", 2, "$-1", true},
		{"(nil)", 2, "*-1", false},
		{"(nil array)", 2, "*-1", true},
		{"(nil)", 3, "_", true},
		{"(nil array)", 3, "_", true},
		{`["a", (integer) 1]`, 2, "*2|$1|a|:1", true},
		{`["a"]`, 2, "*2|$1|a|:1", false},
		{`["a", ...]`, 2, "*2|$1|a|:1", true},
		{`[]`, 2, "*0", true},
		{`["a"]`, 3, "~1|$1|a", false},
		{`~["a", "b"]`, 3, "~2|$1|b|$1|a", true},
		{`~["a", "b"]`, 2, "*2|$1|b|$1|a", true},
		{`~["a", "a"]`, 2, "*2|$1|b|$1|a", false},
		{`{"a": (integer) 1}`, 3, "%1|$1|a|:1", true},
		{`{"a": (integer) 1}`, 2, "*2|$1|a|:1", true},
		{`{"b": (integer) 2, ...}`, 3, "%2|$1|a|:1|$1|b|:2", true},
		{`{"b": (integer) 1, ...}`, 3, "%2|$1|a|:1|$1|b|:2", false},
		{"{\n\"a\":\n[\n]}", 3, "%1|$1|a|*0", true},
		{`>["a"]`, 3, ">1|$1|a", true},
		{`>["a"]`, 2, "*1|$1|a", true},
		{"(double) 1.5", 3, ",1.5", true},
		{"(double) 1.5", 3, ",1.50", true},
		{"(double) 1.5", 2, "$3|1.5", true},
		{"(double) 1.4..1.6", 2, "$3|1.5", true},
		{"(double) inf", 3, ",inf", true},
		{"(double) nan", 3, ",nan", true},
		{"(true)", 3, "#t", true},
		{"(true)", 2, ":1", true},
		{"(false)", 2, ":1", false},
		{"(big) 12", 3, "(12", true},
		{`(verbatim) "a"`, 3, "=5|txt:a", true},
		{`(verbatim) "a"`, 2, "$1|a", true},
		{"(any)", 2, "*0", true},
		{"(any)", 2, "-ERR x", false},
		{`~/a.b\/c/`, 2, "$5|a\nb/c", true},
		{`(one of) ["a", "b"]`, 2, "$1|b", true},
		{`(one of) ["a", "b"]`, 2, "$1|c", false},
		{"(items) 2", 3, "%2|$1|a|:1|$1|b|:2", true},
		{"(items) 3", 2, "*2|:1|:2", false},
	}
	vars := newVariables(func() time.Time { return time.Unix(1000, 0) })
	vars.captured["name"] = "you"
	for _, tt := range tests {
		p, err := read(tt.written)
		if err != nil {
			t.Errorf("%s: %v", tt.written, err)
			continue
		}
		v := wire(t, tt.wire)
		if m := (matcher{proto: tt.proto, vars: vars}); m.match(p, v) != tt.want {
			t.Errorf("%s matches %q in protocol %d: %v", tt.written, tt.wire, tt.proto, !tt.want)
		}
	}
}

// wire reads a reply whose line ends are written as bars.
func wire(t *testing.T, text string) value {
	t.Helper()
	v, err := readValue(bufio.NewReader(strings.NewReader(strings.ReplaceAll(text, "|", "\r\n") + "\r\n")))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return v
}

func TestParseScript(t *testing.T) {
	s, err := parseScript("g/test", `# a comment
@config hz 10
@since 7.2.0

[2] set "a b" 'c"d' {"x":1} "=>" => OK
== second
@resp3 @times 3 get k => "v"
get "" =2> "a"
       =3> ["b",
            "c"]
@advance 1500ms
@kvd
[3] => (none)
[2] blpop l 0
    => (waits)
@restart
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, sec := range s.sections {
		got = append(got, "== "+sec.title)
		for i := range sec.steps {
			st := &sec.steps[i]
			got = append(got, fmt.Sprintf("%d:%d [%d] %q %+v %v %v", st.line, st.action, st.client, st.args, st.rules, st.advance, st.outcome))
		}
	}
	want := []string{
		"== ",
		`5:0 [2] ["set" "a b" "c\"d" "{\"x\":1}" "=>"] {since:7.2.0 needs: kvd:false unordered:false proto:0 times:1} 0s 0`,
		"== second",
		`7:0 [1] ["get" "k"] {since:7.2.0 needs: kvd:false unordered:false proto:3 times:3} 0s 0`,
		`8:0 [1] ["get" ""] {since:7.2.0 needs: kvd:false unordered:false proto:0 times:1} 0s 0`,
		`11:1 [1] [] {since:7.2.0 needs: kvd:false unordered:false proto:0 times:1} 1.5s 0`,
		`13:0 [3] [] {since:7.2.0 needs: kvd:true unordered:false proto:0 times:1} 0s 2`,
		`14:0 [2] ["blpop" "l" "0"] {since:7.2.0 needs: kvd:true unordered:false proto:0 times:1} 0s 1`,
		`16:2 [1] [] {since:7.2.0 needs: kvd:true unordered:false proto:0 times:1} 0s 0`,
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("got\n%s\nwant\n%s", a, b)
	}
	if len(s.config) != 1 || s.config[0] != (setting{"hz", "10"}) {
		t.Errorf("settings %v", s.config)
	}
}

func TestParseScriptErrors(t *testing.T) {
	for _, text := range []string{
		"get k", "get k =>", `get "k => OK`, "get k => (what)", "get k => [", "get k => {OK}", `get k => "a" b`,
		"@what get k => OK", "@since x get k => OK", "@advance", "@times 2", "get k =2> OK", "[x] get => OK",
		"get k => (integer) x", "get k => (integer) 1..y", "get k => ~/(/", "get k => ~/a", `get "\q" => OK`, "@config a",
		"get k => (status) [OK]", "get k => (integer)", "get k => (any", "get k => (one of) OK",
	} {
		if _, err := parseScript("test", text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestRewrite(t *testing.T) {
	s, err := parseScript("test", "a => OK\nb   => (nil)\nc => [\"x\",\n  \"y\"]\n@resp3 d => OK\n# end\n")
	if err != nil {
		t.Fatal(err)
	}
	steps := s.sections[0].steps
	failed := map[*step]bool{&steps[1]: true, &steps[2]: true, &steps[3]: true}
	var got [4]map[*step]value
	got[2] = map[*step]value{&steps[1]: wire(t, "*2|$1|a|*-1"), &steps[2]: wire(t, "$1|a")}
	got[3] = map[*step]value{&steps[1]: wire(t, "%1|$1|a|_"), &steps[2]: wire(t, ",1.5"), &steps[3]: wire(t, "-ERR x")}
	want := "a => OK\nb   => {\"a\": (nil array)}\nc =2> \"a\"\n  =3> (double) 1.5\n@resp3 d => (error) ERR x\n# end\n"
	if text := rewrite(s, got, failed); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

// FuzzFormat makes sure that what is written as a reply reads back as the same
// one.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"+OK", "$-1", "*2|:1|$3|a\"b", "%1|$1|a|~1|#t", "-ERR x", "=5|txt:a", ",1.5", "$3|}}}"} {
		f.Add(strings.ReplaceAll(s, "|", "\r\n") + "\r\n")
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := readValue(bufio.NewReader(strings.NewReader(text)))
		if err != nil || strings.Contains(text, "{{") {
			return
		}
		written := format(v)
		p, err := read(written)
		switch v.kind {
		case kindInt, kindDouble, kindBig, kindBool, kindNull, kindArray, kindMap, kindSet, kindPush:
			return // they may hold what is no number
		}
		if err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if m := (matcher{proto: 3, vars: newVariables(nil)}); !m.match(p, v) {
			t.Fatalf("%q is written as %s", text, written)
		}
	})
}
