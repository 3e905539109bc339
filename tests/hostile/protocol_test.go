package hostile

import (
	"bytes"
	"strings"
	"testing"

	"kvd/tests/blackbox"
)

// input is bytes that are no command, or nearly.
type input struct {
	name, bytes string
	// stranger is all that a client without a login reads before the server
	// closes the connection, member what one with a login reads.
	stranger, member string
	// open is set where the server goes on to read, unless it has told of a
	// protocol error: the test then ends the connection itself.
	open bool
}

const (
	noAuth   = "-NOAUTH Authentication required.\r\n"
	protocol = "-ERR Protocol error: "
	badArray = protocol + "invalid multibulk length\r\n"
	badBulk  = protocol + "invalid bulk length\r\n"
)

// same is an input that is answered in the same way before and after the login.
func same(name, bytes, reply string) input {
	return input{name: name, bytes: bytes, stranger: reply, member: reply}
}

var inputs = []input{
	same("bulk of 2^63-1", "*1\r\n$9223372036854775807\r\n", badBulk),
	same("bulk that overflows with its end", "*1\r\n$9223372036854775800\r\n", badBulk),
	same("bulk above 64 bits", "*1\r\n$99999999999999999999\r\n", badBulk),
	same("bulk of 8 GiB", "*1\r\n$8589934592\r\n", badBulk),
	same("bulk of 512 MiB and one", "*1\r\n$536870913\r\n", badBulk),
	same("negative bulk", "*1\r\n$-2\r\n", badBulk),
	same("null bulk", "*1\r\n$-1\r\n", badBulk),
	same("bulk without a length", "*1\r\n$\r\n", badBulk),
	same("bulk of letters", "*1\r\n$x\r\n", badBulk),
	same("bulk with a plus", "*1\r\n$+4\r\nPING\r\n", badBulk),
	same("bulk with a zero in front", "*1\r\n$04\r\nPING\r\n", badBulk),
	same("array of 2^63-1", "*9223372036854775807\r\n", badArray),
	same("array of 2^31-1", "*2147483647\r\n", badArray),
	same("array of a thousand million", "*1000000000\r\n", badArray),
	same("array of 2^20 and one", "*1048577\r\n", badArray),
	same("array with a plus", "*+1\r\n$4\r\nPING\r\n", badArray),
	same("array with a zero in front", "*01\r\n$4\r\nPING\r\n", badArray),
	same("array of letters", "*one\r\n", badArray),
	same("array with a blank", "* 1\r\n", badArray),
	same("array in an array", "*1\r\n*1\r\n*1\r\n", protocol+"expected '$', got '*'\r\n"),
	same("number for a bulk", "*1\r\n:4\r\n", protocol+"expected '$', got ':'\r\n"),
	same("zero byte for a mark", "*1\r\n\x00\r\n", protocol+"expected '$', got '\x00'\r\n"),
	same("bulk longer than it says", "*1\r\n$4\r\nPINGXX\r\n", protocol+"expected CRLF after bulk\r\n"),
	same("quote left open", "SET k \"v\r\n", protocol+"unbalanced quotes in request\r\n"),
	same("quote closed within a word", "SET k 'v'w\r\n", protocol+"unbalanced quotes in request\r\n"),
	same("HTTP", "POST / HTTP/1.1\r\nHost: x\r\n\r\nSET hacked 1\r\n", ""),
	same("HTTP in RESP", "*1\r\n$4\r\nPoSt\r\n*3\r\n$3\r\nSET\r\n$6\r\nhacked\r\n$1\r\n1\r\n", ""),
	{
		name: "array for strangers", bytes: "*11\r\n", open: true,
		stranger: protocol + "unauthenticated multibulk length\r\n",
	},
	{
		name: "bulk for strangers", bytes: "*1\r\n$16385\r\n", open: true,
		stranger: protocol + "unauthenticated bulk length\r\n",
	},
	{
		name: "an error after a command", bytes: "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*1\r\n$x\r\n",
		stranger: noAuth + badBulk, member: "+OK\r\n" + badBulk,
	},
	{name: "empty array", bytes: "*0\r\nPING\r\n", stranger: noAuth, member: "+PONG\r\n", open: true},
	{name: "null array", bytes: "*-1\r\nPING\r\n", stranger: noAuth, member: "+PONG\r\n", open: true},
	{name: "negative array", bytes: "*-2\r\nPING\r\n", stranger: noAuth, member: "+PONG\r\n", open: true},
	{name: "empty lines", bytes: "\r\n\n \r\nPING\r\n", stranger: noAuth, member: "+PONG\r\n", open: true},
	{
		name: "quoted", bytes: "SET q \"\\x41\\n\\a\"\r\nGET q\r\n", open: true,
		stranger: noAuth + noAuth, member: "+OK\r\n$3\r\nA\n\a\r\n",
	},
	{
		name: "single quotes", bytes: "SET q 'a\\n'\nGET\tq\n", open: true,
		stranger: noAuth + noAuth, member: "+OK\r\n$3\r\na\\n\r\n",
	},
	{
		name: "length as an inline word", bytes: "$9223372036854775807 PING\r\nPING\r\n", open: true,
		stranger: "-ERR unknown command '$9223372036854775807', with args beginning with: 'PING' \r\n" + noAuth,
		member:   "-ERR unknown command '$9223372036854775807', with args beginning with: 'PING' \r\n+PONG\r\n",
	},
	{
		name: "reply for a command", bytes: "+OK\r\n-ERR x\r\n", open: true,
		stranger: "-ERR unknown command '+OK', with args beginning with: \r\n-ERR unknown command '-ERR', with args beginning with: 'x' \r\n",
		member:   "-ERR unknown command '+OK', with args beginning with: \r\n-ERR unknown command '-ERR', with args beginning with: 'x' \r\n",
	},
}

