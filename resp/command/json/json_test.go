package json

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kvd/engine/doc"
	"kvd/resp/command"
	"kvd/resp/command/commandtest"
)

// article is a document of ten kilobytes.
func article() string {
	return `{"title":"x","meta":{"views":7,"tags":["a","b"]},"body":"` + strings.Repeat("lorem ipsum ", 800) + `","end":{"id":"last"}}`
}

// hot are the lines that must not allocate, on a document that is there.
var hot = []string{
	"json.get d $.meta.views", "json.get d .meta.tags[1]", "json.get d $.end.id", "json.get d", "json.get d $.none", "json.type d $.title",
	"json.strlen d .title", "json.arrlen d $.meta.tags", "json.objlen d $.meta", "json.objkeys d .meta",
	"json.mget d d none $.meta.views", "json.get none $.a",
}

func TestHotLinesDoNotAllocate(t *testing.T) {
	if commandtest.RaceEnabled {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	h := newHarness(t)
	h.do("json.set", "d", "$", article())
	for _, line := range hot {
		args := commandtest.Words(line)
		if reply := h.Run(args); reply[0] == '-' {
			t.Fatalf("%s: %s", line, reply)
		}
		if n := testing.AllocsPerRun(200, func() { h.Run(args) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail on a document that is there.
func TestErrorsChangeNothing(t *testing.T) {
	h := newHarness(t)
	h.do("json.set", "d", "$", `{"a":[1,2],"b":{"a":[1]},"n":[1,2,1e308],"s":"x"}`)
	before := h.get("d")
	for _, line := range []string{
		"json.numincrby d $.n[*] 1e308", "json.nummultby d $.n[*] 10", "json.numpowby d $.n[*] 2.5", "json.arrinsert d $..a 2 0",
		"json.set d $.a 1 IFREV 99", "json.set d $.a {", "json.mset d $.a 1 e $.b 2", "json.mset d $.a 1 d $.x.y 2",
		"json.merge d $ 1 IFVER 7", "json.del d $ IFVER 7", "json.forget d IFREV 7", "json.clear d $ IFREV 7", "json.arrpop d $.a 0 IFREV 7",
		`json.patch d [{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}]`, "json.strappend d s 1", "json.set d $.x" + strings.Repeat(".y", 200) + " 1 MKPATH",
		"json.set d $.a 1 EX 0", "json.set d $.a 1 GET EX x", "json.toggle d $.a IFREV 7", "json.arrtrim d $.a 0 0 IFREV 7",
		"json.arrappend d $.a 1 IFREV 7", "json.numincrby d $.a 1 IFVER 7",
	} {
		if got := h.Run(commandtest.Words(line)); got[0] != '-' && string(got) != "$-1\r\n" {
			t.Errorf("%s: %q", line, got)
		}
		if after := h.get("d"); after != before {
			t.Fatalf("%s: %s", line, after)
		}
	}
}

// TestRevisions: each write has a revision of its own, and IFREV takes no other.
func TestRevisions(t *testing.T) {
	h := newHarness(t)
	h.do("json.set", "d", "$", `{"n":1,"l":[true,"x"]}`)
	rev := func() (rev, version uint64) {
		tx := h.begin()
		defer tx.Commit()
		d, err := tx.Document([]byte("d"))
		if err != nil {
			t.Fatal(err)
		}
		return d.Info().Rev, d.Info().Version
	}
	for _, line := range []string{
		"json.set d $.n 2", "json.merge d $ {\"m\":1}", "json.numincrby d $.n 1", "json.nummultby d $.n 2", "json.numpowby d $.n 2",
		"json.toggle d $.l[0]", `json.strappend d $.l[1] "y"`, "json.arrappend d $.l 1 2 3", "json.arrinsert d $.l 0 5", "json.arrpop d $.l",
		"json.arrtrim d $.l 0 2", "json.clear d $.m", "json.del d $.m", "json.patch d [{\"op\":\"add\",\"path\":\"/q\",\"value\":1}]",
	} {
		was, version := rev()
		if got := h.Run(commandtest.Words(fmt.Sprintf("%s IFREV %d", line, was+1))); !strings.HasPrefix(string(got), "-CONFLICT expected rev ") {
			t.Errorf("%s: %s", line, got)
		}
		if got := h.Run(commandtest.Words(fmt.Sprintf("%s IFVER %d IFREV %d", line, version, was))); got[0] == '-' {
			t.Errorf("%s: %s", line, got)
		}
		if now, next := rev(); now <= was || next != version+1 {
			t.Errorf("%s: from %d, version %d to %d, version %d", line, was, version, now, next)
		}
	}
}

// TestLargeDocumentsLeaveTheLoop: what takes long is run on a worker, and has
// changed nothing before.
func TestLargeDocumentsLeaveTheLoop(t *testing.T) {
	h := newHarness(t)
	large := `{"l":[` + strings.Repeat(`"element",`, 100_000) + `0],"s":1}`
	h.do("json.set", "d", "$", large)
	h.Ctx.OnLoop = true
	for line, heavy := range map[string]bool{
		"json.get d $.s": false, "json.get d $.l": true, "json.get d": true, "json.get d $..s": true, "json.get d $.l[?(@==1)]": true,
		"json.set d $..s 2": true, "json.numincrby d $.s 1": false, "json.arrindex d $.l 0": true, "json.clear d $.*": true,
		"json.patch d []": true, "json.diff d d": true, "json.mset d $.l " + large: true, "json.resp d": true, "json.type d $.l": false,
		"json.arrappend d $.l " + large: true, "json.merge d $.l " + large: true, "json.set d $.x " + large: true, "json.mget d $": true,
	} {
		args := commandtest.Words(line)
		cmd := h.Table.Lookup(args[0])
		h.Out.Discard()
		h.Ctx.Reset(args, cmd, h.Clock.Now(), nil)
		h.Ctx.Tx = h.begin()
		err := cmd.Handler(&h.Ctx)
		h.Ctx.Tx.Commit()
		if errors.Is(err, command.ErrHeavy) != heavy {
			t.Errorf("%.40s: %v", line, err)
		}
	}
}

// TestHostileLines: what is too deep, too large or too long is refused within a
// bounded time.
func TestHostileLines(t *testing.T) {
	h := newHarness(t)
	h.do("json.set", "d", "$", "["+strings.Repeat("0,", 3000)+"0]")
	h.do("json.set", "e", "$", strings.Repeat(`{"a":`, 126)+"{}"+strings.Repeat("}", 126))
	many := strings.Repeat("9", 5000)
	for _, c := range []struct {
		want string
		args []string
	}{
		{"-ERR recursion limit exceeded", []string{"json.set", "x", "$", strings.Repeat("[", 1_000_000)}},
		{"-ERR recursion limit exceeded", []string{"json.set", "e", "$" + strings.Repeat(".a", 126), `{"b":[[]]}`}},
		{"-ERR recursion limit exceeded", []string{"json.merge", "e", "$" + strings.Repeat(".a", 126), `{"b":{"c":{}}}`}},
		{"-ERR recursion limit exceeded", []string{"json.arrappend", "d", "$", strings.Repeat("[", 127) + strings.Repeat("]", 127)}},
		{"-LIMIT document is larger", []string{"json.set", "x", "$", `"` + strings.Repeat("x", 17<<20) + `"`}},
		{"-LIMIT path needs more", []string{"json.get", "d", "$[?(@==$[?(@==$[?(@==1)])])]"}},
		{"-LIMIT path needs more", []string{"json.set", "d", "$[?(@==$[?(@==1)])]", "1"}},
		{"-LIMIT path needs more", []string{"json.get", "d", "$..*..*", "$[*][?(@<$[?(@>1)])]", "$[?(@==$[?(@==1)])]"}},
		{"-LIMIT path is longer", []string{"json.get", "d", "$" + strings.Repeat("[0]", 2000)}},
		{"-LIMIT regular expression is longer", []string{"json.get", "d", `$[?(@=~"` + strings.Repeat("a", 1025) + `")]`}},
		{"-ERR invalid path", []string{"json.get", "d", "$[?" + strings.Repeat("(", 1000) + "@" + strings.Repeat(")", 1000) + "]"}},
		{"-ERR numeric overflow", []string{"json.numpowby", "d", "$[0]", "-1"}},
		{"+OK", []string{"json.set", "n", "$", many}},
		{"-ERR numeric overflow", []string{"json.nummultby", "n", "$", "2"}},
		{"*1\r\n$5000\r\n", []string{"json.resp", "n", "$"}},
		{"+OK", []string{"json.set", "n", "$", "3"}},
		{"-ERR numeric overflow", []string{"json.numpowby", "n", "$", "1e18"}},
		{"-ERR numeric overflow", []string{"json.numpowby", "n", "$", many}},
		{"-ERR invalid path", []string{"json.get", "d", "$.\xff"}},
		{"-ERR invalid JSON", []string{"json.set", "x", "$", "\"\xff\""}},
		{"-ERR invalid JSON", []string{"json.set", "x", "$", "0123"}},
	} {
		if got := h.do(c.args...); !strings.HasPrefix(got, c.want) {
			t.Errorf("%.60q: %.100q, want %q", c.args, got, c.want)
		}
	}
	if h.get("x") != "" || h.get("e") != strings.Repeat(`{"a":`, 126)+"{}"+strings.Repeat("}", 126) || h.get("n") != "3" {
		t.Error("something was written")
	}
}

// FuzzLines runs lines that are not right, none of which may panic, and each of
// which has one reply and leaves a sound document.
func FuzzLines(f *testing.F) {
	for _, line := range hot {
		f.Add(line)
	}
	for _, line := range []string{
		"json.set d $..a 1 NX GET", `json.set d $.x.y {"k":[]} MKPATH EX 5 IFVER 1`, "json.merge d $..a null", "json.mset d $.a 1 d $.a.b 2 e $ 3",
		"json.del d $..a", "json.clear d $..*", "json.numincrby d $..* 1.5", "json.numpowby d $..* 3", "json.toggle d $..*", `json.strappend d $..* "x"`,
		"json.arrinsert d $..* 0 1 [2]", "json.arrpop d $..* 0", "json.arrtrim d $..* 1 -1", "json.arrindex d $..* 1 0 -1", "json.resp d $..*",
		"json.get d INDENT x NEWLINE y $..a ..a", "json.get d FORMAT EXPAND $..*", `json.patch d [{"op":"move","from":"/a","path":"/b/c"}]`, "json.diff d e",
		"json.get d $.a+1 $.l.sum()",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		h := newHarness(t)
		h.Out.SetProtocol(2 + len(line)%2)
		h.do("json.set", "d", "$", `{"a":{"a":[1,[2,"x"],{"a":true}]},"l":[1,2.5,null],"s":"text","n":-7}`)
		h.do("json.set", "e", "$", `[1,{"a":2}]`)
		args := commandtest.Words(line)
		cmd := h.Table.Lookup(args[0])
		if cmd == nil || cmd.Handler == nil || !cmd.AcceptsWords(len(args)) {
			return
		}
		if got := h.Run(args); len(got) == 0 || strings.Contains(string(got), "internal error") {
			t.Errorf("%q: %q", line, got)
		}
		h.sound(t, "d")
		h.sound(t, "e")
	})
}

// sound checks what is stored at a key.
func (h *harness) sound(t *testing.T, key string) {
	t.Helper()
	tx := h.begin()
	defer tx.Commit()
	d, err := tx.Document([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	if d.Exists() {
		if err := doc.Check(d.Value(), doc.Limits{}); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// TestExpiry: a document that has expired is missing to every command.
func TestExpiry(t *testing.T) {
	h := newHarness(t)
	h.do("json.set", "d", "$", "1", "PX", "10")
	h.Clock.Advance(20 * time.Millisecond)
	if got := h.do("json.numincrby", "d", "$", "1"); !strings.HasPrefix(got, "-ERR could not perform") {
		t.Error(got)
	}
	if got := h.do("json.set", "d", "$", "2", "IFREV", "0", "GET"); got != "$-1\r\n" {
		t.Errorf("%q", got)
	}
	if h.get("d") != "2" {
		t.Error(h.get("d"))
	}
}

func BenchmarkLines(b *testing.B) {
	for _, line := range []string{
		"json.get d $.end.id", "json.get d .title", "json.get d $..views", "json.set d $.meta.views 8", "json.numincrby d $.meta.views 1",
		`json.set small $ {"title":"x","views":7,"tags":["a","b"]}`, "json.get small $.views",
	} {
		b.Run(line, func(b *testing.B) {
			h := newHarness(b)
			h.do("json.set", "d", "$", article())
			h.do("json.set", "small", "$", `{"title":"x","views":7,"tags":["a","b"]}`)
			args := commandtest.Words(line)
			b.ReportAllocs()
			for b.Loop() {
				h.Run(args)
			}
		})
	}
}
