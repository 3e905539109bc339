package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/engine/doc"
	"kvd/migrate/ops"
)

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1.2", "v1.2.3", "1.2.3+b", "01.2.3", "", "1.2.3 ", "a"} {
		if v, err := ParseVersion(text); err == nil {
			t.Errorf("%q was taken for %s", text, v)
		}
	}
	order := []Version{"0.0.0", "1.9.0", "1.10.0", "2.0.0-alpha", "2.0.0-alpha.1", "2.0.0-rc.1", "2.0.0", "10.0.0"}
	for i := range order {
		for j := range order {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := Compare(order[i], order[j]); got != want {
				t.Errorf("%s against %s: %d", order[i], order[j], got)
			}
		}
	}
}

func TestParseNamesTheField(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{`{`, "invalid JSON"},
		{`[]`, "a migration is a JSON object"},
		{`{"x":1}`, "x: there is no such field"},
		{`{}`, "version: is missing"},
		{`{"version":1}`, "version: must be a string"},
		{`{"version":"0.0.0"}`, "version: must be above 0.0.0"},
		{`{"version":"1.0.0+x"}`, "version: a version has no build part"},
		{`{"version":"1.0.0","target":"x"}`, "target: must be an object"},
		{`{"version":"1.0.0","target":{"table":"x"}}`, "target.table: there is no such field"},
		{`{"version":"1.0.0","target":{"key":""}}`, "target.key: must be a name"},
		{`{"version":"1.0.0","target":{"key":"k"}}`, "up: is missing"},
		{`{"version":"1.0.0","target":{"key":"k"},"up":[{"set":{}}]}`, "up[0].set.path: is missing"},
		{`{"version":"1.0.0","target":{"key":"k"},"up":[],"down":"x"}`, `down: must be "auto"`},
		{`{"version":"1.0.0","target":{"key":"k"},"up":[],"down":[{"x":{}}]}`, "down[0].x: there is no such operation"},
		{`{"version":"1.0.0","target":{"key":"k"},"up":[],"type":{"from":"a","to":"b"}}`, "type: only a collection"},
		{`{"version":"1.0.0","target":{"key":"k"},"up":[{"index":{"name":"i","path":"$.a"}}]}`, "up: the operation index needs a collection"},
		{`{"version":"1.0.0","target":{"collection":"k"},"up":[],"type":{"from":"a"}}`, "type.to: is missing"},
	}
	for _, tt := range tests {
		if _, err := Parse([]byte(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s\n got %v\nwant %s", tt.text, err, tt.want)
		}
	}
}

// TestChecksum: spaces, order and descriptions do not count, everything else does.
func TestChecksum(t *testing.T) {
	t.Parallel()
	sum := func(text string) string {
		m, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return m.Checksum
	}
	first := sum(`{"version":"1.0.0","target":{"key":"k"},"up":[{"set":{"path":"$.a","value":1}}]}`)
	if same := sum(`{ "up": [ {"set": {"value": 1, "path": "$.a"}} ], "description": "x", "target": {"key":"k"}, "version":"1.0.0"}`); same != first {
		t.Error("the spelling counts")
	}
	for _, other := range []string{
		`{"version":"1.0.1","target":{"key":"k"},"up":[{"set":{"path":"$.a","value":1}}]}`,
		`{"version":"1.0.0","target":{"prefix":"k"},"up":[{"set":{"path":"$.a","value":1}}]}`,
		`{"version":"1.0.0","target":{"key":"k"},"up":[{"set":{"path":"$.a","value":2}}]}`,
		`{"version":"1.0.0","target":{"key":"k"},"up":[{"set":{"path":"$.a","value":1}}],"down":"none"}`,
	} {
		if sum(other) == first {
			t.Errorf("%s has the same checksum", other)
		}
	}
}

// everyOp has each operation, with wildcards where that is possible.
func everyOp() []string {
	return []string{
		`{"default":{"path":"$.l[*].d","value":[1]}}`, `{"default":{"path":"$.o.p.q","value":{"x":null}}}`,
		`{"set":{"path":"$.a","value":1}}`, `{"set":{"path":"$.l[*]","value":"x"}}`, `{"set":{"path":"$..b","value":0}}`,
		`{"remove":{"path":"$.a"}}`, `{"remove":{"path":"$.l[*].a"}}`, `{"remove":{"path":"$..a"}}`, `{"remove":{"path":"$.l[1:]"}}`,
		`{"merge":{"path":"$","value":{"a":null,"z":{"y":1}}}}`, `{"merge":{"path":"$.*","value":{"a":1}}}`,
		`{"rename":{"path":"$.l[*].a","to":"z"}}`, `{"rename":{"path":"$.a","to":"b","onclash":"overwrite"}}`, `{"rename":{"path":"$.b","to":"a","onclash":"keep"}}`,
		`{"move":{"from":"$.a","to":"$.m.n"}}`, `{"move":{"from":"$.l[*].a","to":"$.l[*].b","onclash":"overwrite"}}`,
		`{"copy":{"from":"$.l[*].a","to":"$.l[*].c"}}`, `{"cast":{"path":"$.*","to":"string","onerror":"keep"}}`,
		`{"cast":{"path":"$..a","to":"integer","onerror":"null"}}`, `{"cast":{"path":"$.l","to":"array"}}`,
		`{"map":{"path":"$.l[*].a","values":{"x":"y","1":2}}}`, `{"split":{"path":"$.b","by":"x","to":["p","q"]}}`,
		`{"join":{"paths":["$.a","$.b"],"by":"/","to":"j"}}`, `{"wrap":{"path":"$.*","as":"array"}}`, `{"wrap":{"path":"$.l[*]","as":"w"}}`,
		`{"unwrap":{"path":"$.l"}}`, `{"each":{"path":"$.l","do":[{"set":{"path":"$.e","value":1}},{"remove":{"path":"$.a"}}]}}`,
		`{"assert":{"expr":"true"}}`, `{"jq":"del(.a)"}`, `{"jq":".l |= (arrays | reverse)"}`, `{"jq":"[.]"}`, `{"jq":"tostring"}`,
	}
}

