package keys

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/engine"
)

func TestParseScore(t *testing.T) {
	for text, want := range map[string]float64{
		"": 0, "\x00": 0, "\x00x": 0, "2\x00x": 2, "1": 1, "-1.5": -1.5, "+3": 3, ".5": 0.5, "5.": 5, " 7": 7, "\t\n\v\f\r8": 8,
		"0x10": 16, "1e3": 1000, "INF": math.Inf(1), "-infinity": math.Inf(-1), "0e5000": 0,
	} {
		if got, ok := parseScore([]byte(text)); !ok || got != want {
			t.Errorf("parseScore(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{" ", "a", "1 ", "1a", "nan", "nan(1)", "1e400", "0x", "--1", "+-1", "1_0", "-", "."} {
		if got, ok := parseScore([]byte(text)); ok {
			t.Errorf("parseScore(%q) = %v", text, got)
		}
	}
}

// TestSortedLines: what a line declares and what it reaches.
func TestSortedLines(t *testing.T) {
	for _, tt := range []struct {
		line    string
		keys    string
		reaches bool
	}{
		{"sort l", "l", false},
		{"sort l store d", "l d", false},
		{"sort l by nosort get # store d", "l d", false},
		{"sort l by w_*", "l", true},
		{"sort l get d_* store d", "l d", true},
		{"sort l GET # Get h*->f", "l", true},
		{"sort l by store get x STORE d store e", "l e", false},
		{"sort l limit 0 store store d", "l d", false},
		{"sort l store", "l", false},
		{"sort l by", "l", false},
		{"sort_ro l by w_* store d", "l", true},
		{"sort_ro l store d", "l", false},
	} {
		s := newServer(t)
		args := words(tt.line)
		cmd := s.table.Lookup(args[0])
		refs, err := cmd.KeyRefs(args, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.line, err)
		}
		var keys []string
		for _, ref := range refs {
			keys = append(keys, string(args[ref.Pos]))
		}
		if got := strings.Join(keys, " "); got != tt.keys {
			t.Errorf("%s: keys %q, want %q", tt.line, got, tt.keys)
		}
		if cmd.LocksAll(args) != tt.reaches {
			t.Errorf("%s: LocksAll is %v", tt.line, !tt.reaches)
		}
	}
}

func words(line string) (args [][]byte) {
	for _, w := range strings.Fields(line) {
		args = append(args, []byte(w))
	}
	return args
}

// push makes a list.
func (s *server) push(key string, values ...string) {
	tx := s.engine().Begin(0, s.clock.Now().UnixMilli(), 0, &s.lock)
	defer tx.Commit()
	l, err := tx.List([]byte(key))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, v := range values {
		l.Push(engine.Right, []byte(v))
	}
}

// put sets a key to a string.
func (s *server) put(key, value string) {
	tx := s.engine().Begin(0, s.clock.Now().UnixMilli(), 0, &s.lock)
	defer tx.Commit()
	tx.SetString([]byte(key), []byte(value), engine.NoExpiry)
}

// reply is do for a line that must not fail.
func (s *server) reply(line string) string {
	s.t.Helper()
	text, err := s.do(line)
	if err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
	return text
}

// TestSortAgainstNaive: any numbers, weights and limits give what a plain sort of
// them gives.
func TestSortAgainstNaive(t *testing.T) {
	s, round := newServer(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		list, weights := fmt.Sprintf("l%d", round), fmt.Sprintf("w%d_", round)
		values := rapid.SliceOfN(rapid.IntRange(-99, 99), 1, 60).Draw(rt, "values")
		weight := map[int]int{}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = strconv.Itoa(v)
			if _, again := weight[v]; again {
				continue
			}
			weight[v] = 0
			if rapid.Bool().Draw(rt, "weighed") {
				weight[v] = rapid.IntRange(-5, 5).Draw(rt, "weight")
				s.put(weights+strconv.Itoa(v), strconv.Itoa(weight[v]))
			}
		}
		s.push(list, texts...)
		offset, count := rapid.IntRange(-2, 70).Draw(rt, "offset"), rapid.IntRange(-2, 70).Draw(rt, "count")
		by, desc := rapid.Bool().Draw(rt, "by"), rapid.Bool().Draw(rt, "desc")

		line := fmt.Sprintf("sort %s limit %d %d", list, offset, count)
		sign := 1
		if desc {
			line, sign = line+" desc", -1
		}
		score := func(v int) int { return v }
		if by {
			line, score = line+" by "+weights+"*", func(v int) int { return weight[v] }
		}
		want := slices.Clone(values)
		slices.SortFunc(want, func(a, b int) int {
			return sign * cmp.Or(score(a)-score(b), strings.Compare(strconv.Itoa(a), strconv.Itoa(b)))
		})
		from := min(max(offset, 0), len(want))
		to := len(want)
		if count >= 0 {
			to = min(from+count, to)
		}
		checkReply(rt, s.reply(line), want[from:to])
		if n := s.reply(line + " store d"); n != fmt.Sprintf(":%d\r\n", to-from) {
			rt.Fatalf("%s store d: %q", line, n)
		}
		checkReply(rt, s.reply("sort d by nosort"), want[from:to])
	})
}

