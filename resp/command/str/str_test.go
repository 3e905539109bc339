package str

import (
	"strings"
	"testing"

	"kvd/engine"
	"kvd/resp/command/commandtest"
)

// TestLines checks what the conformance files cannot see well; they have the
// rest.
func TestLines(t *testing.T) {
	h := commandtest.New(t, Family)
	for _, tt := range []struct{ line, want string }{
		{"set k v", "+OK\r\n"},
		{"get k", "$1\r\nv\r\n"},
		{"set k w NX", "$-1\r\n"},
		{"set k w XX GET", "$1\r\nv\r\n"},
		{"incr n", ":1\r\n"},
		{"incrbyfloat n 0.5", "$3\r\n1.5\r\n"},
		{"incr n", "-ERR value is not an integer or out of range\r\n"},
		{"mset a 1 b 2", "+OK\r\n"},
		{"msetex 2 a 1 c 2 NX", ":0\r\n"},
		{"mget a b c", "*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n"},
		{"delex a IFNE 1", ":0\r\n"},
		{"getdel a", "$1\r\n1\r\n"},
		{"lcs k b", "$0\r\n\r\n"},
	} {
		if got := h.Do(tt.line); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.line, got, tt.want)
		}
	}
}

// TestErrorsChangeNothing runs lines that fail on keys that are there, and looks
// at the keys.
func TestErrorsChangeNothing(t *testing.T) {
	h := commandtest.New(t, Family)
	h.Do("mset k v n 9223372036854775807")
	for _, line := range []string{
		"set k x EX 0", "set k x GET FOO", "set k x IFDEQ short", "setex k -1 x", "getex k EX 0", "mset k x n",
		"msetnx k x n", "msetex 2 k x n", "msetex 1 k x EX abc", "setrange k -1 x", "setrange k 536870912 x", "incr k",
		"incr n", "decrby n -9223372036854775808", "incrbyfloat k 1", "incrbyfloat n inf", "delex k IFDEQ short", "delex k WHAT v",
	} {
		if got := h.Do(line); !strings.HasPrefix(got, "-") {
			t.Errorf("%s: %q", line, got)
		}
		if got := h.Do("mget k n"); got != "*2\r\n$1\r\nv\r\n$19\r\n9223372036854775807\r\n" {
			t.Fatalf("after %s: %q", line, got)
		}
	}
}

// TestLargeValuesAreKept makes sure that a large value is handed over, where it
// has memory of its own, and copied where it has none.
func TestLargeValuesAreKept(t *testing.T) {
	h := commandtest.New(t, Family)
	for _, line := range []string{"set k %", "setnx a %", "setex k 10 %", "getset k %", "mset k %", "msetnx b %", "msetex 1 k %", "append c %"} {
		args := commandtest.Words(strings.TrimSuffix(line, " %"))
		value := []byte(strings.Repeat("x", engine.Large))
		h.Run(append(args, value))
		key := args[len(args)-1]
		switch {
		case strings.HasPrefix(line, "msetex"), strings.HasPrefix(line, "getset"):
			key = []byte("k")
		case strings.HasPrefix(line, "setex"):
			key = args[1]
		}
		clear(value) // the input buffer is used again
		if got := h.Do("getrange " + string(key) + " 0 0"); got != "$1\r\nx\r\n" {
			t.Errorf("%s: %q", line, got)
		}
	}
}