// document draws a document.
func document(depth int) *rapid.Generator[doc.Value] {
	return rapid.Custom(func(t *rapid.T) doc.Value {
		kind := rapid.IntRange(0, 9).Draw(t, "kind")
		if depth == 0 {
			kind %= 7
		}
		switch kind {
		case 0:
			return doc.AppendNull(nil)
		case 1, 2:
			return doc.AppendBool(nil, kind == 1)
		case 3, 4:
			return doc.AppendNumber(nil, rapid.SampledFrom([]string{"0", "1", "1.0", "-0", "1e2", "12345678901234567890", "0.50"}).Draw(t, "number"))
		case 5, 6:
			return doc.AppendString(nil, rapid.SampledFrom([]string{"", "x", "1", "axb", "ü€𝄞", strings.Repeat("long", 100)}).Draw(t, "string"))
		}
		b := doc.NewBuilder(nil)
		n := rapid.IntRange(0, 4).Draw(t, "n")
		if kind == 7 {
			b.BeginArray()
			for range n {
				b.Value(document(depth-1).Draw(t, "element"))
			}
		} else {
			b.BeginObject()
			names := rapid.Permutation([]string{"a", "b", "l", "o", "z"}).Draw(t, "names")
			for i := range n {
				b.Name(names[i])
				b.Value(document(depth-1).Draw(t, "member"))
			}
		}
		b.End()
		return b.Bytes()
	})
}

// TestDownRestoresEveryByte: whatever the operations and the document, what is there
// after the way up and down is what was there, also over several migrations.
func TestDownRestoresEveryByte(t *testing.T) {
	t.Parallel()
	all := everyOp()
	compiled := make([]*Migration, 0, len(all))
	for i, op := range all {
		m, err := Parse([]byte(fmt.Sprintf(`{"version":"1.%d.0","target":{"key":"k"},"up":[%s]}`, i, op)))
		if err != nil {
			t.Fatal(err)
		}
		compiled = append(compiled, m)
	}
	rapid.Check(t, func(t *rapid.T) {
		before := document(4).Draw(t, "document")
		var steps Set
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(compiled)-1), 1, 4).Draw(t, "steps") {
			steps = steps.Add(compiled[i])
		}
		upAndDown(t, steps, before)
	})
}

// upAndDown applies migrations that do not fail and takes them back.
func upAndDown(t *rapid.T, steps Set, before doc.Value) {
	var env ops.Env
	now := time.UnixMilli(1_700_000_000_000)
	shapes := []Shape{{Value: before, Version: Zero}}
	var done Set
	for _, m := range steps {
		last := shapes[len(shapes)-1]
		next, err := last.Up(&env, m, now)
		if err != nil {
			continue
		}
		if err := doc.Check(next.Value, doc.Limits{}); err != nil {
			t.Fatalf("%s made %q of %q: %v", m.Text, next.Value, last.Value, err)
		}
		shapes, done = append(shapes, next), append(done, m)
	}
	s := shapes[len(shapes)-1]
	for i := len(done) - 1; i >= 0; i-- {
		var err error
		if s, err = s.Down(&env, done[i], Zero, Auto); err != nil {
			t.Fatalf("%s: %v", done[i].Text, err)
		}
		if want := shapes[i]; !bytes.Equal(s.Value, want.Value) || s.Version != want.Version || len(s.Undo) != len(want.Undo) {
			t.Fatalf("%s: the way back leads to\n%s (%s), not to\n%s (%s)", done[i].Text,
				doc.AppendText(nil, s.Value), s.Version, doc.AppendText(nil, want.Value), want.Version)
		}
	}
}

