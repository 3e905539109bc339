package blackbox

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func TestServerLives(t *testing.T) {
	s := Start(t, Options{Unix: true, TLS: true})
	for name, c := range map[string]*Client{"tcp": s.Client(t), "unix": s.UnixClient(t), "tls": s.TLSClient(t)} {
		if got := c.Must(t, "PING").String(); got != "PONG" {
			t.Errorf("%s: PING replied %s", name, got)
		}
	}
	if s.RSS() <= 1<<20 || s.PeakRSS() < s.RSS() || s.Descriptors() < 6 {
		t.Errorf("rss %d, peak %d, %d descriptors", s.RSS(), s.PeakRSS(), s.Descriptors())
	}
	s.Client(t).Want(t, "OK", "SET", "k", "v")
	s.Stop()
	if !s.Ended() {
		t.Error("it lives after Stop")
	}
	s = s.Restart()
	s.Client(t).Want(t, `"v"`, "GET", "k")
	s.Kill()
	if code := s.Wait(); code != -1 {
		t.Errorf("exit code %d after kill -9", code)
	}
}

func TestRun(t *testing.T) {
	if r := Run(t, Patience, "version"); r.Code != 0 || !strings.HasPrefix(r.Output, "kvd ") {
		t.Errorf("kvd version: code %d, %q", r.Code, r.Output)
	}
	if r := Run(t, Patience, "--nosuch", "1"); r.Code != 2 {
		t.Errorf("an unknown option: code %d, %q", r.Code, r.Output)
	}
	if _, err := run(10*time.Millisecond, "sleep", "60"); err == nil {
		t.Error("a process that hangs must be an error")
	}
}

func TestPoll(t *testing.T) {
	calls := 0
	if !Poll(Patience, func() bool { calls++; return calls == 3 }) || calls != 3 {
		t.Errorf("%d calls", calls)
	}
	if Poll(time.Millisecond, func() bool { return false }) {
		t.Error("what never holds must not be found to")
	}
}

func TestReadValue(t *testing.T) {
	tests := []struct{ in, want string }{
		{"+OK\r\n", "OK"},
		{"-ERR no\r\n", "(error) ERR no"},
		{":-7\r\n", "(integer) -7"},
		{"$-1\r\n", "(nil)"},
		{"_\r\n", "(nil)"},
		{"*-1\r\n", "(nil)"},
		{"$3\r\na\r\n\r\n", `"a\r\n"`},
		{"*2\r\n$1\r\na\r\n*0\r\n", `["a", []]`},
		{"%1\r\n+k\r\n,1.5\r\n", "{k, ,1.5}"},
	}
	for _, tt := range tests {
		v, err := readValue(bufio.NewReader(strings.NewReader(tt.in)))
		if err != nil || v.String() != tt.want {
			t.Errorf("%q: %s, %v; want %s", tt.in, v, err, tt.want)
		}
	}
	for _, bad := range []string{"", "\r\n", "x\r\n", "$x\r\n", "$5\r\nab\r\n", "*1\r\n"} {
		if v, err := readValue(bufio.NewReader(strings.NewReader(bad))); err == nil {
			t.Errorf("%q was read as %s", bad, v)
		}
	}
}
