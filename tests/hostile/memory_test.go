package hostile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

const (
	kib = int64(1) << 10
	// slack is what a server's memory may move by without anybody's doing.
	slack = 12 << 20
)

// A client without a login holds next to no memory, whatever it declares.
func TestStrangersHoldLittle(t *testing.T) {
	const clients = 100
	for _, bytes := range []string{
		"*10\r\n", "*1\r\n$16384\r\n", "*10\r\n$16384\r\n" + strings.Repeat("x", 16<<10),
		strings.Repeat("a", 64<<10), "*" + strings.Repeat("1", 60_000), "\r\n",
	} {
		s := fortress(t)
		other := member(t, s)
		for _, tr := range transports(s) {
			before := s.RSS()
			for range clients {
				c := tr.dial(t)
				if err := c.Write([]byte(bytes)); err != nil {
					t.Fatal(err)
				}
			}
			served(t, other)
			grown(t, s, fmt.Sprintf("%s: %d strangers with %.20q", tr.name, clients, bytes), before, clients*256*kib+slack)
		}
	}
}

// Members may declare a lot: memory follows what they send.
func TestDeclaredLengthsCostNothing(t *testing.T) {
	const clients = 100
	for _, bytes := range []string{
		"*1048576\r\n", "*2\r\n$536870912\r\nx", "*1048576\r\n$536870912\r\n",
		"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n" + strings.Repeat("x", 10_000),
	} {
		s := fortress(t)
		other := member(t, s)
		for _, tr := range transports(s) {
			before := s.RSS()
			for range clients {
				if err := login(t, tr.dial(t)).Write([]byte(bytes)); err != nil {
					t.Fatal(err)
				}
			}
			served(t, other)
			grown(t, s, fmt.Sprintf("%s: %d members with %.30q", tr.name, clients, bytes), before, clients*256*kib+slack)
		}
	}
}

// While a long value is on its way it takes about twice the bytes that came, and
// what the collector has not yet taken back.
func TestMemoryFollowsTheBytes(t *testing.T) {
	const declared, sent = 512 << 20, 48 << 20
	for _, tr := range []int{0, 1} {
		s := fortress(t)
		other := member(t, s)
		way := transports(s)[tr]
		c := login(t, way.dial(t))
		before := s.RSS()
		s.ResetPeak()
		head := fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n", declared)
		for _, p := range []string{head, strings.Repeat("x", sent)} {
			if err := c.Write([]byte(p)); err != nil {
				t.Fatal(err)
			}
		}
		served(t, other)
		peaked(t, s, way.name+": 48 MiB of a value of 512 MiB", before, 5*sent/2+slack)
		c.Close()
	}
}

// A value that has arrived is held once; at worst the collector still has pieces
// of it to take back.
func TestLongValueIsHeldOnce(t *testing.T) {
	const size = 64 << 20
	s := fortress(t)
	c := member(t, s)
	before := s.RSS()
	s.ResetPeak()
	c.Want(t, "OK", "SET", "k", strings.Repeat("x", size))
	peaked(t, s, "SET of 64 MiB", before, size*3/2+slack)
}

// Replies of a pipeline leave as they are made: they are never gathered.
func TestPipelineOfLongReplies(t *testing.T) {
	const size, times = 16 << 20, 24
	s := fortress(t)
	member(t, s).Want(t, "OK", "SET", "k", strings.Repeat("x", size))
	for _, tr := range transports(s) {
		c := login(t, tr.dial(t))
		before := s.RSS()
		s.ResetPeak()
		if err := c.Write([]byte(strings.Repeat("GET k\r\n", times))); err != nil {
			t.Fatal(err)
		}
		for range times {
			if v, err := c.Receive(); err != nil || len(v.Text) != size {
				t.Fatalf("%d bytes, %v", len(v.Text), err)
			}
		}
		peaked(t, s, tr.name+": 24 replies of 16 MiB, read at once", before, 2*size+slack)
	}
}

