package command

import (
	"math"
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/rediserr"
)

// setOptions are what the options of SET say.
type setOptions struct {
	cond, ttl string
	get       bool
	expiry    engine.Expiry
}

func parseSet(c *Ctx) (opt setOptions, err error) {
	s := c.Options(3)
	for s.Next() {
		switch s.Option() {
		case "NX", "XX":
			s.Once(&opt.cond)
		case "GET":
			opt.get = true
		case "KEEPTTL":
			s.Once(&opt.ttl)
			opt.expiry = engine.Keep
		case "EX", "PX", "EXAT", "PXAT":
			s.Once(&opt.ttl)
			opt.expiry = s.Expiry(c.Command.Name)
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return opt, s.Err()
}

var testNow = time.UnixMilli(1_700_000_000_000)

func setCtx(t testing.TB, text string) *Ctx {
	table := newTable(t, keySpecs()...)
	c := &Ctx{Now: testNow}
	c.Args, c.Command = line(text), table.Lookup([]byte("set"))
	return c
}

func TestOptions(t *testing.T) {
	now := engine.Expiry(testNow.UnixMilli())
	bad := rediserr.InvalidExpire("set")
	tests := []struct {
		line string
		want setOptions
		err  error
	}{
		{"set k v", setOptions{}, nil},
		{"set k v nx get", setOptions{cond: "NX", get: true}, nil},
		{"set k v NX nx", setOptions{cond: "NX"}, nil},
		{"set k v nx xx", setOptions{}, rediserr.Syntax},
		{"set k v ex 10", setOptions{ttl: "EX", expiry: now + 10_000}, nil},
		{"set k v px 10 Nx", setOptions{cond: "NX", ttl: "PX", expiry: now + 10}, nil},
		{"set k v exat 10", setOptions{ttl: "EXAT", expiry: 10_000}, nil},
		{"set k v pxat 9223372036854775807", setOptions{ttl: "PXAT", expiry: math.MaxInt64}, nil},
		{"set k v keepttl", setOptions{ttl: "KEEPTTL", expiry: engine.Keep}, nil},
		{"set k v keepttl ex 1", setOptions{}, rediserr.Syntax},
		{"set k v ex 1 px 1", setOptions{}, rediserr.Syntax},
		{"set k v ex abc ex 1", setOptions{ttl: "EX", expiry: now + 1000}, nil},
		{"set k v ex abc foo", setOptions{}, rediserr.Syntax},
		{"set k v ex", setOptions{}, rediserr.Syntax},
		{"set k v ex abc", setOptions{}, rediserr.NotInteger},
		{"set k v ex 0", setOptions{}, bad},
		{"set k v px -1", setOptions{}, bad},
		{"set k v ex 9223372036854775807", setOptions{}, bad},
		{"set k v ex 9223372036854775", setOptions{}, bad},
		{"set k v px 9223372036854775807", setOptions{}, bad},
		{"set k v exat 9223372036854776", setOptions{}, bad},
		{"set k v nosuch", setOptions{}, rediserr.Syntax},
	}
	for _, tt := range tests {
		got, err := parseSet(setCtx(t, tt.line))
		if tt.err != nil {
			if err == nil || err.Error() != tt.err.Error() {
				t.Errorf("%q: %v, want %v", tt.line, err, tt.err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%q: %+v, %v", tt.line, got, err)
		}
	}
}

func TestOptionsArguments(t *testing.T) {
	c := setCtx(t, "set k v A 7 B -1 C 1.5 D 18446744073709551615 REST x y")
	s := c.Options(3)
	var n int64
	var f float64
	var u uint64
	for s.Next() {
		switch s.Option() {
		case "A":
			n = s.Count()
		case "B":
			n += s.Int()
		case "C":
			f = s.Float()
		case "D":
			u = s.Uint()
		case "REST":
			if s.Left() != 2 || string(c.Args[s.Pos()]) != "x" {
				t.Error("Left or Pos is wrong")
			}
			s.Skip(2)
		}
	}
	if s.Err() != nil || n != 6 || f != 1.5 || u != math.MaxUint64 {
		t.Error(n, f, u, s.Err())
	}
	for text, want := range map[string]error{"A -1": errNotPositive, "A x": errNotPositive, "A": rediserr.Syntax} {
		s := setCtx(t, "set k v "+text).Options(3)
		s.Next()
		if s.Count(); s.Err() != want {
			t.Errorf("%s: %v", text, s.Err())
		}
	}
}

func TestOptionsSyntaxErr(t *testing.T) {
	for text, want := range map[string]error{"ex 0": nil, "ex": rediserr.Syntax} {
		s := setCtx(t, "set k v "+text).Options(3)
		s.Next()
		s.Expiry("set")
		if s.SyntaxErr() != want || s.Err() == nil {
			t.Errorf("%s: %v, %v", text, s.SyntaxErr(), s.Err())
		}
	}
}

func TestOptionUnknownWordIsBounded(t *testing.T) {
	c := setCtx(t, "set k v "+strings.Repeat("x", 1<<16))
	s := c.Options(3)
	if !s.Next() || len(s.Option()) != maxOption {
		t.Errorf("%d bytes", len(s.Option()))
	}
}

func TestOptionsAllocations(t *testing.T) {
	c := setCtx(t, "set k v ex 10 nx")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := parseSet(c); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestScanOptions(t *testing.T) {
	tests := []struct {
		text  string
		extra ScanExtra
		want  string
		err   error
	}{
		{"", ScanPlain, " 10  false", nil},
		{"match a* count 5", ScanPlain, "a* 5  false", nil},
		{"MATCH *", ScanPlain, " 10  false", nil},
		{"type hash", ScanTypes, " 10 hash false", nil},
		{"novalues", ScanNoValues, " 10  true", nil},
		{"type hash", ScanPlain, "", rediserr.Syntax},
		{"novalues", ScanTypes, "", rediserr.Syntax},
		{"count 0", ScanPlain, "", rediserr.Syntax},
		{"count x", ScanPlain, "", rediserr.NotInteger},
		{"count", ScanPlain, "", rediserr.Syntax},
		{"match", ScanPlain, "", rediserr.Syntax},
		{"foo", ScanPlain, "", rediserr.Syntax},
	}
	for _, tt := range tests {
		c := setCtx(t, "scan 0 "+tt.text)
		o, err := c.ScanOptions(2, tt.extra)
		if err != nil || tt.err != nil {
			if err != tt.err {
				t.Errorf("%q: %v, want %v", tt.text, err, tt.err)
			}
			continue
		}
		noValues := "false"
		if o.NoValues {
			noValues = "true"
		}
		got := string(o.Match) + " " + string(appendInt(o.Count)) + " " + string(o.Type) + " " + noValues
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func BenchmarkSetOptions(b *testing.B) {
	c := setCtx(b, "set k v EX 10 NX")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseSet(c); err != nil {
			b.Fatal(err)
		}
	}
}
