package client

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"kvd/tests/blackbox"
)

// toolWithin is how long redis-cli or redis-benchmark may take.
const toolWithin = time.Minute

func TestRedisCLI(t *testing.T) {
	cli := need(t, "redis-cli")
	s := serve(t)
	c := s.Client(t)
	for i := range 300 {
		c.Want(t, "OK", "SET", fmt.Sprint("key:", i), strings.Repeat("x", i))
	}
	c.Want(t, "OK", "SET", "largest", strings.Repeat("x", 5000))
	tests := []struct {
		name  string
		args  []string
		input string
		want  []string
	}{
		{"command", []string{"GET", "key:3"}, "", []string{"xxx"}},
		{"RESP3", []string{"-3", "HELLO"}, "", []string{"proto", "3", "redis"}},
		{"database", []string{"-n", "5", "DBSIZE"}, "", []string{"0"}},
		{"error", []string{"-e", "INCR", "largest"}, "", []string{"ERR value is not an integer"}},
		{"scan", []string{"--scan", "--pattern", "key:29?"}, "", []string{"key:290", "key:299"}},
		{"bigkeys", []string{"--bigkeys"}, "", []string{"Sampled ", `'"largest"' has 5000 bytes`}},
		{"memkeys", []string{"--memkeys"}, "", []string{"Sampled ", `'"largest"' has 5`}},
		{"latency", []string{"--raw", "--latency", "-i", "1"}, "", []string{" "}},
		{"pipe", []string{"--pipe"}, pipeInput(), []string{"errors: 0, replies: 1000"}},
		{"script", nil, "SET typed 'a b'\nGET typed\nINFO server\n", []string{"OK", "a b", "redis_version:7."}},
		{"repeat", []string{"-r", "3", "ECHO", "hi"}, "", []string{"hi\nhi\nhi\n"}},
		{"help of a command", []string{"COMMAND", "DOCS", "get"}, "", []string{"summary", "key"}},
		{"csv", []string{"--csv", "MGET", "key:1", "none"}, "", []string{`"x",NULL`}},
		{"json", []string{"-3", "--json", "CONFIG", "GET", "maxmemory"}, "", []string{`"maxmemory"`, `"0"`}},
	}
	for _, address := range [][]string{{"-p", strconv.Itoa(s.Port)}, {"-s", s.Socket}} {
		for _, tt := range tests {
			t.Run(tt.name+" "+address[0], func(t *testing.T) {
				r := runCLI(t, cli, tt.name, append(address[:2:2], tt.args...), tt.input)
				for _, text := range tt.want {
					if !strings.Contains(r.Output, text) {
						t.Errorf("%q: exit code %d, without %q in\n%s", tt.args, r.Code, text, r.Output)
					}
				}
			})
		}
	}
	c.Want(t, `"999"`, "GET", "pipe:999")
}

// runCLI runs redis-cli. Its mode that never ends is ended after two seconds.
func runCLI(t *testing.T, cli, mode string, args []string, input string) blackbox.Result {
	t.Helper()
	if mode == "latency" {
		return blackbox.Tool(t, toolWithin, nil, need(t, "timeout"), append([]string{"-s", "INT", "2", cli}, args...)...)
	}
	if input != "" {
		return blackbox.Pipe(t, toolWithin, input, cli, args...)
	}
	return blackbox.Tool(t, toolWithin, nil, cli, args...)
}

func pipeInput() string {
	var text []byte
	for i := range 1000 {
		text = blackbox.Command(text, "SET", fmt.Sprint("pipe:", i), strconv.Itoa(i))
	}
	return string(text)
}

// The exit code and the answer that health checks look at.
func TestHealthCheck(t *testing.T) {
	cli := need(t, "redis-cli")
	s := serve(t, "--requirepass", "secret")
	if r := blackbox.Tool(t, toolWithin, nil, cli, "-p", strconv.Itoa(s.Port), "ping"); !strings.Contains(r.Output, "NOAUTH") {
		t.Errorf("without a password: %s", r.Output)
	}
	r := blackbox.Tool(t, toolWithin, []string{"REDISCLI_AUTH=secret"}, cli, "-p", strconv.Itoa(s.Port), "ping")
	if r.Code != 0 || r.Output != "PONG\n" {
		t.Errorf("with a password: exit code %d, %q", r.Code, r.Output)
	}
	r = blackbox.Tool(t, toolWithin, nil, cli, "--tls", "--cacert", s.Certificate, "-p", strconv.Itoa(s.TLSPort),
		"--no-auth-warning", "-a", "secret", "ping")
	if r.Code != 0 || r.Output != "PONG\n" {
		t.Errorf("with TLS: exit code %d, %q", r.Code, r.Output)
	}
	s.Kill()
	if r := blackbox.Tool(t, toolWithin, nil, cli, "-p", strconv.Itoa(s.Port), "ping"); r.Code == 0 {
		t.Error("a server that is gone is healthy")
	}
}

func TestRedisBenchmark(t *testing.T) {
	benchmark := need(t, "redis-benchmark")
	for _, fsync := range []string{"everysec", "always"} {
		t.Run(fsync, func(t *testing.T) {
			s := serve(t, "--appendfsync", fsync)
			address := []string{"-p", strconv.Itoa(s.Port)}
			if fsync == "always" {
				address = []string{"-s", s.Socket}
			}
			for _, shape := range [][]string{
				{"-n", "1000", "-c", "20"},
				{"-n", "10000", "-P", "16", "-c", "50", "-r", "10000", "-d", "100"},
				{"-n", "500", "-P", "4", "--threads", "2", "-d", "50000", "-r", "20"},
			} {
				args := append(append(address[:2:2], shape...), "-t", "ping,get,set,incr,mset", "-q")
				r := blackbox.Tool(t, toolWithin, nil, benchmark, args...)
				if r.Code != 0 || strings.Count(r.Output, "requests per second") < 6 ||
					strings.Contains(r.Output, "rror") || strings.Contains(r.Output, "WARN") {
					t.Errorf("%q: exit code %d\n%s", args, r.Code, r.Output)
				}
			}
			s.Alive()
			s.Stop()
		})
	}
}
