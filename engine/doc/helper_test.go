package doc

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// mustParse returns the value of a text, checked.
func mustParse(t testing.TB, text string) Value {
	t.Helper()
	v, err := Parse([]byte(text))
	if err != nil {
		t.Fatalf("Parse(%.80q): %v", text, err)
	}
	mustCheck(t, v)
	return v
}

// mustCheck fails the test if v breaks an invariant of the package.
func mustCheck(t testing.TB, v Value) {
	t.Helper()
	if err := Check(v, Limits{}); err != nil {
		t.Fatalf("Check(%.80q): %v", []byte(v), err)
	}
}

func text(v Value) string { return string(AppendText(nil, v)) }

// wantText fails the test if v does not have the compact text.
func wantText(t testing.TB, v Value, want string) {
	t.Helper()
	mustCheck(t, v)
	if got := text(v); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

// jsonText draws the text of a JSON value; names are few, so that they meet.
func jsonText() *rapid.Generator[string] { return jsonOf(4) }

func jsonOf(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		kinds := 9
		if depth == 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "literal")
		case 1, 2, 3:
			return rapid.SampledFrom([]string{
				"0", "-0", "1", "1.0", "10e-1", "2.5", "-7", "123456789012345678901234567890", "1e400", "0.1", "1E5", "100000",
			}).Draw(t, "number")
		case 4, 5, 6:
			return quote(rapid.SampledFrom([]string{
				"", "a", "bc", "é\u2028", "𝄞", "\x00\x1f\"\\", strings.Repeat("x", 28), strings.Repeat("y", 29), strings.Repeat("z", 300),
			}).Draw(t, "string"))
		case 7:
			return "[" + strings.Join(rapid.SliceOfN(jsonOf(depth-1), 0, 6).Draw(t, "elements"), ", ") + "]"
		}
		var members []string
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 6).Draw(t, "names") {
			members = append(members, quote(name)+": "+jsonOf(depth-1).Draw(t, "member"))
		}
		return "{" + strings.Join(members, " ,") + "}"
	})
}

var names = []string{"a", "b", "c", "dd", "é", "/~", "", strings.Repeat("n", 40)}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always has a text
	return string(b)
}

// sampleText returns a document of about so many bytes, as an application has.
func sampleText(size int) string {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString(`{"name":"catalogue","total":12345.75,"items":[`)
	for i := 0; b.Len() < size-40; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		item, _ := json.Marshal(map[string]any{
			"id": i, "title": strings.Repeat("word ", r.IntN(6)), "price": float64(r.IntN(100000)) / 100,
			"tags": []string{"a", "bb", "ccc"}[:r.IntN(3)], "stock": r.IntN(2) == 0, "note": nil,
			"size": map[string]int{"w": r.IntN(300), "h": r.IntN(300)},
		})
		b.Write(item)
	}
	b.WriteString(`],"last":{"deep":{"value":42}}}`)
	return b.String()
}