// A client that asks for much and reads nothing is held up, not the memory and
// not the others.
func TestSlowReader(t *testing.T) {
	const size, times = 1 << 20, 3000
	for i := range 2 {
		s := fortress(t)
		other := member(t, s)
		other.Want(t, "OK", "SET", "k", strings.Repeat("x", size))
		tr := transports(s)[i]
		before := s.RSS()
		s.ResetPeak()
		c := login(t, tr.dial(t))
		if err := c.Write([]byte(strings.Repeat("GET k\r\n", times))); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			served(t, other)
		}
		peaked(t, s, tr.name+": 3,000 replies of 1 MiB that nobody reads", before, 8<<20+slack)
		cpu := s.CPU()
		for range 50 {
			served(t, other)
		}
		if used := s.CPU() - cpu; used > time.Second {
			t.Errorf("%s: %v of processor time for a client that is held up", tr.name, used)
		}
	}
}

// A stranger that reads nothing is held up after 64 KiB of errors.
func TestStrangerThatReadsNothing(t *testing.T) {
	const clients = 60
	s := fortress(t)
	other := member(t, s)
	pings := []byte(strings.Repeat("PING\r\n", 1<<20/6))
	for _, tr := range transports(s) {
		before := s.RSS()
		for range clients {
			// The sockets' own buffers take some of it; then the server stops reading.
			_, _ = tr.dial(t).WriteWithin(20*time.Millisecond, pings)
		}
		served(t, other)
		grown(t, s, tr.name+": 60 strangers that read nothing", before, clients<<20)
	}
}

// Idle connections are cheap.
func TestIdleConnections(t *testing.T) {
	const clients = 2000
	s := fortress(t)
	other := member(t, s)
	before := s.RSS()
	for range clients {
		s.Client(t)
	}
	for range 100 {
		login(t, s.Client(t))
	}
	served(t, other)
	grown(t, s, "2,100 idle connections", before, clients*16*kib+slack)
}

// A command of very many words that comes in small pieces is not read again and
// again.
func TestManyWordsInSmallPieces(t *testing.T) {
	const keys, piece = 50_000, 1400
	s := fortress(t)
	other := member(t, s)
	args := []string{"MSET"}
	for i := range keys {
		args = append(args, fmt.Sprint("key:", i), "v")
	}
	text := blackbox.Command(nil, args...)
	for _, tr := range transports(s) {
		c := login(t, tr.dial(t))
		cpu := s.CPU()
		for len(text) > 0 {
			n := min(piece, len(text))
			if err := c.Write(text[:n]); err != nil {
				t.Fatal(err)
			}
			text = text[n:]
		}
		if v, err := c.Receive(); err != nil || v.String() != "OK" {
			t.Errorf("%s: MSET of %d keys: %s, %v", tr.name, keys, v, err)
		}
		if used := s.CPU() - cpu; used > 5*time.Second {
			t.Errorf("%s: %v of processor time", tr.name, used)
		}
		served(t, other)
		text = blackbox.Command(nil, args...)
	}
	other.Want(t, fmt.Sprintf("(integer) %d", keys), "DBSIZE")
}

// A client may send commands faster than they are run: they wait in its socket,
// not in the server.
func TestFloodOfCommands(t *testing.T) {
	const times = 3_000_000
	s := fortress(t)
	other := member(t, s)
	for _, tr := range transports(s) {
		c := login(t, tr.dial(t))
		before := s.RSS()
		s.ResetPeak()
		sent := make(chan error, 1)
		go func() { sent <- c.Write([]byte(strings.Repeat("PING\r\n", times))) }()
		for range times {
			if v, err := c.Receive(); err != nil || v.Text != "PONG" {
				t.Fatalf("%s: %s, %v", tr.name, v, err)
			}
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		served(t, other)
		peaked(t, s, tr.name+": 17 MiB of small commands", before, slack)
	}
}
