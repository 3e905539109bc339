package str

import (
	"testing"

	"pgregory.net/rapid"
)

// naive returns the lengths of the longest common subsequences of all prefixes.
func naive(a, b []byte) [][]int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0 || j == 0:
			case a[i-1] == b[j-1]:
				table[i][j] = table[i-1][j-1] + 1
			default:
				table[i][j] = max(table[i-1][j], table[i][j-1])
			}
		}
	}
	return table
}

// TestAlignment compares with the whole table, whose way back says which of
// several subsequences is meant: the letter of b is left out on a tie.
func TestAlignment(t *testing.T) {
	letters := rapid.SliceOfN(rapid.ByteRange('a', 'd'), 0, 150)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		table := naive(a, b)
		var want []byte
		for i, j := len(a), len(b); i > 0 && j > 0; {
			switch {
			case a[i-1] == b[j-1]:
				want = append([]byte{a[i-1]}, want...)
				i, j = i-1, j-1
			case table[i-1][j] > table[i][j-1]:
				i--
			default:
				j--
			}
		}
		al := newAlignment(a, b, withSteps)
		if got := al.subsequence(); string(got) != string(want) {
			t.Fatalf("%s, want %s", got, want)
		}
		if n := newAlignment(a, b, lengthOnly).length; n != int64(len(want)) || al.length != n {
			t.Fatalf("length %d and %d, want %d", n, al.length, len(want))
		}
		checkMatches(t, al, want)
	})
}

// checkMatches makes sure that the matches say what the subsequence says, and
// that no two of them could be one.
func checkMatches(t *rapid.T, al *alignment, want []byte) {
	var got []byte
	last := match{a: len(al.a) + 1, b: len(al.b) + 1}
	for _, m := range al.matches() {
		if string(al.a[m.a:m.a+m.length]) != string(al.b[m.b:m.b+m.length]) {
			t.Fatalf("%+v is not the same in both", m)
		}
		if m.a+m.length > last.a || m.b+m.length > last.b || m.a+m.length == last.a && m.b+m.length == last.b {
			t.Fatalf("%+v before %+v", m, last)
		}
		got = append(append([]byte(nil), al.a[m.a:m.a+m.length]...), got...)
		last = m
	}
	if string(got) != string(want) {
		t.Fatalf("the matches are %s, want %s", got, want)
	}
}

func TestSpan(t *testing.T) {
	for start := int64(-7); start <= 7; start++ {
		for end := int64(-7); end <= 7; end++ {
			for n := int64(0); n <= 5; n++ {
				from, to := span(start, end, n)
				if from < 0 || to > n || from > to {
					t.Fatalf("span(%d, %d, %d) = %d, %d", start, end, n, from, to)
				}
			}
		}
	}
}

func BenchmarkAlignment(b *testing.B) {
	x, y := make([]byte, 2000), make([]byte, 2000)
	for i := range x {
		x[i], y[i] = byte(i*7%26), byte(i*11%26)
	}
	for b.Loop() {
		newAlignment(x, y, withSteps)
	}
}
