package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kvd/internal/clock"
	"kvd/internal/rediserr"
	"kvd/resp/reply"
)

// host is a server with one command: it answers with its words.
type host struct{ calls int }

func (h *host) Call(line [][]byte, out *reply.Writer, _ *Run) error {
	h.calls++
	if string(line[0]) == "fail" {
		return rediserr.WrongType
	}
	out.Array(len(line))
	for _, w := range line {
		out.Bulk(w)
	}
	return nil
}

func (h *host) Permits([][]byte) (bool, error) { return true, nil }
func (h *host) Log(int, string)                {}

func newScripts() *Scripts { return New(clock.NewManual(time.Unix(1000, 0))) }

// eval runs a script and returns its reply as bytes, or its error.
func eval(s *Scripts, source string) string {
	script, err := s.Evaluate([]byte(source))
	if err != nil {
		return err.Error()
	}
	var out reply.Writer
	if err := s.Run(script, Call{Host: &host{}, Out: &out, Name: script.Digest}); err != nil {
		return err.Error()
	}
	return string(out.Since(reply.Mark{}))
}

func TestReplies(t *testing.T) {
	s := newScripts()
	for source, want := range map[string]string{
		"return 3.99":                                 ":3\r\n",
		"return {1, {2}, nil, 4}":                     "*2\r\n:1\r\n*1\r\n:2\r\n",
		"return {err = 'E x'}":                        "-E x\r\n",
		"return {ok = 'fine'}":                        "+fine\r\n",
		"return redis.call('a', 1.5, 10)":             "*3\r\n$1\r\na\r\n$3\r\n1.5\r\n$2\r\n10\r\n",
		"return redis.pcall('fail')":                  "-" + rediserr.WrongType.Error() + "\r\n",
		"local t = {} t[1] = t return t and 1":        ":1\r\n",
		"return select(2, pcall(redis.call, 'fail'))": fmt.Sprintf("$%d\r\n%s\r\n", len(rediserr.WrongType.Error()), rediserr.WrongType),
	} {
		if got := eval(s, source); got != want {
			t.Errorf("%s\n got %q\nwant %q", source, got, want)
		}
	}
	if got := eval(s, "return redis.call('fail')"); !strings.HasPrefix(got, rediserr.WrongType.Error()+" script: ") {
		t.Errorf("an error that is not caught: %s", got)
	}
}

func TestEndlessReply(t *testing.T) {
	got := eval(newScripts(), "local t = {} t[1] = t return t")
	if !strings.HasSuffix(got, "-"+errReplyDepth.Error()+"\r\n") || strings.Count(got, "*1\r\n") != maxReplyDepth+1 {
		t.Errorf("%d levels, and then %q", strings.Count(got, "*1\r\n"), got[max(0, len(got)-50):])
	}
}

func TestCacheForgetsOnlyEvaluated(t *testing.T) {
	s := newScripts()
	loaded, err := s.Load([]byte("return 'loaded'"))
	if err != nil {
		t.Fatal(err)
	}
	first, _ := s.Evaluate([]byte("return 'first'"))
	for i := range maxEvaluated {
		if _, err := s.Evaluate(fmt.Appendf(nil, "return %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Get([]byte(strings.ToUpper(loaded.Digest))); err != nil {
		t.Errorf("a loaded script: %v", err)
	}
	if _, err := s.Get([]byte(first.Digest)); !errors.Is(err, errNoScript) {
		t.Errorf("the oldest evaluated script: %v", err)
	}
	if n := s.Len(); n != maxEvaluated+1 {
		t.Errorf("%d scripts", n)
	}
}

func TestShebang(t *testing.T) {
	for source, want := range map[string]Flags{
		"return 1":        Undeclared,
		"#!lua\nreturn 1": 0,
		"#!lua flags=no-writes,allow-oom\nreturn 1": NoWrites | AllowOOM,
	} {
		flags, body, err := parseShebang(source)
		if err != nil || flags != want || strings.Count(body, "\n") != strings.Count(source, "\n") {
			t.Errorf("%q: flags %b, body %q, %v", source, flags, body, err)
		}
	}
}

func TestRestoreAllOrNothing(t *testing.T) {
	s := newScripts()
	code := func(lib, fn string) string {
		return "#!lua name=" + lib + "\nredis.register_function('" + fn + "', function() return 1 end)"
	}
	if _, err := s.AddLibrary(code("a", "f"), Refuse); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restore([]string{code("b", "g"), code("c", "f")}, Refuse); err == nil {
		t.Error("two functions of one name were restored")
	}
	names := func() (list []string) {
		for _, lib := range s.Libraries() {
			list = append(list, lib.Name)
		}
		return list
	}
	if got := names(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("after a failed restore: %q", got)
	}
	if err := s.Sync(map[string]string{"d": code("d", "h")}, 7); err != nil || !slices.Equal(names(), []string{"d"}) || !s.SyncedTo(7) {
		t.Errorf("after Sync: %q, %v", names(), err)
	}
}
