package server_test

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kvd/internal/oracle"
	"kvd/internal/testkit"
)

// leftOut are the fields of INFO that redis-server 7.0 has and kvd has not.
var leftOut = map[string]string{
	"used_cpu_sys_main_thread":  "no thread is the main one: goroutines move between threads",
	"used_cpu_user_main_thread": "the same",
}

// TestInfoHasAllFields compares the names of the fields, by which programs read
// them, with those of a real server.
func TestInfoHasAllFields(t *testing.T) {
	t.Parallel()
	socket := oracle.Start(t, "--appendonly", "yes")
	want := fields(t, infoOf(t, socket))
	s := testkit.Start(t, testkit.Config{Persist: true})
	c := s.Client()
	c.Do("SET", "k", "v").OK()
	text, err := strconv.Unquote(c.Do("INFO", "everything").Text)
	if err != nil {
		t.Fatal(err)
	}
	got := fields(t, text)
	for _, name := range want {
		if reason, out := leftOut[name]; slices.Contains(got, name) == out {
			t.Errorf("%s: in our INFO: %t; reason to leave it out: %q", name, !out, reason)
		}
	}
	for name := range leftOut {
		if !slices.Contains(want, name) {
			t.Errorf("%s is left out and redis-server has no such field", name)
		}
	}
}

// infoOf returns the reply of the server that listens at a socket.
func infoOf(t *testing.T, socket string) string {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("INFO everything\r\nQUIT\r\n")); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	buf := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// fields returns the names of fields that do not depend on what was done before.
func fields(t *testing.T, info string) (names []string) {
	t.Helper()
	for _, line := range strings.Split(info, "\r\n") {
		name, _, isField := strings.Cut(line, ":")
		depends := slices.ContainsFunc([]string{"cmdstat_", "errorstat_", "latency_percentiles_", "db", "listener"},
			func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if isField && !depends {
			names = append(names, name)
		}
	}
	if len(names) < 100 {
		t.Fatalf("INFO has %d fields only", len(names))
	}
	return names
}
