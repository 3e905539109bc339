package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"kvd/internal/rediserr"
)

// drive feeds stream to a new Input in pieces, the lengths of which cut gives,
// the way a transport does, and returns the commands and the final error. The
// shared buffer is overwritten after each round, so that a slice that outlived
// it is seen.
func drive(t testing.TB, l Limits, stream []byte, shared int, cut func() int) ([][]string, error) {
	t.Helper()
	in := Input{pool: new(blocks)}
	in.SetLimits(l)
	buf := make([]byte, shared)
	var got [][]string
	for {
		n := min(cut(), len(stream))
		space := in.Space(buf)
		if len(space) == 0 {
			t.Fatal("no space")
		}
		n = copy(space, stream[:n])
		stream = stream[n:]
		in.Got(n)
		for {
			args, err := in.Next()
			if err != nil {
				if _, again := in.Next(); again != err {
					t.Fatalf("error is not final: %v, then %v", err, again)
				}
				in.Release()
				return got, err
			}
			if args == nil {
				break
			}
			got = append(got, texts(t, &in, args))
		}
		if in.pending() {
			t.Fatal("pending after Next had none")
		}
		in.Release()
		used := max(0, min(len(buf), len(buf)-len(space)+n)) // if space was in buf
		for i := range buf[:used] {
			buf[i] = '#'
		}
		if len(stream) == 0 {
			return got, nil
		}
	}
}

func texts(t testing.TB, in *Input, args [][]byte) []string {
	t.Helper()
	out := make([]string, len(args))
	for i, a := range args {
		out[i] = string(a)
		if cap(a) != len(a) {
			t.Fatalf("argument %d has capacity %d for %d bytes", i, cap(a), len(a))
		}
		if in.Owned(i) && len(a) < BigBulk {
			t.Fatalf("small argument %d is owned", i)
		}
	}
	return out
}

// whole, bytewise and randomly are ways to cut a stream.
func whole() int    { return 1 << 30 }
func bytewise() int { return 1 }
func randomly(seed uint64, most int) func() int {
	r := rand.New(rand.NewPCG(seed, 1))
	return func() int { return 1 + r.IntN(most) }
}

func sameRun(a [][]string, aerr error, b [][]string, berr error) bool {
	return fmt.Sprint(aerr) == fmt.Sprint(berr) && slices.EqualFunc(a, b, slices.Equal)
}

func mustSplitAlike(t *testing.T, l Limits, stream []byte, want [][]string, wantErr error) {
	t.Helper()
	cuts := map[string]func() int{"whole": whole}
	if len(stream) < 1<<10 {
		cuts["bytewise"] = bytewise
	}
	for seed := range uint64(8) {
		cuts[fmt.Sprint("random ", seed)] = randomly(seed, 1+len(stream)/int(seed+1))
	}
	for name, cut := range cuts {
		for _, shared := range []int{64, 4096, readSize} {
			got, err := drive(t, l, stream, shared, cut)
			if !sameRun(got, err, want, wantErr) {
				t.Errorf("%s, shared %d: got %.300q, %v; want %.300q, %v", name, shared, got, err, want, wantErr)
			}
		}
	}
	if got, err := drive(t, l, stream, 64, bytewise); !sameRun(got, err, want, wantErr) {
		t.Errorf("bytewise: got %.300q, %v", got, err)
	}
	for at := 1; at < min(len(stream), 100); at++ {
		first := true
		cut := func() int {
			if first {
				first = false
				return at
			}
			return 1 << 30
		}
		got, err := drive(t, l, stream, readSize, cut)
		if !sameRun(got, err, want, wantErr) {
			t.Errorf("split at %d: got %.300q, %v", at, got, err)
		}
	}
}

type row struct {
	name   string
	stream string
	want   [][]string
	err    string // without the prefix that all share
}

func cmd(args ...string) []string { return args }

