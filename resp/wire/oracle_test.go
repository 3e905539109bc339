package wire

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"kvd/internal/oracle"
)

// appendCommand appends a command in the array form.
func appendCommand(b []byte, args ...string) []byte {
	b = fmt.Appendf(b, "*%d\r\n", len(args))
	for _, a := range args {
		b = fmt.Appendf(b, "$%d\r\n%s\r\n", len(a), a)
	}
	return b
}

// Pieces that streams are made of. Left out is what kvd answers differently on
// purpose: see Input. Every bad piece makes redis-server close at once.
var (
	goodPieces = []string{
		"PING\r\n", "ping\n", "ECHO hello\r\n", "ECHO \"\\x41\\n\\a\"\r\n", "ECHO 'a\\n'\r\n", "ECHO 'it\\'s'\r\n",
		"ECHO a\"b\"\r\n", "ECHO\thi\r\n", "ECHO \"\"\r\n", "  PING  \r\n", "\r\n", "\n", "   \r\n", "*0\r\n", "*-1\r\n", "*-2\r\n",
		"*1\r\n$4\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", "*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\x00*\r\n", "ECHO a\vb\r\n",
	}
	badPieces = []string{
		"*x\r\n", "*\r\n", "*+1\r\n", "*01\r\n", "*1 \r\n", "*-0\r\n", "*--1\r\n", "*4294967296\r\n", "*9223372036854775807\r\n",
		"*99999999999999999999\r\n", "*1\r\n:1\r\n", "*1\r\n\r\n", "*1\r\nPING\r\n", "*2\r\n$4\r\nECHO\r\n*1\r\n",
		"*1\r\n$\r\n", "*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*1\r\n$+4\r\n", "*1\r\n$04\r\n", "*1\r\n$536870913\r\n",
		"*1\r\n$9223372036854775807\r\n", "*1\r\n$ 4\r\n", "*1\r\n\xff\r\n",
		"ECHO \"abc\r\n", "ECHO 'abc\r\n", "ECHO \"a\"b\r\n", "\"\\\r\n",
		strings.Repeat("x", 1<<20), "*" + strings.Repeat("1", 1<<20), "*1\r\n$" + strings.Repeat("1", 1<<20),
	}
)

// stream makes a random stream; most end with a mistake.
func stream(r *rand.Rand) []byte {
	var b []byte
	for range r.IntN(12) {
		switch r.IntN(8) {
		case 0:
			b = appendCommand(b, "ECHO", strings.Repeat("v", r.IntN(3*BigBulk)))
		default:
			b = append(b, goodPieces[r.IntN(len(goodPieces))]...)
		}
	}
	if r.IntN(4) > 0 {
		b = append(b, badPieces[r.IntN(len(badPieces))]...)
	}
	return b
}

// TestAgainstRedis sends the same streams, cut at random, to redis-server and to
// the transports, and compares the replies.
func TestAgainstRedis(t *testing.T) {
	path := oracle.Start(t)
	for _, loops := range []int{0, 1} {
		s := start(t, "unix", loops)
		for seed := range uint64(150) {
			bytes := stream(rand.New(rand.NewPCG(seed, 7)))
			want := converse(t, path, bytes, seed)
			got := converse(t, s.addr, bytes, seed)
			if got != want {
				t.Fatalf("loops %d, seed %d, stream %.300q\n got %.300q\nwant %.300q", loops, seed, bytes, got, want)
			}
		}
	}
}

// converse sends stream in random pieces and returns all replies. A PING marks
// the end; a server that closed before is not sent the rest.
func converse(t *testing.T, path string, stream []byte, seed uint64) string {
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	go func() {
		cut := randomly(seed, 1+len(stream))
		rest := append(stream[:len(stream):len(stream)], "\r\nECHO the-end\r\nQUIT\r\n"...)
		for len(rest) > 0 {
			n := min(cut(), len(rest))
			if _, err := conn.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
	}()
	got, err := io.ReadAll(conn) // a reset after the reply is as good as an end
	if os.IsTimeout(err) {
		t.Fatalf("no end after %.300q for %.300q", got, stream)
	}
	return string(got)
}
