package hostile

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"kvd/tests/blackbox"
)

func TestAuthentication(t *testing.T) {
	s := fortress(t)
	other := member(t, s)
	const wrong = "(error) WRONGPASS invalid username-password pair or user is disabled."
	for _, tr := range transports(s) {
		c := tr.dial(t)
		c.Want(t, "(error) NOAUTH Authentication required.", "SET", "k", "v")
		c.Want(t, wrong, "AUTH", "wrong")
		c.Want(t, wrong, "AUTH", "default", "wrong")
		c.Want(t, wrong, "AUTH", "nobody", password)
		c.Want(t, wrong, "AUTH", strings.Repeat("x", 16<<10))
		c.Want(t, wrong, "AUTH", "")
		c.Want(t, "(error) NOAUTH Authentication required.", "GET", "k")
		if got := c.Must(t, "HELLO", "3"); !strings.HasPrefix(got.Text, "NOAUTH ") {
			t.Errorf("HELLO 3 without a login: %s", got)
		}
		login(t, c).Want(t, "(nil)", "GET", "k")
	}
	long := s.Client(t)
	if err := long.Write([]byte("*2\r\n$4\r\nAUTH\r\n$1048576\r\n")); err != nil {
		t.Fatal(err)
	}
	if got, err := long.Rest(); err != nil || got != protocol+"unauthenticated bulk length\r\n" {
		t.Errorf("a password of 1 MiB: %q, %v", got, err)
	}
	served(t, other)
}

// Guessing gets ever slower, and costs others nothing.
func TestGuessing(t *testing.T) {
	s := fortress(t, "--auth-timeout", "2")
	other := member(t, s)
	c := s.Client(t)
	var text []byte
	const guesses = 2000
	for i := range guesses {
		text = blackbox.Command(text, "AUTH", fmt.Sprint("guess", i))
	}
	if err := c.Write(text); err != nil {
		t.Fatal(err)
	}
	served(t, other)
	// Wrong answers come ever more slowly, and a stranger has only so much time.
	answers := 0
	for ; ; answers++ {
		v, err := c.Receive()
		if err != nil {
			break
		}
		if !strings.HasPrefix(v.Text, "WRONGPASS") {
			t.Fatalf("guess %d: %s", answers, v)
		}
	}
	if answers == 0 || answers >= guesses/10 {
		t.Errorf("%d of %d guesses were answered", answers, guesses)
	}
	served(t, other)
}

// The password is in no place where others look.
func TestSecrets(t *testing.T) {
	s := fortress(t, "--slowlog-log-slower-than", "0", "--loglevel", "debug")
	c := member(t, s)
	s.Client(t).Must(t, "AUTH", "default", password+"!")
	c.Must(t, "HELLO", "3", "AUTH", "default", password)
	c.Must(t, "HELLO", "2")
	c.Must(t, "CONFIG", "SET", "requirepass", password)
	for _, args := range [][]string{
		{"CONFIG", "GET", "*"}, {"SLOWLOG", "GET", "-1"}, {"CLIENT", "LIST"}, {"INFO", "everything"},
	} {
		v := c.Must(t, args...)
		if v.IsError() {
			t.Errorf("%q: %s", args, v)
		}
		if strings.Contains(v.String(), password) {
			t.Errorf("%q shows the password", args)
		}
	}
	if s.Log.Has(password) {
		t.Error("the log shows the password")
	}
}

// Options that name files stay as they are, and DEBUG is shut.
func TestDangerousCommands(t *testing.T) {
	s := fortress(t)
	c := member(t, s)
	for _, args := range [][]string{
		{"CONFIG", "SET", "dir", "/tmp"},
		{"CONFIG", "SET", "dbfilename", "../x"},
		{"CONFIG", "SET", "dbfilename", "x"},
		{"CONFIG", "SET", "logfile", "/tmp/x"},
		{"CONFIG", "SET", "tls-cert-file", "/etc/passwd"},
		{"CONFIG", "SET", "pidfile", "/tmp/x"},
		{"CONFIG", "SET", "unixsocket", "/tmp/x"},
		{"DEBUG", "SLEEP", "0"},
		{"DEBUG", "RELOAD"},
		{"DEBUG", "SEGFAULT"},
	} {
		if v := c.Must(t, args...); !v.IsError() {
			t.Errorf("%q: %s", args, v)
		}
	}
	served(t, c)
}

func TestOldTLS(t *testing.T) {
	s := fortress(t)
	settings := s.TLSConfig()
	settings.MinVersion, settings.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if c, err := tls.Dial("tcp", s.TLSAddr(), settings); err == nil {
		c.Close()
		t.Error("TLS 1.1 was accepted")
	}
	served(t, login(t, s.TLSClient(t)))
}