func TestFraming(t *testing.T) {
	ping := cmd("PING")
	big := strings.Repeat("v", BigBulk)
	rows := []row{
		{"R1", "*1\r\n$9223372036854775807\r\n", nil, "invalid bulk length"},
		{"R1 near", "*1\r\n$9223372036854775800\r\n", nil, "invalid bulk length"},
		{"R2", "*9223372036854775807\r\n", nil, "invalid multibulk length"},
		{"R2 int max", "*2147483648\r\n", nil, "invalid multibulk length"},
		{"R2 limit", "*1048577\r\n", nil, "invalid multibulk length"},
		{"R2 waits", "*1048576\r\n", nil, ""},
		{"R3 waits", "*1\r\n$536870912\r\n", nil, ""},
		{"R4 inline", strings.Repeat("x", 64<<10+1), nil, "too big inline request"},
		{"R4 inline fits", strings.Repeat("x", 64<<10) + "\n", [][]string{cmd(strings.Repeat("x", 64<<10))}, ""},
		{"R4 count", "*" + strings.Repeat("1", 64<<10), nil, "too big mbulk count string"},
		{"R4 bulk", "*1\r\n$" + strings.Repeat("1", 64<<10), nil, "too big bulk count string"},
		{"R5", "*1\r\n$8589934592\r\n", nil, "invalid bulk length"},
		{"R5 limit", "*1\r\n$536870913\r\n", nil, "invalid bulk length"},
		{"R11", "SET a 1\r\n*1\r\n$x\r\n", [][]string{cmd("SET", "a", "1")}, "invalid bulk length"},
		{"R12 zero", "*0\r\nPING\r\n", [][]string{ping}, ""},
		{"R12 minus", "*-1\r\nPING\r\n*-2\r\nPING\r\n", [][]string{ping, ping}, ""},
		{"R13 plus", "*+1\r\n", nil, "invalid multibulk length"},
		{"R13 zero", "*01\r\n", nil, "invalid multibulk length"},
		{"R13 minus zero", "*-0\r\n", nil, "invalid multibulk length"},
		{"R13 plus bulk", "*1\r\n$+4\r\n", nil, "invalid bulk length"},
		{"R13 zero bulk", "*1\r\n$04\r\n", nil, "invalid bulk length"},
		{"R14", "*1\r\n$4\r\nPINGXX\r\n", nil, "expected CRLF after bulk"},
		{"R16", "POST / HTTP/1.1\r\nHost: x\r\n\r\n", [][]string{cmd("POST", "/", "HTTP/1.1"), cmd("Host:", "x")}, ""},
		{"minus bulk", "*1\r\n$-1\r\n", nil, "invalid bulk length"},
		{"no count", "*\r\n", nil, "invalid multibulk length"},
		{"no length", "*1\r\n$\r\n", nil, "invalid bulk length"},
		{"letters", "*x\r\n", nil, "invalid multibulk length"},
		{"mark", "*1\r\n:1\r\n", nil, "expected '$', got ':'"},
		{"mark return", "*1\r\n\r\n", nil, "expected '$', got ' '"},
		{"no line feed", "*1\rx", nil, "invalid multibulk length"},
		{"empty lines", "\r\n\n  \r\nPING\r\n", [][]string{ping}, ""},
		{"empty argument", "*2\r\n$0\r\n\r\n$1\r\na\r\n", [][]string{cmd("", "a")}, ""},
		{"binary", "*1\r\n$4\r\n\r\n\x00*\r\n", [][]string{cmd("\r\n\x00*")}, ""},
		{
			"pipeline", "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n*1\r\n$4\r\nPI",
			[][]string{ping, cmd("GET", "k"), ping},
			"",
		},
		{
			"big", fmt.Sprintf("*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$1\r\nx\r\nPING\r\n", len(big), big),
			[][]string{cmd("SET", big, "x"), ping},
			"",
		},
		{"big with bad end", fmt.Sprintf("*1\r\n$%d\r\n%sxx", len(big), big), nil, "expected CRLF after bulk"},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			var err error
			if r.err != "" {
				err = rediserr.New("Protocol error: " + r.err)
			}
			mustSplitAlike(t, DefaultLimits(), []byte(r.stream), r.want, err)
		})
	}
}

