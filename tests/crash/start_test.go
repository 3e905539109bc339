package crash

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

// start runs a server that is not expected to come up, on a port that nobody
// needs.
func start(t *testing.T, dir string) blackbox.Result {
	t.Helper()
	return blackbox.Run(t, blackbox.Patience, "--port", "0", "--unixsocket", filepath.Join(t.TempDir(), "s"), "--dir", dir)
}

// A second process on the same directory is sent away, and told who has it.
func TestSecondProcess(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	for _, run := range []func() blackbox.Result{
		func() blackbox.Result { return start(t, s.Dir) },
		func() blackbox.Result { return blackbox.Run(t, blackbox.Patience, "check", s.Dir) },
	} {
		r := run()
		if r.Code != 1 || !strings.Contains(r.Output, strconv.Itoa(s.PID())) || !strings.Contains(r.Output, s.Dir) {
			t.Errorf("exit code %d: %s", r.Code, r.Output)
		}
		if r.Took > 2*time.Second {
			t.Errorf("it took %v to say so", r.Took)
		}
	}
	s.Client(t).Want(t, "OK", "SET", "k", "v")
	s.Kill()
	s.Restart().Client(t).Want(t, `"v"`, "GET", "k") // the lock went with the process
}

func TestFirstStart(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{Dir: filepath.Join(t.TempDir(), "made", "at", "start")})
	s.Client(t).Want(t, "OK", "SET", "k", "v")
	s.Kill()
	sound(t, s.Dir)
	s.Restart().Client(t).Want(t, `"v"`, "GET", "k")
}

// Directories that can't be used are refused in one line.
func TestUselessDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	dirs := map[string]string{"a file": file, "below a file": filepath.Join(file, "below"), "of the kernel": "/proc/kvd"}
	if dir := readOnly(t); dir != "" {
		dirs["read-only"] = dir
	}
	for name, dir := range dirs {
		t.Run(name, func(t *testing.T) {
			r := start(t, dir)
			if r.Code != 1 || !strings.Contains(r.Output, strings.TrimSuffix(dir, "/below")) || strings.Count(r.Output, "\n") != 1 {
				t.Errorf("exit code %d:\n%s", r.Code, r.Output)
			}
		})
	}
}

// A directory in which somebody else keeps files is used beside them.
func TestForeignFilesStay(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(file, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := blackbox.Start(t, blackbox.Options{Dir: dir})
	s.Client(t).Want(t, "OK", "SET", "k", "v")
	s.Stop()
	if text, err := os.ReadFile(file); err != nil || string(text) != "not ours" {
		t.Errorf("the file: %q, %v", text, err)
	}
}

// What a restart must keep, by whatever end: values of any bytes, times to live
// to the millisecond, and which database holds what.
func TestRestartKeepsEverything(t *testing.T) {
	ends := map[string]func(*testing.T, *blackbox.Server){
		"SIGTERM":         func(_ *testing.T, s *blackbox.Server) { s.Stop() },
		"kill -9":         func(_ *testing.T, s *blackbox.Server) { s.Kill() },
		"SHUTDOWN":        func(t *testing.T, s *blackbox.Server) { shutdown(t, s, "SHUTDOWN") },
		"SHUTDOWN NOSAVE": func(t *testing.T, s *blackbox.Server) { shutdown(t, s, "SHUTDOWN", "NOSAVE") },
		"SAVE, then kill -9": func(t *testing.T, s *blackbox.Server) {
			s.Client(t).Want(t, "OK", "SAVE")
			s.Kill()
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			s := blackbox.Start(t, blackbox.Options{Args: small})
			c := s.Client(t)
			fillDatabases(t, c)
			want := dump(t, c)
			for range 3 {
				end(t, s)
				sound(t, s.Dir)
				s = s.Restart()
				if got := dump(t, s.Client(t)); !slices.Equal(got, want) {
					t.Fatalf("after the restart: %s", difference(got, want))
				}
				s.Client(t).Must(t, "SET", "one more", "time")
				want = dump(t, s.Client(t))
			}
		})
	}
}

