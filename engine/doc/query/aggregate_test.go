package query

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine/doc"
	"kvd/engine/doc/path"
)

func term(t testing.TB, text string, typ Type) Term {
	t.Helper()
	got, err := NewTerm([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	got.Type = typ
	return got
}

// reduces compiles reducers written "SUM $.a", a decimal term as "SUM $.a decimal".
func reduces(t testing.TB, specs ...string) (all []Reduce) {
	t.Helper()
	for _, spec := range specs {
		words := strings.Fields(spec)
		r, ok := ParseReducer(words[0])
		if !ok {
			t.Fatalf("no reducer %s", spec)
		}
		reduce := Reduce{Reducer: r, As: spec}
		if words[1] != "*" {
			reduce.Term = term(t, words[1], UntypedValues)
		}
		if len(words) > 2 {
			reduce.Type, _ = ParseType(words[2])
		}
		all = append(all, reduce)
	}
	return all
}

func documents(t testing.TB, texts ...string) (all []*path.Document) {
	for i, text := range texts {
		all = append(all, &path.Document{Root: parse(t, text), ID: fmt.Appendf(nil, "d%d", i), Created: int64(i)})
	}
	return all
}

// aggregated returns the rows as text: cells with a point between them.
func aggregated(t testing.TB, a *Aggregate, docs []*path.Document) (rows []string) {
	t.Helper()
	var m Matcher
	g := NewAggregation(a, 0)
	for _, d := range docs {
		if err := g.Add(&m, d); err != nil {
			t.Fatal(err)
		}
	}
	all, err := g.Rows(&m)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, string(doc.AppendText(nil, cell.Value)))
		}
		if row.Skipped > 0 {
			cells = append(cells, "skipped "+strconv.Itoa(row.Skipped))
		}
		rows = append(rows, strings.Join(cells, " | "))
	}
	return rows
}

