package wire

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// smallLimits make the limits reachable for short inputs.
func smallLimits() Limits {
	return Limits{Bulk: 100 << 10, Args: 50, Inline: 200, Buffer: 150 << 10}
}

// FuzzInput checks that the result depends on the bytes only, not on where they
// are cut or how large the buffer is.
func FuzzInput(f *testing.F) {
	for _, s := range []string{
		"PING\r\n", "*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", "*0\r\n*-1\r\nECHO 'a' \"\\x41\"\r\n",
		"*1\r\n$9223372036854775807\r\n", "*9223372036854775807\r\n", "*1\r\n$40000\r\nabc", "*1\r\n\r\n", "*51\r\n", "*\r", "$1\r\n",
		"*2\r\n$3\r\nabc\r\n$33000\r\n" + strings.Repeat("x", 33000) + "\r\n*1\r\n$1\r\na\r\n",
	} {
		f.Add([]byte(s), uint64(1), true)
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64, unauthenticated bool) {
		l := smallLimits()
		l.Unauthenticated = unauthenticated
		want, wantErr := drive(t, l, stream, readSize, whole)
		for _, shared := range []int{16, 300, readSize} {
			got, err := drive(t, l, stream, shared, randomly(seed, 1+int(seed%977)))
			// How much is held at once may depend on the cuts, the limit of it
			// only for what is not complete.
			if !sameRun(got, err, want, wantErr) {
				t.Fatalf("shared %d: got %.200q, %v; want %.200q, %v", shared, got, err, want, wantErr)
			}
		}
	})
}

// FuzzSplitLine checks that splitting never reads or writes outside the line,
// and that words survive being quoted.
func FuzzSplitLine(f *testing.F) {
	for _, s := range []string{`a b`, `"\x41\n" 'x\'y'`, `a"b"`, `"`, `'`, `"\`, "\v\f", `a'b`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		words, ok := splitLine(nil, slices.Clone(line))
		if !ok {
			return
		}
		size := 0
		var quoted []string
		for _, w := range words {
			size += len(w)
			quoted = append(quoted, quote(w))
		}
		if size > len(line) {
			t.Fatalf("%d bytes out of %d", size, len(line))
		}
		again, ok := splitLine(nil, []byte(strings.Join(quoted, " ")))
		if !ok || !slices.EqualFunc(again, words, func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Fatalf("%q quoted gives %q, %v", words, again, ok)
		}
	})
}

// quote writes w so that splitLine gives it back.
func quote(w []byte) string {
	const digits = "0123456789abcdef"
	out := []byte{'"'}
	for _, c := range w {
		out = append(out, '\\', 'x', digits[c>>4], digits[c&15])
	}
	return string(append(out, '"'))
}

// TestSplittingModel sends generated commands and compares with what was
// generated.
func TestSplittingModel(t *testing.T) {
	argument := rapid.OneOf(
		rapid.StringN(0, 20, 40),
		rapid.Map(rapid.IntRange(BigBulk-3, 2*firstBig+3), func(n int) string { return strings.Repeat("z", n) }),
	)
	rapid.Check(t, func(rt *rapid.T) {
		want := rapid.SliceOfN(rapid.SliceOfN(argument, 1, 6), 1, 5).Draw(rt, "commands")
		var stream []byte
		for _, args := range want {
			stream = appendCommand(stream, args...)
		}
		shared := rapid.SampledFrom([]int{16, 1000, readSize}).Draw(rt, "shared")
		most := rapid.SampledFrom([]int{50, 5000, 1 << 20}).Draw(rt, "cut")
		got, err := drive(t, DefaultLimits(), stream, shared, randomly(rapid.Uint64().Draw(rt, "seed"), most))
		if !sameRun(got, err, want, nil) {
			rt.Fatalf("got %.300q, %v", got, err)
		}
	})
}

// TestMemoryFollowsInput sends the most costly beginnings of commands and
// compares the memory in use with the bytes sent.
func TestMemoryFollowsInput(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has memory of its own")
	}
	const sent = 4 << 20
	streams := map[string]string{
		"empty arguments": "*1048576\r\n" + strings.Repeat("$0\r\n\r\n", sent/6),
		"small arguments": "*1048576\r\n" + strings.Repeat("$30\r\n"+strings.Repeat("x", 30)+"\r\n", sent/37),
		"one argument":    "*1\r\n$536870912\r\n" + strings.Repeat("x", sent),
		"big arguments":   "*1048576\r\n" + strings.Repeat("$32768\r\n"+strings.Repeat("x", 32768)+"\r\n", sent/32778),
		"last is huge":    "*2\r\n$100000\r\n" + strings.Repeat("x", 100000) + "\r\n$536870912\r\n",
	}
	for name, stream := range streams {
		in := &Input{limits: DefaultLimits(), pool: new(blocks)}
		shared := make([]byte, readSize)
		before := inUse()
		for rest := stream; len(rest) > 0; {
			n := copy(in.Space(shared), rest[:min(len(rest), 1400)])
			rest = rest[n:]
			in.Got(n)
			if args, err := in.Next(); args != nil || err != nil {
				t.Fatalf("%s: %d arguments, %v", name, len(args), err)
			}
			in.Release()
		}
		used := inUse() - before
		t.Logf("%s: %d bytes for %d, %.1f times", name, used, len(stream), float64(used)/float64(len(stream)))
		if used > 8*int64(len(stream)) {
			t.Errorf("%s: %d bytes in use for %d received", name, used, len(stream))
		}
		runtime.KeepAlive(in)
	}
}

// inUse is the size of the live heap in bytes.
func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools keep their content over one
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
