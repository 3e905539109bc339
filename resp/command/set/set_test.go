package set

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kvd/internal/change"
	"kvd/resp/command/commandtest"
)

// bulks returns the bulk strings of a reply, sorted.
func bulks(h *commandtest.Harness, line string) []string {
	parts := strings.Split(h.Do(line), "\r\n")
	var list []string
	for i := 2; i < len(parts); i += 2 {
		list = append(list, parts[i])
	}
	slices.Sort(list)
	return list
}

func TestEvents(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"sadd s a b", "new:s sadd:s"},
		{"sadd a 1", ""},
		{"sadd a 9", "sadd:a"},
		{"srem a 1", "srem:a"},
		{"srem a x", ""},
		{"srem a 1 2 3", "srem:a del:a"},
		{"spop a", "spop:a"},
		{"spop one", "spop:one del:one"},
		{"spop a 0", ""},
		{"spop a 2", "spop:a"},
		{"spop a 3", "spop:a del:a"},
		{"spop none", ""},
		{"smove a b 1", "srem:a sadd:b"},
		{"smove a b 2", "srem:a"},
		{"smove a c 1", "srem:a new:c sadd:c"},
		{"smove one a x", "srem:one del:one sadd:a"},
		{"smove a a 1", ""},
		{"smove a b x", ""},
		{"sinterstore d a b", "new:d sinterstore:d"},
		{"sinterstore one a b", "sinterstore:one"},
		{"sinterstore one a none", "del:one"},
		{"sinterstore none a none", ""},
		{"sunionstore d a b", "new:d sunionstore:d"},
		{"sunionstore one none", "del:one"},
		{"sdiffstore d a b", "new:d sdiffstore:d"},
		{"sdiffstore a a a", "del:a"},
		{"smembers a", ""},
	} {
		h := commandtest.New(t, Family)
		h.Do("sadd a 1 2 3")
		h.Do("sadd b 2")
		h.Do("sadd one x")
		h.WatchEvents(change.EventSet | change.EventGeneric | change.EventNew)
		h.Do(tt.line)
		if got := h.KeyEvents(); got != tt.want {
			t.Errorf("%s: events %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestAlgebraAgainstMaps: the operations give what they give for maps, for small
// and large sets, and so do the commands that store the result.
func TestAlgebraAgainstMaps(t *testing.T) {
	h := commandtest.New(t, Family)
	rapid.Check(t, func(rt *rapid.T) {
		names := []string{"a", "b", "c", "d", "none"}
		sets := map[string][]string{}
		for _, name := range names[:4] {
			size := rapid.SampledFrom([]int{1, 5, 40, 400}).Draw(rt, "size")
			prefix := rapid.SampledFrom([]string{"", "member:"}).Draw(rt, "prefix")
			for _, n := range rapid.SliceOfNDistinct(rapid.IntRange(0, 600), 1, size, rapid.ID[int]).Draw(rt, name) {
				sets[name] = append(sets[name], prefix+strconv.Itoa(n))
			}
			h.Do("sdiffstore " + name + " none")
			h.Do("sadd " + name + " " + strings.Join(sets[name], " "))
		}
		keys := rapid.SliceOfN(rapid.SampledFrom(names), 1, 12).Draw(rt, "keys")
		line := strings.Join(keys, " ")
		for op, want := range map[string][]string{
			"sinter": naive(sets, keys, func(_, in int) bool { return in == len(keys) }),
			"sunion": naive(sets, keys, func(_, in int) bool { return in > 0 }),
			"sdiff":  naive(sets, keys, func(first, in int) bool { return first == 1 && in == 1 }),
		} {
			if got := bulks(h, op+" "+line); !slices.Equal(got, want) {
				rt.Fatalf("%s %s: got %q, want %q", op, line, got, want)
			}
			stored := h.Do(op + "store to " + line)
			if got := bulks(h, "smembers to"); !slices.Equal(got, want) || stored != fmt.Sprintf(":%d\r\n", len(want)) {
				rt.Fatalf("%sstore %s: got %q %q, want %q", op, line, stored, got, want)
			}
		}
	})
}

// naive returns the members for which keep is true, sorted. It is told in how
// many of the sets a member is, and in how many (0 or 1) of the first alone.
func naive(sets map[string][]string, keys []string, keep func(first, in int) bool) (all []string) {
	first, in := map[string]int{}, map[string]int{}
	for i, key := range keys {
		for _, m := range sets[key] {
			in[m]++
			if i == 0 {
				first[m]++
			}
		}
	}
	for m, n := range in {
		if keep(first[m], n) {
			all = append(all, m)
		}
	}
	slices.Sort(all)
	return all
}

// TestScanMeetsAll: a scan to the end meets every member of a large set.
func TestScanMeetsAll(t *testing.T) {
	h := commandtest.New(t, Family)
	for i := range 1000 {
		h.Do("sadd s member:" + strconv.Itoa(i))
	}
	seen := map[string]bool{}
	cursor := "0"
	for range 10_000 {
		parts := strings.Split(h.Do("sscan s "+cursor+" count 20"), "\r\n")
		cursor = parts[2]
		for i := 5; i < len(parts); i += 2 {
			seen[parts[i]] = true
		}
		if cursor == "0" {
			break
		}
	}
	if len(seen) != 1000 || cursor != "0" {
		t.Errorf("met %d members, ended at cursor %s", len(seen), cursor)
	}
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := commandtest.New(t, Family)
	for i := range 200 {
		h.Do("sadd small m" + strconv.Itoa(i%20))
		h.Do("sadd ints " + strconv.Itoa(i))
		h.Do("sadd large member:" + strconv.Itoa(i))
	}
	for _, key := range []string{"small", "ints", "large"} {
		for _, line := range []string{
			"sadd KEY 7", "srem KEY none", "sismember KEY 7", "smismember KEY 7 8 x", "scard KEY", "srandmember KEY",
		} {
			args := commandtest.Words(strings.Replace(line, "KEY", key, 1))
			if reply := h.Run(args); reply[0] == '-' {
				t.Fatalf("%s: %s", line, reply)
			}
			if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
				t.Errorf("%s of %s: %v allocations", line, key, n)
			}
		}
	}
}

func BenchmarkUnion(b *testing.B) {
	h := commandtest.New(b, Family)
	for i := range 20_000 {
		h.Do("sadd a member:" + strconv.Itoa(i))
		h.Do("sadd b member:" + strconv.Itoa(i+10_000))
	}
	for _, line := range []string{"sunion a b", "sinter a b", "sdiff a b", "sunionstore d a b", "sinterstore d a b"} {
		b.Run(line, func(b *testing.B) {
			args := commandtest.Words(line)
			for b.Loop() {
				h.Run(args)
			}
		})
	}
}