// TestDeltaIsExact: a delta makes exactly the bytes that it was made for, and of no
// other base.
func TestDeltaIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.SliceOfN(rapid.ByteRange(0, 3), 0, 300).Draw(t, "base")
		to := rapid.SliceOfN(rapid.ByteRange(0, 3), 0, 300).Draw(t, "to")
		if rapid.Bool().Draw(t, "edit") && len(base) > 0 {
			at := rapid.IntRange(0, len(base)-1).Draw(t, "at")
			to = append(append(append([]byte{}, base[at:]...), to...), base[:at]...)
		}
		delta := appendDelta(nil, base, to)
		got, err := applyDelta(base, delta)
		if err != nil || !bytes.Equal(got, to) {
			t.Fatalf("%v: %v", got, err)
		}
		if len(delta) > len(to)+len(to)/8+16 {
			t.Fatalf("a delta of %d bytes for %d", len(delta), len(to))
		}
		other := append([]byte{9}, base...)
		if got, err := applyDelta(other, delta); err == nil && !bytes.Equal(got, to) {
			t.Fatal("the delta made something else of another base")
		}
	})
}

// TestDownByOperations: with no undo record the operations lead back, if they do.
func TestDownByOperations(t *testing.T) {
	t.Parallel()
	tests := []struct{ up, down, after, want string }{
		{`{"rename":{"path":"$.a","to":"b"}}`, `"auto"`, `{"b":1,"c":2}`, `{"a":1,"c":2}`},
		{`{"rename":{"path":"$.a","to":"b"}}`, `"none"`, `{"b":1}`, ""},
		{`{"set":{"path":"$.a","value":1}}`, `"auto"`, `{"a":1}`, ""},
		{`{"set":{"path":"$.a","value":1}}`, `[{"remove":{"path":"$.a"}}]`, `{"a":1,"b":2}`, `{"b":2}`},
		{`{"map":{"path":"$.a","values":{"x":"y"},"else":"fail"}}`, `"auto"`, `{"a":"y"}`, `{"a":"x"}`},
		{`{"copy":{"from":"$.a","to":"$.b"}}`, `"auto"`, `{"a":1,"b":2}`, ""}, // b was changed since
	}
	for _, tt := range tests {
		m, err := Parse([]byte(`{"version":"1.0.0","target":{"key":"k"},"up":[` + tt.up + `],"down":` + tt.down + `}`))
		if err != nil {
			t.Fatal(err)
		}
		v, _ := doc.Parse([]byte(tt.after))
		var env ops.Env
		s, err := Shape{Value: v, Version: "1.0.0"}.Down(&env, m, Zero, Auto)
		var no *IrreversibleError
		switch {
		case tt.want == "" && !errors.As(err, &no):
			t.Errorf("%s was taken back: %s", tt.up, doc.AppendText(nil, s.Value))
		case tt.want != "" && string(doc.AppendText(nil, s.Value)) != tt.want:
			t.Errorf("%s: %s, %v", tt.up, doc.AppendText(nil, s.Value), err)
		}
	}
}

func TestUndoIsForgotten(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_700_000_000, 0).UTC()
	a, b := doc.AppendString(nil, "a"), doc.AppendString(nil, "b")
	var u Undo
	u = u.push("1.0.0", Zero, at, a, b).push("1.1.0", "1.0.0", at.Add(time.Hour), b, b)
	if n := len(u.Since(at).Records()); n != 2 {
		t.Errorf("%d records are left", n)
	}
	left := u.Since(at.Add(time.Minute)).Records()
	if len(left) != 1 || left[0].Version != "1.1.0" || left[0].Before != "1.0.0" {
		t.Errorf("left are %v", left)
	}
	if !u.HasUndo("1.1.0") || u.HasUndo("1.0.0") {
		t.Error("the newest record is not found")
	}
}

func FuzzParse(f *testing.F) {
	for _, op := range everyOp() {
		f.Add([]byte(`{"version":"1.0.0","target":{"key":"k"},"up":[`+op+`]}`), []byte(`{"a":1,"l":[{"a":"x"}]}`))
	}
	f.Fuzz(func(t *testing.T, text, document []byte) {
		m, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(m.Text); err != nil || again.Checksum != m.Checksum {
			t.Fatalf("the stored form differs: %v", err)
		}
		v, err := doc.Parse(document)
		if err != nil || bytes.Contains(text, []byte(`"jq"`)) {
			return // programs may take their second
		}
		var env ops.Env
		s, err := Shape{Value: v}.Up(&env, m, time.Unix(0, 0))
		if err != nil {
			return
		}
		if err := doc.Check(s.Value, doc.Limits{}); err != nil {
			t.Fatal(err)
		}
		if back, err := s.Down(&env, m, Zero, Auto); err != nil || !bytes.Equal(back.Value, v) {
			t.Fatalf("the way back: %v", err)
		}
	})
}

// FuzzUndo: records from a damaged disk are refused and never panic.
func FuzzUndo(f *testing.F) {
	a, b := doc.AppendString(nil, "a"), doc.AppendString(nil, strings.Repeat("b", 400))
	f.Add([]byte(Undo(nil).push("1.0.0", Zero, time.Unix(5, 0), a, b)), []byte(b))
	f.Add([]byte(Undo(nil).push("1.0.0", Zero, time.Unix(5, 0), b, a)), []byte(a))
	f.Fuzz(func(t *testing.T, undo, after []byte) {
		for _, r := range Undo(undo).Records() {
			_, _ = r.Restore(after)
		}
		Undo(undo).HasUndo("1.0.0")
		Undo(undo).Since(time.Unix(6, 0))
	})
}