// Every input, whole, split in two at every byte, and byte by byte; before and
// after the login; over both transports.
func TestProtocol(t *testing.T) {
	s := fortress(t)
	other := member(t, s)
	for _, in := range inputs {
		t.Run(in.name, func(t *testing.T) {
			for _, tr := range transports(s) {
				for _, pieces := range splits(in.bytes) {
					attack(t, other, in, tr.dial(t), in.stranger, pieces)
					attack(t, other, in, login(t, tr.dial(t)), in.member, pieces)
				}
			}
		})
	}
	other.Want(t, "(nil)", "GET", "hacked")
	s.Alive()
}

// splits are the ways in which bytes arrive: at once, in two parts, one by one.
func splits(text string) [][]string {
	all := [][]string{{text}, strings.Split(text, "")}
	for i := 1; i < len(text); i++ {
		all = append(all, []string{text[:i], text[i:]})
	}
	return all
}

// attack sends the pieces and checks what comes back. Another client is served
// between them, so that the server has read one before the next is sent.
func attack(t *testing.T, other *blackbox.Client, in input, c *blackbox.Client, want string, pieces []string) {
	t.Helper()
	defer c.Close()
	for i, p := range pieces {
		if err := c.Write([]byte(p)); err != nil {
			break // it was closed at an earlier piece; what it said is checked
		}
		if i == 0 {
			served(t, other)
		}
	}
	if in.open && !strings.Contains(want, protocol) {
		c.EndInput(t)
	}
	got, err := c.Rest()
	if err != nil || got != want {
		t.Errorf("sent as %d pieces, first %q\n got %q, %v\nwant %q", len(pieces), pieces[0], got, err, want)
	}
}

// A browser's other methods begin with words that may be commands. Their second
// line ends the connection in any case; a reply may or may not be out by then.
func TestOtherMethods(t *testing.T) {
	s := fortress(t)
	other := member(t, s)
	for _, tr := range transports(s) {
		for _, method := range []string{"GET", "PUT", "HEAD", "OPTIONS"} {
			c := login(t, tr.dial(t))
			if err := c.Write([]byte(method + " / HTTP/1.1\r\nHost: x\r\n\r\nSET hacked 1\r\n")); err != nil {
				t.Fatal(err)
			}
			if got, err := c.Rest(); err != nil || strings.Contains(got, "+") {
				t.Errorf("%s: got %q, %v", method, got, err)
			}
		}
	}
	served(t, other)
	other.Want(t, "(nil)", "GET", "hacked")
}

// Lines, headers and commands that never end.
func TestEndless(t *testing.T) {
	s := fortress(t)
	other := member(t, s)
	const over = 64<<10 + 1
	tests := []struct{ name, bytes, want string }{
		{"line", strings.Repeat("a", over), protocol + "too big inline request\r\n"},
		{"array header", "*" + strings.Repeat("1", over), protocol + "too big mbulk count string\r\n"},
		{"bulk header", "*1\r\n$" + strings.Repeat("1", over), protocol + "too big bulk count string\r\n"},
	}
	for _, tt := range tests {
		for _, tr := range transports(s) {
			t.Run(tt.name+" "+tr.name, func(t *testing.T) {
				c := tr.dial(t)
				defer c.Close()
				if err := c.Write([]byte(tt.bytes)); err != nil {
					t.Logf("closed while it was being sent: %v", err)
				}
				if got, err := c.Rest(); err != nil || got != tt.want {
					t.Errorf("got %.100q, %v; want %q", got, err, tt.want)
				}
				served(t, other)
			})
		}
	}
}

// A client that drips its command byte by byte costs neither stack nor memory.
func TestDrip(t *testing.T) {
	s := fortress(t)
	other := member(t, s)
	for _, tr := range transports(s) {
		t.Run(tr.name, func(t *testing.T) {
			before := s.RSS()
			c := login(t, tr.dial(t))
			defer c.Close()
			if err := c.Write([]byte("*1\r\n$536870912\r\n")); err != nil {
				t.Fatal(err)
			}
			for i := range 20_000 {
				if err := c.Write([]byte{'x'}); err != nil {
					t.Fatalf("byte %d: %v", i, err)
				}
			}
			served(t, other)
			grown(t, s, "a drip of 20,000 bytes", before, 4<<20)
		})
	}
}

// Speaking TLS to the plain port, and plain to the TLS port.
func TestWrongTransport(t *testing.T) {
	s := fortress(t)
	other := member(t, s)
	hello := append([]byte{0x16, 3, 1, 0, 0xc8, 1, 0, 0, 0xc4, 3, 3}, bytes.Repeat([]byte{7}, 200)...)
	c := s.Client(t)
	if err := c.Write(hello); err != nil {
		t.Fatal(err)
	}
	c.EndInput(t)
	if got, err := c.Rest(); err != nil || strings.Contains(got, "+") {
		t.Errorf("TLS on the plain port: got %q, %v", got, err)
	}
	plain, err := blackbox.Dial("tcp", s.TLSAddr())
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if err := plain.Write([]byte("PING\r\nSET hacked 1\r\n")); err != nil {
		t.Fatal(err)
	}
	if got, err := plain.Rest(); err != nil || strings.Contains(got, "PONG") {
		t.Errorf("plain text on the TLS port: got %q, %v", got, err)
	}
	served(t, other)
	other.Want(t, "(nil)", "GET", "hacked")
}