func TestUnauthenticatedLimits(t *testing.T) {
	l := DefaultLimits()
	l.Unauthenticated = true
	mustSplitAlike(t, l, []byte("*10\r\n$16384\r\n"), nil, nil)
	mustSplitAlike(t, l, []byte("*11\r\n"), nil, errStrangerArray)
	mustSplitAlike(t, l, []byte("*1\r\n$16385\r\n"), nil, errStrangerBulk)
}

func TestBufferLimit(t *testing.T) {
	l := DefaultLimits()
	l.Buffer = 1000
	ok := []byte("*1\r\n$500\r\n" + strings.Repeat("x", 500) + "\r\n")
	stream := bytes.Repeat(ok, 100)
	stream = append(stream, "*2\r\n$900\r\n"+strings.Repeat("x", 900)+"\r\n$90\r\n"+strings.Repeat("x", 90)...)
	got, err := drive(t, l, stream, 4096, randomly(1, 300))
	if len(got) != 100 || !errors.Is(err, ErrBuffer) {
		t.Errorf("got %d commands, %v", len(got), err)
	}
}

func TestNextAfterLimitsChange(t *testing.T) {
	in := Input{}
	l := DefaultLimits()
	l.Unauthenticated = true
	in.SetLimits(l)
	in.Got(copy(in.Space(make([]byte, 100)), "AUTH x\r\n*11\r\n"))
	if args, err := in.Next(); len(args) != 2 || err != nil {
		t.Fatal(args, err)
	}
	in.SetLimits(DefaultLimits())
	if args, err := in.Next(); args != nil || err != nil {
		t.Fatalf("the header was judged by the old limits: %q, %v", args, err)
	}
}

