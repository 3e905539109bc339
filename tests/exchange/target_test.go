package exchange

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"kvd/internal/link"
)

// target stands in for the server that MIGRATE moves keys to: for each command
// that comes it calls answer, and ends the connection if that has no answer.
func target(t *testing.T, answer func(command string) string) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answerAll(conn, answer)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func answerAll(conn net.Conn, answer func(command string) string) {
	defer conn.Close()
	in := link.New(conn, patience)
	for {
		words, err := in.Command()
		if err != nil {
			return
		}
		reply := answer(strings.ToUpper(string(words[0])))
		if reply == "" {
			return
		}
		if _, err := io.WriteString(conn, reply+"\r\n"); err != nil {
			return
		}
	}
}

// TestMigrateToNobody: a target that goes away has no keys, so they stay here.
func TestMigrateToNobody(t *testing.T) {
	_, own := kvd(t)
	c := dial(t, own)
	port := target(t, func(string) string { return "" })
	say(t, c, "SET k v")
	if got, want := say(t, c, "MIGRATE 127.0.0.1 "+port+" k 0 5000"), "IOERR error or timeout reading from target instance"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := say(t, c, "GET k"); got != "v" {
		t.Errorf("the key has become %q", got)
	}
}

// TestMigrateWhileWritten: what is written while it is on its way is sent again,
// and is never deleted here unless it has arrived as it is.
func TestMigrateWhileWritten(t *testing.T) {
	for _, tt := range []struct {
		writes     int
		want, left string
	}{
		{0, "OK", ""},
		{2, "OK", ""},
		{3, "ERR a key was written while it was on its way; it is here as it is, and there as it was", "v3"},
	} {
		t.Run(fmt.Sprint(tt.writes), func(t *testing.T) {
			_, own := kvd(t)
			c, writer := dial(t, own), dial(t, own)
			sent := 0
			port := target(t, func(string) string {
				if sent++; sent <= tt.writes {
					if _, err := writer.Do("SET", "k", fmt.Sprint("v", sent)); err != nil {
						return ""
					}
				}
				return "+OK"
			})
			say(t, c, "SET k v0")
			if got := say(t, c, "MIGRATE 127.0.0.1 "+port+" k 0 5000"); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := say(t, c, "GET k"); got != tt.left {
				t.Errorf("the key has become %q, want %q", got, tt.left)
			}
		})
	}
}
