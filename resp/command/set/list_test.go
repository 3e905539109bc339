package set

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func contents(l *list) (all []string) {
	l.all(func(m []byte) { all = append(all, string(m)) })
	return all
}

// TestListAgainstMap: add keeps one of each member, in the order in which they
// came first, whatever their length.
func TestListAgainstMap(t *testing.T) {
	long := strings.Repeat("x", 2000)
	rapid.Check(t, func(t *rapid.T) {
		member := rapid.OneOf(
			rapid.StringN(0, 3, -1),
			rapid.Custom(func(t *rapid.T) string { return long + rapid.StringN(1, 2, -1).Draw(t, "tail") }),
		)
		var l list
		var want []string
		for _, m := range rapid.SliceOfN(member, 0, 300).Draw(t, "members") {
			isNew := !slices.Contains(want, m)
			if l.has([]byte(m)) == isNew {
				t.Fatalf("has(%q) is %v", m, !isNew)
			}
			if l.add([]byte(m)) != isNew {
				t.Fatalf("add(%q) is %v", m, !isNew)
			}
			if isNew {
				want = append(want, m)
			}
		}
		if got := contents(&l); !slices.Equal(got, want) || l.len() != len(want) {
			t.Fatalf("the list has %d members %q, want %q", l.len(), got, want)
		}
	})
}

// TestListOfLongMembers: those that no block has room for stand alone.
func TestListOfLongMembers(t *testing.T) {
	var l list
	var want []string
	for _, n := range []int{1, largestBlock - 10, largestBlock, 0, 3 * largestBlock, 5, 70_000, 0x7f, 0x80} {
		m := strings.Repeat("y", n)
		if !l.add([]byte(m)) {
			t.Errorf("a member of %d bytes was there already", n)
		}
		want = append(want, m)
	}
	if !slices.Equal(contents(&l), want) {
		t.Error("the members are not those that were added")
	}
	for _, m := range want {
		if l.add([]byte(m)) {
			t.Errorf("a member of %d bytes was added twice", len(m))
		}
	}
}

func TestSorted(t *testing.T) {
	var l list
	for _, m := range []string{"10", "9", "-1", "9223372036854775807", "-9223372036854775808", "0"} {
		l.append([]byte(m))
	}
	sorted := l.sorted()
	want := []string{"-9223372036854775808", "-1", "0", "9", "10", "9223372036854775807"}
	if got := contents(&sorted); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
