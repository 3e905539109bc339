package wire

import (
	"slices"
	"testing"
)

func TestAhead(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"three", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*3\r\n$3\r\nSET\r\n$2\r\nbc\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n", []string{"a", "bc", ""}},
		{"cut short", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*2\r\n$3\r\nGET\r\n$2\r\nb", []string{"a"}},
		{"no room", "*2\r\n$1\r\nG\r\n$1\r\na\r\n*2\r\n$1\r\nG\r\n$1\r\nb\r\n*2\r\n$1\r\nG\r\n$1\r\nc\r\n*2\r\n$1\r\nG\r\n$1\r\nd\r\n", []string{"a", "b", "c"}},
		{"a word alone ends it", "*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n", []string{"a"}},
		{"inline", "GET a\r\n", nil},
		{"a length beyond all", "*2\r\n$3\r\nGET\r\n$9999999999\r\na\r\n", nil},
		{"no header", "*2\r\n$3\r\nGET\r\n:1\r\n", nil},
	} {
		var in Input
		in.SetLimits(DefaultLimits())
		in.Got(copy(in.Space(make([]byte, 1000)), c.text))
		var got []string
		for _, key := range in.Ahead(make([][]byte, 0, 3)) {
			got = append(got, string(key))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
