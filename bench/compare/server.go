package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kvd/bench/workloads"
)

// server is a running server process.
type server struct {
	target target
	addr   string
	pid    int
	cmd    *exec.Cmd
	output bytes.Buffer  // what it printed
	ended  chan struct{} // it has ended
	// ready is how long it took from the start to the first PONG.
	ready time.Duration
}

const (
	startLimit = 2 * time.Minute
	stopLimit  = time.Minute
	startPoll  = 2 * time.Millisecond
)

// start runs a server on dir and waits until it answers.
func start(ctx context.Context, t target, d durability, dir string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := append([]string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", dir}, t.options(d)...)
	s := &server{target: t, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), ended: make(chan struct{})}
	s.cmd = exec.CommandContext(ctx, t.binary, args...)
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", t.name, err)
	}
	s.pid = s.cmd.Process.Pid
	go func() {
		_ = s.cmd.Wait() // how it ended is of no interest, and stop killed it perhaps
		close(s.ended)
	}()
	if err := s.awaitPong(ctx); err != nil {
		s.stop()
		return nil, s.failure(err)
	}
	s.ready = time.Since(begin)
	return s, nil
}

// failure adds to an error what the server has printed, if it has ended.
func (s *server) failure(err error) error {
	select {
	case <-s.ended:
		return fmt.Errorf("%s: %w: %s", s.target.name, err, lastLines(s.output.String()))
	default:
		return fmt.Errorf("%s: %w", s.target.name, err)
	}
}

// lastLines is the end of a text, on one line.
func lastLines(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	return text[max(0, len(text)-most):]
}

// freePort returns a port of the loopback interface that nobody uses now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

var errEnded = errors.New("it ended")

// awaitPong returns when the server has answered a PING with PONG; errors such
// as LOADING are none.
func (s *server) awaitPong(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		select {
		case <-s.ended:
			return errEnded
		case <-ctx.Done():
			return fmt.Errorf("no answer: %w", ctx.Err())
		case <-time.After(startPoll):
		}
		if reply, err := s.do(ctx, "PING"); err == nil && reply == "PONG" {
			return s.isOurs(ctx)
		}
	}
}

// isOurs makes sure that another process has not taken the port meanwhile.
func (s *server) isOurs(ctx context.Context) error {
	info, err := s.do(ctx, "INFO", "server")
	if pid := infoLine(info, "process_id"); err == nil && pid != "" && pid != strconv.Itoa(s.pid) {
		return fmt.Errorf("process %s answers at %s", pid, s.addr)
	}
	return nil
}

// infoLine returns the value of a line of INFO, or nothing.
func infoLine(info, name string) string {
	for line := range strings.SplitSeq(info, "\r\n") {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return value
		}
	}
	return ""
}

// do sends one command on a connection of its own.
func (s *server) do(ctx context.Context, args ...string) (string, error) {
	conn, err := workloads.Dial(ctx, s.addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	return conn.Do(args...)
}

// stop asks the server to end, and kills it if it does not.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-s.ended:
	case <-time.After(stopLimit):
		_ = s.cmd.Process.Kill()
		<-s.ended
	}
}