func checkReply(t *rapid.T, got string, want []int) {
	text := fmt.Sprintf("*%d\r\n", len(want))
	for _, v := range want {
		digits := strconv.Itoa(v)
		text += fmt.Sprintf("$%d\r\n%s\r\n", len(digits), digits)
	}
	if got != text {
		t.Fatalf("got %q, want %q", got, text)
	}
}

// TestSortIntoItself: the destination may be the key that is sorted.
func TestSortIntoItself(t *testing.T) {
	s := newServer(t)
	s.push("l", "3", "1", strings.Repeat("2", 50), "4")
	s.reply("sort l store l")
	if got := s.reply("sort l by nosort limit 0 3"); got != "*3\r\n$1\r\n1\r\n$1\r\n3\r\n$1\r\n4\r\n" {
		t.Errorf("the list is %q", got)
	}
}

func BenchmarkSort(b *testing.B) {
	s := newServer(b)
	var values []string
	for i := range 10_000 {
		values = append(values, strconv.Itoa(i*7919%100_003))
		s.put("w_"+values[i], strconv.Itoa(i*31%9973))
	}
	s.push("l", values...)
	for _, line := range []string{"sort l", "sort l alpha", "sort l by w_*", "sort l by nosort get w_*", "sort l limit 0 10"} {
		b.Run(line, func(b *testing.B) {
			for b.Loop() {
				s.reply(line)
			}
		})
	}
}

// TestSortOfTexts: texts sort as their bytes do, with and without weights, and
// what has no weight comes first.
func TestSortOfTexts(t *testing.T) {
	text := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 'b', 0xff}), 0, 10)
	s, round := newServer(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		prefix := fmt.Sprintf("w%d_", round)
		values := rapid.SliceOfN(text, 1, 40).Draw(rt, "values")
		want := slices.Clone(values)
		slices.SortStableFunc(want, bytes.Compare)
		got, err := sorted(nil, values, &sortOptions{alpha: true})
		if err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
			rt.Fatalf("got %q, %v; want %q", got, err, want)
		}

		weights := make([][]byte, len(values))
		numbers := make([][]byte, len(values))
		for i, w := range values {
			numbers[i] = strconv.AppendInt(nil, int64(i), 10)
			if rapid.Bool().Draw(rt, "weighed") {
				weights[i] = append([]byte{}, w...)
				s.put(prefix+string(numbers[i]), string(w))
			}
		}
		want = slices.Clone(numbers)
		slices.SortStableFunc(want, func(a, b []byte) int {
			x, _ := strconv.Atoi(string(a))
			y, _ := strconv.Atoi(string(b))
			return compareWeights(weights[x], weights[y])
		})
		tx := s.engine().Begin(0, s.clock.Now().UnixMilli(), 0, &s.lock)
		defer tx.Commit()
		got, err = sorted(tx, numbers, &sortOptions{alpha: true, by: []byte(prefix + "*")})
		if err != nil || !slices.EqualFunc(got, want, bytes.Equal) {
			rt.Fatalf("by %q: got %q, %v; want %q", weights, got, err, want)
		}
	})
}
