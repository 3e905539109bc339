package exchange

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"kvd/internal/link"
	"kvd/internal/testkit"
	"kvd/snapshot/rdb"
)

const history = "0123456789012345678901234567890123456789"

// primary stands in for a redis-server: it says what a test tells it to.
type primary struct {
	t    *testing.T
	l    net.Listener
	s    *testkit.Server
	conn net.Conn
	in   *link.Conn
}

func newPrimary(t *testing.T, s *testkit.Server) *primary {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return &primary{t: t, l: l, s: s}
}

// accept waits for the replica, moving the clock of the server until it comes, and
// returns what it asks for by PSYNC.
func (p *primary) accept() string {
	p.t.Helper()
	came := make(chan net.Conn)
	go func() {
		if conn, err := p.l.Accept(); err == nil {
			came <- conn
		}
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for p.conn = nil; p.conn == nil; {
		select {
		case p.conn = <-came:
		case <-tick.C:
			p.s.Clock.Advance(100 * time.Millisecond)
		}
	}
	p.t.Cleanup(func() { p.conn.Close() })
	p.in = link.New(p.conn, patience)
	for {
		words := p.hear()
		if strings.HasPrefix(words, "PSYNC") {
			return words
		}
		p.say("+OK\r\n")
	}
}

// hear returns the next command of the replica.
func (p *primary) hear() string {
	p.t.Helper()
	words, err := p.in.Command()
	if err != nil {
		p.t.Fatal(err)
	}
	return string(bytes.Join(words, []byte(" ")))
}

func (p *primary) say(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.conn, text); err != nil {
		p.t.Fatal(err)
	}
}

// stream sends commands and returns how many bytes they take.
func (p *primary) stream(lines ...string) int64 {
	p.t.Helper()
	var b strings.Builder
	for _, line := range lines {
		words := strings.Fields(line)
		fmt.Fprintf(&b, "*%d\r\n", len(words))
		for _, w := range words {
			fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
		}
	}
	p.say(b.String())
	return int64(b.Len())
}

// dump is an RDB file with one key.
func dump(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	w := rdb.NewFileWriter(&out, rdb.Version)
	payload := rdb.Encode(nil, &rdb.Value{Type: rdb.String, String: []byte("from the primary")})
	if w.Select(0, 1, 0) != nil || w.Key([]byte("k"), payload, 0) != nil || w.Close() != nil {
		t.Fatal("no file")
	}
	return out.String()
}

// ack waits until the replica says that it is at an offset.
func (p *primary) ack(offset int64) {
	p.t.Helper()
	want := fmt.Sprint("REPLCONF ACK ", offset)
	for got := ""; got != want; got = p.hear() {
		if got > want && len(got) >= len(want) {
			p.t.Fatalf("the replica says %s, should be %s", got, want)
		}
		p.s.Clock.Advance(time.Second)
	}
}

// TestPrimary: what the replica asks for, what it makes of the answers, and where
// it goes on after the connection was cut, in the middle of a transaction too.
func TestPrimary(t *testing.T) {
	server := testkit.Start(t, testkit.Config{})
	_, own, _ := net.SplitHostPort(server.Addr())
	c := dial(t, own)
	p := newPrimary(t, server)
	say(t, c, "SET mine x")
	_, port, _ := net.SplitHostPort(p.l.Addr().String())
	say(t, c, "REPLICAOF 127.0.0.1 "+port)

	// Damaged data is refused before anything is deleted here.
	if got := p.accept(); got != "PSYNC ? -1" {
		t.Fatal(got)
	}
	bad := strings.Replace(dump(t), "primary", "Primary", 1)
	p.say(fmt.Sprintf("+FULLRESYNC %s 100\r\n\n$%d\r\n%s", history, len(bad), bad))
	if got := p.accept(); got != "PSYNC ? -1" {
		t.Fatal(got)
	}
	if got := say(t, c, "GET mine"); got != "x" {
		t.Errorf("after damaged data: %q", got)
	}

	mark := strings.Repeat("m", 40)
	p.say("+FULLRESYNC " + history + " 100\r\n$EOF:" + mark + "\r\n" + dump(t) + mark)
	offset := 100 + p.stream("SELECT 1", "SET a b", "PING", "MULTI", "INCR n", "SET e x PX 1", "EXEC", "REPLCONF GETACK *")
	p.ack(offset)
	if got := say(t, c, "GET k") + say(t, c, "GET mine"); got != "from the primary" {
		t.Error(got)
	}
	p.stream("MULTI", "INCR n")
	p.conn.Close()
	if got, want := p.accept(), fmt.Sprintf("PSYNC %s %d", history, offset+1); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	p.say("+CONTINUE\r\n")
	offset += p.stream("MULTI", "INCR n", "EXEC", "NOSUCHCOMMAND x", "PERSIST e")
	p.ack(offset)
	say(t, c, "SELECT 1")
	if got := say(t, c, "GET n") + say(t, c, "GET a") + say(t, c, "GET e"); got != "2bx" {
		t.Error(got)
	}
	if got := say(t, c, "INFO replication"); !strings.Contains(got, "master_replid:"+history) || !strings.Contains(got, fmt.Sprint("slave_repl_offset:", offset)) {
		t.Error(got)
	}
	say(t, c, "REPLICAOF NO ONE")
	if got := say(t, c, "SET a c"); got != "OK" {
		t.Error(got)
	}
}
