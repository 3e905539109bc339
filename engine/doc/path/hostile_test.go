package path

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kvd/engine/doc"
)

// Paths that would take for ever end with ErrSteps, and those that only look so
// are answered.
func TestHostilePaths(t *testing.T) {
	wide := "[" + strings.Repeat("1,", 5000) + "1]"
	deep := strings.Repeat("[", 127) + strings.Repeat("]", 127)
	tree := "1"
	for range 10 {
		tree = "[" + tree + "," + tree + "]"
	}
	long := `{"t":"` + strings.Repeat("a", 1<<20) + `","p":"(a*)*b"}`
	for name, c := range map[string]struct {
		root, path string
		want       error
	}{
		"descendants of descendants":   {tree, "$" + strings.Repeat("..*", 40), ErrSteps},
		"descendants of a deep value":  {deep, "$" + strings.Repeat("..*", 200), ErrSteps},
		"pairs of a wide array":        {wide, "$[?$[?@ == @]]", ErrSteps},
		"filters in filters":           {tree, "$..[?" + strings.Repeat("@..[?", 20) + "@" + strings.Repeat("]", 21), ErrSteps},
		"the same element often":       {wide, "$[" + strings.Repeat("*,", 500) + "*]", ErrSteps},
		"strings joined for ever":      {`{"a":"` + strings.Repeat("x", 1<<16) + `","l":` + wide + `}`, "$.l[?concat($.a,$.a) == 1]", ErrSteps},
		"lists joined for ever":        {wide, "$[?append($, 1) size 1]", ErrSteps},
		"big numbers":                  {"[" + strings.Repeat(strings.Repeat("9", 4000)+",", 200) + "1]", "$[?" + strings.Repeat("@ * @ == 1 || ", 100) + "@ == 1]", ErrSteps},
		"values compared for ever":     {"[" + distinctTexts(300, 10000) + "]", "$[?@ in $ && @ == 1]", ErrSteps},
		"pattern on a long text":       {long, "$[?search(@, '(a*)*(b*)*(c{1,99})*z')]", ErrSteps},
		"patterns of the document":     {"[" + strings.Repeat(`"x",`, 3000) + "1]", `$[?match("x", concat(@, "y"))]`, nil},
		"many patterns":                {"[" + manyPatterns(5000) + "]", `$[?match("x", @)]`, ErrSteps},
		"pattern of the document":      {long, "$[?search($.t, $.p)]", nil},
		"a step of the greatest size":  {wide, "$[::9007199254740991]", nil},
		"a step back":                  {wide, "$[9007199254740991:-9007199254740991:-9007199254740991]", nil},
		"all of a deep value":          {deep, "$..*", nil},
		"a name in a wide array":       {wide, "$..a", nil},
		"signs before a number":        {"1", "(" + strings.Repeat("- ", 200) + "1)", nil},
		"operators in a row":           {"1", "(1" + strings.Repeat(" + 1", 200) + ")", nil},
		"conditions in a row":          {"[1]", "$[?" + strings.Repeat("@ == 2 || ", 400) + "@ == 1]", nil},
		"infinity and its opposite":    {"[1e400,-1e400]", "$.avg()", nil},
		"index beyond every array":     {"[1]", "index($, 1e400)", nil},
		"a repeated group of patterns": {`["x"]`, `$[?match(@, "((((x{100}){100}){100}){100}){100}")]`, nil},
	} {
		root := mustParse(t, c.root)
		p, err := Compile([]byte(c.path), RedisJSON)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var e Evaluator
		if _, err := e.Values(p, root); err != c.want {
			t.Errorf("%s: %v after %d steps, want %v", name, err, DefaultSteps-e.steps, c.want)
		}
	}
}

// distinctTexts are n strings that differ at their ends.
func distinctTexts(n, length int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%s%d",`, strings.Repeat("x", length), i)
	}
	return b.String() + "1"
}

func manyPatterns(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"a%d*",`, i)
	}
	return b.String() + "1"
}

// The budget is that of all evaluations since Reset.
func TestBudget(t *testing.T) {
	root := mustParse(t, "["+strings.Repeat("1,", 99)+"1]")
	p := mustCompile(t, "$[*]")
	var e Evaluator
	e.Reset(250)
	for i, want := range []error{nil, nil, ErrSteps, ErrSteps} {
		if _, err := e.Find(p, root); err != want {
			t.Errorf("evaluation %d: %v, want %v", i, err, want)
		}
	}
	e.Reset(250)
	if places, err := e.Find(p, root); err != nil || len(places) != 100 {
		t.Errorf("%d places, %v", len(places), err)
	}
}

// FuzzPath compiles and evaluates anything, in both dialects. A path of the
// standard means the same in both.
func FuzzPath(f *testing.F) {
	document := []byte(`{"a":[1,2.5,"x",{"b":null,"a":[true]}],"b":{"c":"abc"},"d":[[1,2],[3]]}`)
	for _, path := range []string{
		"$..[?@.a > 1 && !(@.b == 'x')]", "$['a','b'][1:5:2,-1]", "$.a + -1 * ($.b.c.length() % 2)", `$.a[?@ in [1,{"k":[]}]]`,
		"foo.bar[0]", "$[?match(@, 'a.*[^.]') || count($..*) > 3]", "$.d.*.sum()", "$~", "$.a[?@ empty true]",
	} {
		f.Add([]byte(path), document)
	}
	f.Fuzz(func(t *testing.T, text, in []byte) {
		root, err := doc.Parse(in)
		if err != nil {
			return
		}
		standard, err := Compile(text, RFC9535)
		var want []int
		var e Evaluator
		e.Reset(20_000)
		if err == nil {
			places, err := e.Find(standard, root)
			if err != nil {
				return
			}
			want = slices.Clone(places)
		}
		p, errRedis := Compile(text, RedisJSON)
		if errRedis != nil {
			if err == nil {
				t.Fatalf("%q is valid but for RedisJSON: %v", text, errRedis)
			}
			return
		}
		found, errRedis := e.Values(p, root)
		for _, v := range found {
			if doc.Check(v, doc.Limits{}) != nil {
				t.Fatalf("%q gives what is no value", text)
			}
		}
		if err == nil && errRedis == nil {
			comparePlaces(t, &e, p, root, want)
		}
	})
}

func comparePlaces(t *testing.T, e *Evaluator, p *Path, root doc.Value, want []int) {
	t.Helper()
	got, err := e.Find(p, root)
	if err != nil {
		return
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s names %v, in the standard %v", p, got, want)
	}
}
