// Package resp takes commands from sockets to replies: it joins the transports
// of wire, the sessions, the command table and the engine.
//
// Invariants: every command leaves exactly one reply in its client's output, in
// the order in which the commands came; and a reply leaves only when all that
// it depends on is as durable as the settings promise.
package resp

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/clock"
	"kvd/internal/config"
	"kvd/resp/acl"
	"kvd/resp/command"
	"kvd/resp/session"
	"kvd/resp/wire"
)

// Barrier is the disk as replies see it.
type Barrier interface {
	// Flush writes what was submitted; it does not wait for an fsync.
	Flush()
	// Durable is the newest change set that is as safe as the settings promise.
	Durable() uint64
	// Refused reports whether a change set was lost to a failed write.
	Refused(seq uint64) bool
	// Err says why writes are refused now, or is nil.
	Err() error
	// Backlog reports that writers have to wait for the disk.
	Backlog() bool
	// WaitBacklog waits until there is none.
	WaitBacklog(ctx context.Context)
}

// Server serves clients.
type Server struct {
	services *command.Services
	barrier  Barrier
	clock    clock.Clock
	log      zerolog.Logger
	wire     *wire.Server
	ctx      context.Context // ends with the server
	cancel   context.CancelFunc
	workers  sync.WaitGroup
	jobs     chan *client // for workers that are idle
	idle     atomic.Int32
	disk     diskWaiters
	sampler  clock.Timer
	loading  func() bool
	internal *acl.Account // of connections within the process
}

// Options are what NewServer needs; all fields must be set but Loading.
type Options struct {
	Services *command.Services
	Barrier  Barrier
	Clock    clock.Clock
	Log      zerolog.Logger
	// Loops is the number of event loops; 0 means a goroutine per connection.
	Loops int
	// Loading reports whether data is still being loaded; nil: never.
	Loading func() bool
}

// NewServer returns a server that listens nowhere yet.
func NewServer(o Options) *Server {
	s := &Server{services: o.Services, barrier: o.Barrier, clock: o.Clock, log: o.Log, loading: o.Loading}
	s.internal = acl.NewUsers(o.Services.Table.Catalog()).Default()
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.jobs = make(chan *client)
	s.wire = wire.NewServer(wire.Options{
		Loops:     o.Loops,
		Clock:     o.Clock,
		Accept:    s.accept,
		Commit:    s.barrier.Flush,
		KeepAlive: func() time.Duration { return s.config().TCPKeepAlive },
		Log:       func(event string, err error) { s.log.Warn().Err(err).Str("event", event).Msg("network") },
	})
	s.sample()
	return s
}

// Wire returns the transports, to listen with.
func (s *Server) Wire() *wire.Server { return s.wire }

// DiskAdvanced is to be called when Durable has grown or a write has failed:
// replies that wait are looked at again.
func (s *Server) DiskAdvanced() {
	s.wire.Nudge()
	s.disk.wake()
}

// Shutdown stops accepting, lets commands under way finish and sends what is
// left to send, for as long as ctx allows; then it closes every connection.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.wire.Shutdown(ctx)
	s.cancel()
	s.services.Scripts.Abort()
	s.sampler.Stop()
	s.workers.Wait()
	return err
}

func (s *Server) config() *config.Config { return s.services.Config.Get() }

// sample notes the counters now and each second from now on.
func (s *Server) sample() {
	st := s.services.Stats
	st.Sample(s.clock.Now())
	if used := s.services.Engine.Used(); used > st.PeakMemory.Load() {
		st.PeakMemory.Store(used)
	}
	if limit := s.clientLimit(); limit > 0 && s.services.Clients.Totals().Memory > limit {
		s.evictClients(limit) // messages that wait are not in the sum that each client looks at
	}
	s.sampler = s.clock.AfterFunc(time.Second, func() {
		if s.ctx.Err() == nil {
			s.sample()
		}
	})
}

const (
	tooManyClients = "-ERR max number of clients reached\r\n"
	denied         = "-DENIED Running in protected mode because protected mode is enabled and no password is set for the default user. " +
		"Connections are accepted from the loopback interface only. To connect from other machines, set a password with requirepass, " +
		"or switch protected mode off with 'CONFIG SET protected-mode no' from this machine.\r\n"
)

// accept makes the handler of a new connection, or refuses it.
func (s *Server) accept(conn wire.Conn) (wire.Handler, []byte) {
	if remote := conn.RemoteAddr(); remote != nil && remote.Network() == session.InternalNetwork {
		sess := s.services.Clients.Add(conn, s.clock.Now())
		sess.Become(s.internal, session.Authenticated)
		return newClient(s, sess), nil
	}
	cfg, st := s.config(), s.services.Stats
	if s.services.Clients.Len() >= cfg.MaxClients {
		st.Rejected.Add(1)
		return nil, []byte(tooManyClients)
	}
	sess := s.services.Clients.Add(conn, s.clock.Now())
	users := s.services.Users
	if cfg.ProtectedMode && users.Default().User().NoPass() && !sess.Trusted {
		s.services.Clients.Remove(sess)
		st.DeniedByMode.Add(1)
		return nil, []byte(denied)
	}
	sess.Become(users.Default(), session.Login(users.Open()))
	return newClient(s, sess), nil
}

// diskWaiters are the sessions that are parked until the disk has advanced.
type diskWaiters struct {
	mu   sync.Mutex
	list map[*session.Session]struct{}
}

func (d *diskWaiters) add(s *session.Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.list == nil {
		d.list = make(map[*session.Session]struct{})
	}
	d.list[s] = struct{}{}
}

func (d *diskWaiters) remove(s *session.Session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.list, s)
}

func (d *diskWaiters) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for s := range d.list {
		s.Conn.Resume()
	}
}
