package blackbox

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Patience is how long a server may take to start, to answer or to end before
// its test fails. It bounds hangs and measures nothing.
const Patience = 20 * time.Second

// ready is what the log says when clients can connect.
const ready = "ready to accept connections"

// Options say how a server is started.
type Options struct {
	// Args are added to the command line.
	Args []string
	// Dir is the data directory; empty: a new one.
	Dir string
	// Env is added to the environment.
	Env []string
	// Descriptors limits the open files of the process; 0: as for the test.
	Descriptors int
	// Unix adds a unix socket and TLS a port with a certificate of our own.
	Unix, TLS bool
}

// Server is a running server.
type Server struct {
	// Port is its TCP port, on 127.0.0.1.
	Port int
	// TLSPort and Socket are its other listeners, if they were asked for.
	TLSPort int
	Socket  string
	// Certificate is the file with the certificate to trust.
	Certificate string
	Dir         string
	Log         *Log

	t    testing.TB
	opts Options
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// startTries is how often a port may turn out to be taken.
const startTries = 5

// Start starts a server and waits until it is ready. It ends with the test.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	for range startTries {
		s := Launch(t, opts)
		if s.AwaitReady() {
			return s
		}
		if !s.Log.Has("address already in use") {
			t.Fatalf("the server did not start:\n%s", s.Log)
		}
	}
	t.Fatal("no free port")
	return nil
}

// Launch starts a server and does not wait for it. It ends with the test.
func Launch(t testing.TB, opts Options) *Server {
	t.Helper()
	if opts.Dir == "" {
		opts.Dir = t.TempDir()
	}
	s := &Server{t: t, opts: opts, Dir: opts.Dir, Log: &Log{}, done: make(chan struct{})}
	name, args := s.commandLine()
	s.cmd = exec.Command(name, args...)
	s.cmd.Env = append(os.Environ(), opts.Env...)
	s.cmd.Stdout, s.cmd.Stderr = s.Log, s.Log
	s.cmd.WaitDelay = time.Second
	s.cmd.SysProcAttr = childAttr()
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("start the server: %v", err)
	}
	go func() {
		_ = s.cmd.Wait() // its result is in ProcessState
		close(s.done)
	}()
	t.Cleanup(s.cleanUp)
	return s
}

// commandLine chooses the listeners and returns what to run.
func (s *Server) commandLine() (name string, args []string) {
	s.Port = freePort(s.t)
	args = []string{"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1", "--dir", s.Dir}
	if s.opts.Unix {
		s.Socket = filepath.Join(s.socketDir(), "kvd.sock")
		args = append(args, "--unixsocket", s.Socket)
	}
	if s.opts.TLS {
		s.TLSPort = freePort(s.t)
		cert, key := writeCertificate(s.t, s.t.TempDir())
		s.Certificate = cert
		args = append(args, "--tls-port", strconv.Itoa(s.TLSPort), "--tls-cert-file", cert,
			"--tls-key-file", key, "--tls-auth-clients", "no")
	}
	args = append(args, s.opts.Args...)
	name = os.Getenv(binaryVar)
	if n := s.opts.Descriptors; n > 0 {
		args = append([]string{"-c", `ulimit -n ` + strconv.Itoa(n) + `; exec "$0" "$@"`, name}, args...)
		name = "sh"
	}
	return name, args
}

// socketDir is a directory with a short name: a socket's path has little room.
func (s *Server) socketDir() string {
	dir, err := os.MkdirTemp("", "kvd")
	if err != nil {
		s.t.Fatalf("directory of the socket: %v", err)
	}
	s.t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// AwaitReady waits until the log says that clients can connect, and reports
// false if the process ended instead.
func (s *Server) AwaitReady() bool {
	s.t.Helper()
	Eventually(s.t, Patience, "the server is ready or has ended", func() bool { return s.Log.Has(ready) || s.Ended() })
	return s.Log.Has(ready)
}

// Restart starts a server on the directory of one that has ended, with the same
// options but for the environment.
func (s *Server) Restart() *Server {
	s.t.Helper()
	opts := s.opts
	opts.Env = nil
	return Start(s.t, opts)
}

// Ended reports whether the process has ended.
func (s *Server) Ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// Done is closed when the process has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Kill ends the process as kill -9 does, and waits until it is gone.
func (s *Server) Kill() {
	s.t.Helper()
	s.Signal(syscall.SIGKILL)
	s.Wait()
}

// Stop ends the process with SIGTERM and fails the test unless it ends well.
func (s *Server) Stop() {
	s.t.Helper()
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 0 {
		s.t.Errorf("exit code %d after SIGTERM, want 0", code)
	}
}

// Signal sends a signal. That the process has ended already is no fault.
func (s *Server) Signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatalf("send %v: %v", sig, err)
	}
}

// Wait waits for the end of the process and returns its exit code, -1 if a
// signal ended it.
func (s *Server) Wait() int {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(Patience):
		s.t.Fatalf("the server has not ended within %v", Patience)
	}
	return s.cmd.ProcessState.ExitCode()
}

// Alive fails the test if the process has ended.
func (s *Server) Alive() {
	s.t.Helper()
	if s.Ended() {
		s.t.Fatalf("the server has ended: %v", s.cmd.ProcessState)
	}
}

// PID is the process id.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Addr is the address of the TCP port.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.Port) }

// TLSAddr is the address of the TLS port.
func (s *Server) TLSAddr() string { return fmt.Sprintf("127.0.0.1:%d", s.TLSPort) }

func (s *Server) cleanUp() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.done
	if s.Log.Has("panic") || s.Log.Has("fatal error") {
		s.t.Error("the server has panicked")
	}
	if s.t.Failed() {
		s.t.Logf("log of the server:\n%s", s.Log.tail())
	}
}
