package link

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// against returns a connection to a server that sends text and then ends, and what
// the connection has sent to it.
func against(t *testing.T, text string) (c *Conn, sent func() string) {
	t.Helper()
	ours, theirs := net.Pipe()
	got := make(chan string, 1)
	go func() {
		_, _ = io.WriteString(theirs, text)
		theirs.Close()
	}()
	go func() {
		b, _ := io.ReadAll(theirs)
		got <- string(b)
	}()
	c = New(ours, time.Minute)
	t.Cleanup(c.Close)
	return c, func() string { c.Close(); return <-got }
}

func TestReplies(t *testing.T) {
	c, _ := against(t, "+OK\r\n-ERR no\r\n:-7\r\n$3\r\na\r\n\r\n$-1\r\n*2\r\n$1\r\nx\r\n*-1\r\n")
	var got []Reply
	for range 6 {
		r, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if string(got[0].Text) != "OK" || got[0].Err() != nil || got[1].Err() == nil || got[1].Err().Error() != "ERR no" {
		t.Errorf("a status and an error: %v", got[:2])
	}
	if got[2].Int != -7 || string(got[3].Text) != "a\r\n" || !got[4].Null {
		t.Errorf("a number, a string and none: %v", got[2:5])
	}
	if l := got[5].List; len(l) != 2 || string(l[0].Text) != "x" || !l[1].Null {
		t.Errorf("a list: %v", got[5])
	}
	if _, err := c.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestHostileReplies(t *testing.T) {
	for _, text := range []string{
		"\r\n", "?\r\n", "$x\r\n", "$3\r\nabcd\r\n", "$900000000000\r\nabc", "*900000000000\r\n:1\r\n", ":\r\n",
		strings.Repeat("*1\r\n", 20), strings.Repeat("x", 1<<17), "$5\r\nabc",
	} {
		c, _ := against(t, text)
		if _, err := c.Receive(); err == nil {
			t.Errorf("%.20q was taken for a reply", text)
		}
	}
}

func TestCommands(t *testing.T) {
	c, _ := against(t, "\r\n*2\r\n$4\r\nPING\r\n$0\r\n\r\n\n*1\r\n$4\r\nEXEC\r\n*1\r\n:1\r\n")
	words, err := c.Command()
	if err != nil || len(words) != 2 || string(words[0]) != "PING" || c.Taken() != 22 {
		t.Fatalf("%q, %v, %d bytes", words, err, c.Taken())
	}
	if words, err = c.Command(); err != nil || string(words[0]) != "EXEC" {
		t.Fatalf("%q, %v", words, err)
	}
	if _, err := c.Command(); !errors.Is(err, errProtocol) {
		t.Errorf("a word that is a number: %v", err)
	}
}

func TestSend(t *testing.T) {
	c, sent := against(t, "")
	if err := errors.Join(c.SendText("SET", "k", ""), c.SendRaw([]byte("raw")), c.Flush()); err != nil {
		t.Fatal(err)
	}
	if got, want := sent(), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\nraw"; got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestPayload(t *testing.T) {
	mark := strings.Repeat("0123456789", 4)
	body := strings.Repeat("body ", 40_000) + mark[:39]
	for name, text := range map[string]string{
		"with a length": "\n\n$200039\r\n" + body + "+after\r\n",
		"with a mark":   "\n$EOF:" + mark + "\r\n" + body + mark + "+after\r\n",
	} {
		c, _ := against(t, text)
		var out bytes.Buffer
		n, err := c.Payload(&out)
		if err != nil || n != int64(len(body)) || out.String() != body {
			t.Fatalf("%s: %d bytes of %d, %v", name, n, len(body), err)
		}
		if r, err := c.Receive(); err != nil || string(r.Text) != "after" {
			t.Errorf("%s: what follows is %v, %v", name, r, err)
		}
	}
	for _, text := range []string{
		"-NOMASTERLINK no\r\n", "$-1\r\n", "+OK\r\n", "$EOF:short\r\n", "$10\r\nabc", "$EOF:" + mark + "\r\nabc", "$x\r\n",
	} {
		c, _ := against(t, text)
		if _, err := c.Payload(io.Discard); err == nil {
			t.Errorf("%q was taken for a payload", text)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"redis://host", "tcp host:6379    0"},
		{"redis://u:p%40@host:1/5", "tcp host:1 u p@ 5"},
		{"redis://:p@[::1]:7", "tcp [::1]:7  p 0"},
		{"unix:///tmp/s?db=2", "unix /tmp/s   2"},
		{"host:5", "tcp host:5   0"},
		{"host", "tcp host:6379   0"},
		{"/tmp/s", "unix /tmp/s   0"},
		{"http://h", ""},
		{"redis://h/x", ""},
		{"redis://h/-1", ""},
	} {
		a, err := ParseHost(c.text)
		got := strings.Join(strings.Fields(strings.Join([]string{a.Network, a.Host, a.User, a.Password, string(rune('0' + a.DB))}, " ")), " ")
		if want := strings.Join(strings.Fields(c.want), " "); err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%s: %s, %v", c.text, got, err)
		}
	}
	if a, err := ParseURL("rediss://h"); err != nil || a.TLS == nil || a.TLS.ServerName != "h" {
		t.Errorf("rediss: %+v, %v", a, err)
	}
	a, _ := ParseURL("redis://u:secret@h")
	if strings.Contains(a.String(), "secret") {
		t.Error("the text of an address has the password")
	}
}

func TestDialFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to := Address{Network: "tcp", Host: l.Addr().String(), Password: "x"}
	go func() {
		conn, err := l.Accept()
		if err == nil {
			_, _ = io.WriteString(conn, "-WRONGPASS no\r\n")
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	_, err = Dial(context.Background(), to, time.Minute)
	if refused := (*Error)(nil); !errors.As(err, &refused) {
		t.Errorf("a wrong password: %v", err)
	}
	l.Close()
	if _, err := Dial(context.Background(), to, time.Minute); err == nil {
		t.Error("connected to nobody")
	}
}
