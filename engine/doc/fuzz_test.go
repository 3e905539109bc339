package doc

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzParse holds the parser against encoding/json and the invariants.
func FuzzParse(f *testing.F) {
	for _, in := range []string{`{"a":[1,-2.5e3,true,null,"\u00e9\ud834\udd1e"],"a":{}}`, `"\ud800"`, "\"\xff\"", `[[[]]]`, `1e5 `, sampleText(600)} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := Parse(in)
		if err != nil {
			return
		}
		mustCheck(t, v)
		out := AppendText(nil, v)
		if !json.Valid(in) || !json.Valid(out) {
			t.Fatalf("%q was read, and written as %q", in, out)
		}
		again, err := Parse(out)
		if err != nil || !bytes.Equal(again, v) {
			t.Fatalf("%q is not what %q was: %v", again, v, err)
		}
	})
}

// FuzzCheck gives bytes from elsewhere to Check and, if it lets them pass, to
// all that reads values.
func FuzzCheck(f *testing.F) {
	for _, in := range []string{`{"a":[1,"x",{}],"b":null}`, `[]`, sampleText(600), `["` + string(make([]byte, 0)) + `"]`} {
		v, _ := Parse([]byte(in))
		f.Add([]byte(v))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if Check(in, Limits{}) != nil {
			return
		}
		v := Value(in)
		again, err := Parse(AppendText(nil, v))
		if err != nil || !bytes.Equal(again, v) {
			t.Fatalf("%q was let pass and is %q: %v", in, again, err)
		}
		Hash(v)
		v.Depth()
		mustCheck(t, AppendMerged(nil, v, v))
	})
}

// FuzzPatch applies patches from elsewhere.
func FuzzPatch(f *testing.F) {
	f.Add([]byte(`{"a":[1,2,{"b":3}]}`), []byte(`[{"op":"move","from":"/a/2","path":"/a/0"},{"op":"copy","from":"","path":"/c"}]`))
	f.Add([]byte(`[1]`), []byte(`[{"op":"test","path":"/0","value":1},{"op":"remove","path":"/0"},{"op":"add","path":"/-","value":[]}]`))
	f.Fuzz(func(t *testing.T, in, patch []byte) {
		v, err := Parse(in)
		if err != nil {
			return
		}
		p, err := Parse(patch)
		if err != nil {
			return
		}
		before := bytes.Clone(v)
		out, err := AppendPatched(nil, v, p, Limits{Bytes: 1 << 16})
		if !bytes.Equal(before, v) {
			t.Fatal("the document was changed in place")
		}
		if err != nil {
			return
		}
		mustCheck(t, out)
		diff := AppendDiff(nil, v, out, WithTests)
		again, err := AppendPatched(nil, v, diff, Limits{})
		if err != nil || !Equal(again, out) {
			t.Fatalf("the diff %s makes %s: %v", AppendText(nil, diff), AppendText(nil, again), err)
		}
	})
}

func TestCheckRefuses(t *testing.T) {
	for name, b := range map[string]string{
		"nothing": "", "no literal": "\x00", "literal 4": "\x04", "kind 5": "\xa0", "two values": "\x01\x01",
		"number that is none": "\x21a", "empty number": "\x20", "not UTF-8": "\x41\xff", "short string": "\x42a",
		"longer size than needed": "\x5d\x01a", "size cut off": "\x5f\x01", "count of nothing": "\x61\x00", "too few elements": "\x62\x02\x01",
		"too many elements": "\x63\x01\x01\x01", "longer count than needed": "\x63\x81\x00\x01", "name that is none": "\x83\x01\x01\x01",
		"name without value": "\x83\x01\x41a", "name twice": "\x87\x02\x41a\x01\x41a\x01",
	} {
		if err := Check([]byte(b), Limits{}); err != ErrCorrupt {
			t.Errorf("%s: %v", name, err)
		}
	}
	v := mustParse(t, `[[["x"]]]`)
	if err := Check(v, Limits{Depth: 3}); err != ErrDepth {
		t.Errorf("deep: %v", err)
	}
	if err := Check(v, Limits{Bytes: 3}); err != ErrTooLarge {
		t.Errorf("large: %v", err)
	}
	if err := Check(v, Limits{Depth: 4, Bytes: len(v)}); err != nil {
		t.Errorf("at the limits: %v", err)
	}
}
