package path

import (
	"slices"
	"testing"

	"kvd/engine/doc"
)

func TestLookup(t *testing.T) {
	root := mustParse(t, `{"a":{"b":[10,{"c":true}]},"x":1}`)
	for path, want := range map[string]string{
		"$": string(doc.AppendText(nil, root)), "$.a.b[1].c": "true", "$.a.b[-2]": "10", ".x": "1", "$.x.y": "", "$.a.b[2]": "", "$.a['b']": `[10,{"c":true}]`,
		"$.*": "", "$..c": "", "$.a.b[0,1]": "", "$.x + 1": "",
	} {
		v, place, ok := mustCompile(t, path).Lookup(root)
		if ok != (want != "") {
			t.Errorf("%s: %v", path, ok)
		}
		if ok && (string(doc.AppendText(nil, v)) != want || string(root.At(place)) != string(v)) {
			t.Errorf("%s: %s at %d", path, doc.AppendText(nil, v), place)
		}
	}
}

func TestProperties(t *testing.T) {
	for path, root := range map[string]bool{"$": true, ".": true, "($)": true, "$.a": false, "1": false, "(1)": false} {
		p := mustCompile(t, path)
		if p.IsRoot() != root || p.String() != path {
			t.Errorf("%s: %s, root %v", path, p, p.IsRoot())
		}
	}
}

func TestParent(t *testing.T) {
	for path, want := range map[string]string{
		"$.a": "[1] a", "$.l[*].x": "[2 3] x", "$..o['y']": "[1] y", ".a": "[1] a",
		"$": "", "$.l[0]": "", "$..x": "", "$.*": "", "$['a','b']": "", "$.a + 1": "",
	} {
		parent, name, ok := mustCompile(t, path).Parent()
		if ok != (want != "") {
			t.Errorf("%s: %v", path, ok)
		}
		if !ok {
			continue
		}
		var e Evaluator
		places, err := e.Find(parent, mustParse(t, `{"a":1,"l":[{},{}],"o":{"x":{}}}`))
		n := map[string]int{"[1] a": 1, "[2 3] x": 2, "[1] y": 1}[want]
		if err != nil || len(places) != n || string(name) != want[len(want)-1:] {
			t.Errorf("%s: %v %s, %v", path, places, name, err)
		}
	}
}

func TestMissing(t *testing.T) {
	root := mustParse(t, `{"a":{"b":{}},"l":[1,{}],"s":"x"}`)
	for path, want := range map[string][]string{
		"$.a.b.c.d": {`$['a']['b']`, "c", "d"}, "$.n": {"$", "n"}, "$.l[1].k": {"$['l'][1]", "k"}, ".a.x": {"$['a']", "x"},
		"$.a": nil, "$.s.t": nil, "$.l[2]": nil, "$.n[0]": nil, "$.*.x": nil, "$.l.x": nil,
	} {
		place, names, ok := mustCompile(t, path).Missing(root)
		if ok != (want != nil) {
			t.Errorf("%s: %v", path, ok)
		}
		if !ok {
			continue
		}
		got := []string{string(AppendLocation(nil, root, place))}
		for _, name := range names {
			got = append(got, string(name))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestFindDistinct(t *testing.T) {
	root := mustParse(t, `[0,1,2,[3]]`)
	for path, want := range map[string][]string{
		"$[2,0,2,1,0]": {"/2", "/0", "/1"}, "$[1,1]": {"/1"}, "$[0:2,1:3]": {"/0", "/1", "/2"}, "$[::-1]": {"/3", "/2", "/1", "/0"}, "$": {""},
		"$[*,3][0]": {"/3/0"}, "$[3,2,1,0,3,2,1,0,3,2,1,0,3,2,1,0,3,2,1,0]": {"/3", "/2", "/1", "/0"}, "$.x": nil,
	} {
		var e Evaluator
		places, err := e.FindDistinct(mustCompile(t, path), root)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, at := range places {
			got = append(got, string(AppendPointer(nil, root, at)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	var e Evaluator
	if _, err := e.Find(mustCompile(t, "$.a + 1"), root); err != ErrComputed {
		t.Errorf("a computed path: %v", err)
	}
}

// A name that RFC 9535 would escape is escaped in a location.
func TestAppendLocation(t *testing.T) {
	root := mustParse(t, `{"a'\\\n\u0001é":[{"~/":1}]}`)
	var e Evaluator
	places, err := e.Find(mustCompile(t, "$..*"), root)
	if err != nil || len(places) != 3 {
		t.Fatalf("%v, %v", places, err)
	}
	if got, want := string(AppendLocation(nil, root, places[2])), `$['a\'\\\n\u0001é'][0]['~/']`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := string(AppendPointer(nil, root, places[2])), "/a'\\\n\x01é/0/~0~1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
