// Package testkit starts servers for tests: in the test's own process, on a free
// port of the loopback interface, in a temporary directory, with a clock that
// the test moves, stopped when the test ends.
package testkit

import (
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/app"
	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/persist/storetest"
)

// Start is what the clock of every test server shows at first.
var start = time.UnixMilli(1_700_000_000_000).UTC()

// Config says how a test server differs from one without options.
type Config struct {
	// Options are command-line options, such as "--maxmemory", "1mb". Unless
	// they say otherwise the server keeps its data in memory.
	Options []string
	// Persist keeps data on disk, in Dir or a new temporary directory.
	Persist bool
	Dir     string
	// Clock is used instead of a new manual one.
	Clock clock.Clock
	// Listeners are served beside the server's own, until it is closed.
	Listeners []net.Listener
}

// Server is a server under test.
type Server struct {
	t     testing.TB
	cfg   Config
	app   *app.App
	addr  string
	Clock *clock.Manual // nil if the Config had a clock of its own
}

// Start starts a server.
func Start(t testing.TB, cfg Config) *Server {
	t.Helper()
	s := &Server{t: t, cfg: cfg}
	if cfg.Clock == nil {
		s.Clock = clock.NewManual(start)
		s.cfg.Clock = s.Clock
	}
	if cfg.Persist && cfg.Dir == "" {
		s.cfg.Dir = t.TempDir()
	}
	s.open()
	t.Cleanup(func() {
		if err := s.app.Close(); err != nil {
			t.Errorf("stop the test server: %v", err)
		}
	})
	return s
}

func (s *Server) open() {
	s.t.Helper()
	args := []string{"--appendonly", "no", "--enable-debug-command", "yes"}
	if s.cfg.Persist {
		args = []string{"--dir", s.cfg.Dir, "--enable-debug-command", "yes"}
	}
	cfg, err := config.Load(append(args, s.cfg.Options...))
	if err != nil {
		s.t.Fatalf("test server: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatalf("test server: %v", err)
	}
	s.addr = listener.Addr().String()
	log := zerolog.New(zerolog.NewTestWriter(s.t)).Level(zerolog.WarnLevel)
	s.app, err = app.Open(app.Options{Config: cfg, Clock: s.cfg.Clock, Log: log, Listeners: append(s.cfg.Listeners, listener)})
	if err != nil {
		s.t.Fatalf("test server: %v", err)
	}
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.addr }

// App is the server itself.
func (s *Server) App() *app.App { return s.app }

// Dir is the data directory of a server that persists.
func (s *Server) Dir() string { return s.cfg.Dir }

// Restart stops the server in good order and starts it again on its data, at
// another port.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.app.Close(); err != nil {
		s.t.Fatalf("stop the test server: %v", err)
	}
	s.open()
}

// Crash goes on with what kill -9 at this moment would leave: the server starts
// again on a copy of its files as they are now.
func (s *Server) Crash() {
	s.t.Helper()
	image := filepath.Join(s.t.TempDir(), "image")
	if err := storetest.Image(image, s.cfg.Dir); err != nil {
		s.t.Fatal(err)
	}
	if err := s.app.Close(); err != nil {
		s.t.Fatalf("stop the test server: %v", err)
	}
	s.cfg.Dir = image
	s.open()
}