func TestReducers(t *testing.T) {
	t.Parallel()
	docs := documents(t,
		`{"a":1,"d":"0.10","f":0.1,"x":[3,4],"t":"b"}`,
		`{"a":9223372036854775807,"d":"0.20","f":0.2,"x":[5],"t":"a"}`,
		`{"a":9223372036854775807,"d":"-1e-3","f":0.3,"x":[3.0],"t":"a"}`,
		`{"a":"7","d":"none","t":null}`,
	)
	for spec, want := range map[string]string{
		"COUNT *":              "4",
		"COUNT $.x[*]":         "4",
		"COUNT $.none":         "0",
		"SUM $.a":              "18446744073709551615 | skipped 1",
		"SUM $.d decimal":      `"0.299" | skipped 1`,
		"AVG $.d decimal":      `"0.09966666666666666666666666666666667" | skipped 1`,
		"SUM $.d":              "0 | skipped 4",
		"SUM $.f":              "0.6",
		"SUM $.x[*]":           "15.0",
		"SUM $.none":           "0",
		"AVG $.a":              "6.148914691236517e18 | skipped 1",
		"AVG $.none":           "null",
		"MIN $.a":              "1",
		"MAX $.a":              `"7"`,
		"MIN $.d decimal":      `"none"`,
		"MIN $.t":              `"a" | skipped 1`,
		"MAX $.x[*]":           "5",
		"MIN $.none":           "null",
		"STDDEV $.x[*]":        "0.9574271077563381",
		"STDDEV $.none":        "null",
		"DISTINCT $.x[*]":      "3",
		"DISTINCT $.t":         "3",
		"FIRST $.t":            `"b"`,
		"LAST $.t":             "null",
		"LAST id()":            `"d3"`,
		"MAX created_at()":     "3",
		"QUANTILE:0.5 $.x[*]":  "3.5",
		"quantile:0 $.x[*]":    "3.0",
		"QUANTILE:1 $.x[*]":    "5.0",
		"QUANTILE:0.25 $.x[*]": "3.0",
		"QUANTILE:0.5 $.none":  "null",
		"LIST $.t":             `["b","a","a",null]`,
		"LIST $.x":             "[[3,4],[5],[3.0]]",
		"SUM $.a number":       "18446744073709551615 | skipped 1",
	} {
		if got := aggregated(t, &Aggregate{Reduces: reduces(t, spec)}, docs); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
	for _, name := range []string{"", "X", "QUANTILE", "QUANTILE:2", "QUANTILE:x", "SUM:1", "QUANTILE:NaN"} {
		if _, ok := ParseReducer(name); ok {
			t.Errorf("there is a reducer %q", name)
		}
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	docs := documents(t,
		`{"s":"open","tags":["x","y"],"n":1}`, `{"s":"done","tags":["x","x"],"n":2}`, `{"s":"open","tags":[],"n":4}`, `{"n":8}`, `{"s":null,"n":16}`,
	)
	having, err := path.CompileExpression([]byte("@.n > 2"))
	if err != nil {
		t.Fatal(err)
	}
	sum := reduces(t, "SUM $.n")
	sum[0].As = "n"
	for _, c := range []struct {
		of   Aggregate
		want string
	}{
		{Aggregate{Groups: []Group{{term(t, "$.s", 0), "s"}}}, `null | 8; null | 16; "done" | 2; "open" | 5`},
		{Aggregate{Groups: []Group{{term(t, "$.s", 0), "s"}}, Having: having, Limit: 2}, `null | 8; null | 16`},
		{Aggregate{Groups: []Group{{term(t, "$.s", 0), "s"}}, Sort: []ColumnKey{{"n", Descending}}, Limit: 3}, `null | 16; null | 8; "open" | 5`},
		{Aggregate{Groups: []Group{{term(t, "$.tags[*]", 0), "t"}}}, `null | 28; "x" | 3; "y" | 1`},
		{Aggregate{Groups: []Group{{term(t, "$.tags", 0), "t"}, {term(t, "id()", 0), "id"}}, Limit: 2}, `null | "d3" | 8; null | "d4" | 16`},
		{Aggregate{}, "31"},
	} {
		c.of.Reduces = sum
		if got := strings.Join(aggregated(t, &c.of, docs), "; "); got != c.want {
			t.Errorf("%v:\n%s, want\n%s", c.of.Columns(), got, c.want)
		}
	}
}

func TestAggregateFaults(t *testing.T) {
	t.Parallel()
	var m Matcher
	docs := documents(t, `{"a":"x","f":1e999}`)
	strict := NewAggregation(&Aggregate{Reduces: reduces(t, "SUM $.a"), Strict: true}, 0)
	var fault *TypeError
	if err := strict.Add(&m, docs[0]); !errors.As(err, &fault) || err.Error() != "d0: $['a'] type: string cannot be reduced" {
		t.Errorf("strict: %v", err)
	}
	infinite := NewAggregation(&Aggregate{Reduces: reduces(t, "SUM $.f")}, 0)
	if err := infinite.Add(&m, docs[0]); err != nil {
		t.Error(err)
	}
	if _, err := infinite.Rows(&m); !errors.Is(err, doc.ErrOverflow) {
		t.Errorf("infinite: %v", err)
	}
	for _, spec := range []string{"LIST id()", "DISTINCT id()", "QUANTILE:0.5 created_at()"} {
		small := NewAggregation(&Aggregate{Reduces: reduces(t, spec)}, 10_000)
		var err error
		n := 0
		for ; err == nil && n < 1000; n++ {
			err = small.Add(&m, &path.Document{Root: docs[0].Root, ID: fmt.Appendf(nil, "%d", n), Created: int64(n)})
		}
		if !errors.Is(err, ErrMemory) {
			t.Errorf("%s: %v after %d", spec, err, n)
		}
	}
	groups := NewAggregation(&Aggregate{Groups: []Group{{term(t, "id()", 0), "id"}}, Reduces: reduces(t, "COUNT *")}, 1000)
	var err error
	for n := 0; err == nil && n < 1000; n++ {
		err = groups.Add(&m, &path.Document{Root: docs[0].Root, ID: fmt.Appendf(nil, "%d", n)})
	}
	if !errors.Is(err, ErrMemory) {
		t.Errorf("groups: %v", err)
	}
	for _, text := range []string{`"1e999999"`, `"1e-999999"`, `"1e99999999999999"`, `"` + strings.Repeat("9", 5000) + `"`} {
		huge := NewAggregation(&Aggregate{Reduces: reduces(t, "SUM $ decimal")}, 0)
		if err := huge.Add(&m, documents(t, text)[0]); !errors.Is(err, doc.ErrOverflow) {
			t.Errorf("%.20s: %v", text, err)
		}
	}
}

// Sums of integers and decimals are exact.
func TestSumsAgainstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching(`-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,9})?`), 1, 20).Draw(t, "numbers")
		want := new(big.Rat)
		s := sum{typ: Decimals}
		for _, text := range texts {
			x, _ := new(big.Rat).SetString(text)
			want.Add(want, x)
			v := doc.AppendString(nil, text)
			if !strings.Contains(text, ".") {
				v = doc.AppendNumber(nil, text)
			}
			if _, err := s.add(v); err != nil {
				t.Fatal(err)
			}
		}
		cell, err := s.result()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := new(big.Rat).SetString(string(doc.Value(cell.Value).Text()))
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("%s, want %s", cell.Value.Text(), want.FloatString(10))
		}
	})
}