func shutdown(t *testing.T, s *blackbox.Server, args ...string) {
	t.Helper()
	if err := s.Client(t).Send(args...); err != nil {
		t.Fatal(err)
	}
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d after %q", code, args)
	}
}

// fillDatabases does what moves keys and databases about.
func fillDatabases(t *testing.T, c *blackbox.Client) {
	t.Helper()
	later := time.Now().Add(time.Hour).UnixMilli()
	for db := range 8 {
		c.Want(t, "OK", "SELECT", strconv.Itoa(db))
		for i := range 20 {
			key := fmt.Sprintf("key %d\x00\xff\r\n", i)
			c.Want(t, "OK", "SET", key, strings.Repeat(fmt.Sprint(db, i), 1+i*i), "PXAT", fmt.Sprint(later+int64(i)))
		}
		c.Want(t, "(integer) 1", "PERSIST", "key 3\x00\xff\r\n")
		c.Want(t, "OK", "SET", "", "an empty key")
		c.Want(t, "OK", "SET", "empty", "")
		c.Want(t, "OK", "SET", "large", strings.Repeat("0123456789", 10_000))
	}
	for _, line := range []string{
		"SELECT 0", "SWAPDB 0 3", "SELECT 5", "FLUSHDB", "SET five again", "SELECT 1", "MOVE empty 5", "COPY large large DB 9",
		"SWAPDB 9 10", "RENAME large larger", "SELECT 2", "FLUSHDB ASYNC", "SELECT 4", "DEL large", "SET large small", "INCR n",
		"SETRANGE gap 5000 x", "PEXPIRE gap 5000000", "SELECT 6", "SET gone 1 PX 1",
	} {
		if v := c.Must(t, strings.Fields(line)...); v.IsError() {
			t.Fatalf("%s: %s", line, v)
		}
	}
	blackbox.Eventually(t, blackbox.Patience, "a key expires", func() bool { return c.Must(t, "EXISTS", "gone").Int() == 0 })
}

// dump lists all keys of all databases with their values and when they expire.
func dump(t *testing.T, c *blackbox.Client) (all []string) {
	t.Helper()
	for db := range 16 {
		c.Want(t, "OK", "SELECT", strconv.Itoa(db))
		for _, key := range c.Must(t, "KEYS", "*").Items {
			all = append(all, fmt.Sprintf("%d %q %s %s", db, key.Text, c.Must(t, "PEXPIRETIME", key.Text), c.Must(t, "GET", key.Text)))
		}
	}
	slices.Sort(all)
	if len(all) == 0 {
		t.Fatal("all databases are empty")
	}
	return all
}

// difference says how two dumps differ, by their first lines that do.
func difference(got, want []string) string {
	var b strings.Builder
	tell := func(word string, some, other []string) {
		missing := slices.DeleteFunc(slices.Clone(some), func(line string) bool { return slices.Contains(other, line) })
		fmt.Fprintf(&b, "\n%d lines are %s", len(missing), word)
		for _, line := range missing[:min(3, len(missing))] {
			fmt.Fprintf(&b, "\n\t%.100s", line)
		}
	}
	tell("new", got, want)
	tell("lost", want, got)
	return b.String()
}

// A key whose time comes while the server is down is not there after it.
func TestExpiryWhileDown(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	c := s.Client(t)
	at := time.Now().Add(300 * time.Millisecond)
	c.Want(t, "OK", "SET", "short", "v", "PXAT", fmt.Sprint(at.UnixMilli()))
	c.Want(t, "OK", "SET", "long", "v")
	s.Kill()
	blackbox.Poll(blackbox.Patience, func() bool { return time.Now().After(at) })
	c = s.Restart().Client(t)
	c.Want(t, "(nil)", "GET", "short")
	c.Want(t, `"v"`, "GET", "long")
	c.Want(t, "(integer) 1", "DBSIZE")
}