func TestOwned(t *testing.T) {
	big := bytes.Repeat([]byte("b"), 3*BigBulk)
	stream := fmt.Appendf(nil, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n%s\r\n", len(big), big)
	in := Input{limits: DefaultLimits()}
	shared := make([]byte, readSize)
	for {
		n := copy(in.Space(shared), stream)
		stream = stream[n:]
		in.Got(n)
		args, err := in.Next()
		if err != nil {
			t.Fatal(err)
		}
		if args != nil {
			kept := args[2]
			if in.Owned(0) || in.Owned(1) || !in.Owned(2) || cap(kept) != len(kept) {
				t.Error("only the last argument is its receiver's")
			}
			in.Release()
			clear(shared)
			if !bytes.Equal(kept, big) {
				t.Error("the owned argument changed")
			}
			return
		}
		in.Release()
	}
}

func TestIdleHoldsNothing(t *testing.T) {
	in := Input{limits: DefaultLimits(), pool: new(blocks)}
	shared := make([]byte, readSize)
	in.Got(copy(in.Space(shared), "*1\r\n$4\r\nPI"))
	if args, _ := in.Next(); args != nil {
		t.Fatal(args)
	}
	in.Release()
	if cap(in.buf) != blockSizes[0] || in.Buffered() != 10 {
		t.Errorf("holds %d bytes for %d", cap(in.buf), in.Buffered())
	}
	in.Got(copy(in.Space(shared), "NG\r\n"))
	if args, _ := in.Next(); len(args) != 1 || string(args[0]) != "PING" {
		t.Fatal(args)
	}
	in.Release()
	if in.buf != nil || in.own != nil || in.Buffered() != 0 {
		t.Error("an idle connection holds a buffer")
	}
}

func TestBigSize(t *testing.T) {
	for _, want := range []int{BigBulk, firstBig, firstBig + 1, 1 << 20, 100 << 20} {
		for have, steps := 0, 0; have < want; steps++ {
			size := bigSize(have, want)
			if size <= have || size > want || steps > 40 {
				t.Fatalf("want %d, have %d: %d", want, have, size)
			}
			if limit := max(8*have+8, firstBig); size > limit {
				t.Fatalf("want %d, have %d: %d bytes is above what came", want, have, size)
			}
			have = size
		}
	}
}

func TestSplitLine(t *testing.T) {
	rows := []struct {
		line string
		want []string
		bad  bool
	}{
		{line: `ECHO "\x41\n\a"`, want: cmd("ECHO", "A\n\a")},
		{line: `ECHO 'a\n'`, want: cmd("ECHO", `a\n`)},
		{line: `ECHO a"b"`, want: cmd("ECHO", "ab")},
		{line: "ECHO\thi", want: cmd("ECHO", "hi")},
		{line: `a'b c' "d e" ''`, want: cmd("ab c", "d e", "")},
		{line: `'it\'s'`, want: cmd("it's")},
		{line: `"\r\t\b\q\"\\"`, want: cmd("\r\t\bq\"\\")},
		{line: `"\xZZ\x4"`, want: cmd("xZZx4")},
		{line: "\v a\vb \f", want: cmd("a\vb")},
		{line: "a\x00b", want: cmd("a\x00b")},
		{line: "", want: nil},
		{line: `"a"b`, bad: true},
		{line: `'a'b`, bad: true},
		{line: `"a`, bad: true},
		{line: `"a\`, bad: true},
		{line: `"a\"`, bad: true},
		{line: `'a\'`, bad: true},
		{line: `a"b"c`, bad: true},
	}
	for _, r := range rows {
		args, ok := splitLine(nil, []byte(r.line))
		var got []string
		for _, a := range args {
			got = append(got, string(a))
		}
		if ok == r.bad || ok && !slices.Equal(got, r.want) {
			t.Errorf("%q: got %q, %v", r.line, got, ok)
		}
	}
}

func TestNextAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	in := Input{limits: DefaultLimits(), pool: new(blocks)}
	shared := make([]byte, readSize)
	stream := bytes.Repeat([]byte("*3\r\n$3\r\nSET\r\n$5\r\nkey:1\r\n$5\r\nvalue\r\nECHO 'x y'\r\n"), 20)
	run := func(part []byte) {
		in.Got(copy(in.Space(shared), part))
		for {
			if args, err := in.Next(); args == nil || err != nil {
				break
			}
		}
		in.Release()
	}
	run(stream)
	if n := testing.AllocsPerRun(100, func() { run(stream) }); n != 0 {
		t.Errorf("%v allocations for whole commands", n)
	}
	if n := testing.AllocsPerRun(100, func() { run(stream[:101]); run(stream[101:]) }); n != 0 {
		t.Errorf("%v allocations for a command in two pieces", n)
	}
}

func BenchmarkNextSet(b *testing.B) {
	const commands = 100
	stream := bytes.Repeat([]byte("*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000001\r\n$5\r\nvalue\r\n"), commands)
	in := Input{limits: DefaultLimits(), pool: new(blocks)}
	shared := make([]byte, readSize)
	copy(shared, stream)
	b.ReportAllocs()
	for i := 0; i < b.N; i += commands {
		in.Space(shared)
		in.Got(len(stream))
		for {
			if args, _ := in.Next(); args == nil {
				break
			}
		}
		in.Release()
	}
}

func BenchmarkNextInline(b *testing.B) {
	in := Input{limits: DefaultLimits(), pool: new(blocks)}
	shared := make([]byte, readSize)
	b.ReportAllocs()
	for b.Loop() {
		in.Got(copy(in.Space(shared), "SET key:1 'a value'\r\n"))
		if args, _ := in.Next(); len(args) != 3 {
			b.Fatal(args)
		}
		in.Release()
	}
}
