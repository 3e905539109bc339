package replication

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kvd/internal/clock"
	"kvd/internal/link"
	"kvd/resp/command"
)

const (
	// patience is how long the primary may be silent; it sends a sign of life every
	// ten seconds.
	patience = time.Minute
	// firstPause and longestPause are how long the follower waits before it tries
	// to connect again, which doubles each time.
	firstPause   = 100 * time.Millisecond
	longestPause = 32 * time.Second
	// ackEvery is how often the primary is told how far the follower is.
	ackEvery = time.Second
)

// follower follows one server, in a goroutine of its own, until it is stopped.
type follower struct {
	opt     *Options
	host    string
	port    int
	cancel  context.CancelFunc
	done    chan struct{}
	loading atomic.Bool
	// applied is the offset in the primary's history up to which all is done here.
	applied atomic.Int64

	local  *link.Conn // to the server itself; nil: not open
	broken bool       // local takes no more
	inside bool       // the primary is between MULTI and EXEC

	mu     sync.Mutex
	status command.ReplicaStatus
}

func newFollower(opt *Options, host string, port int) *follower {
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{opt: opt, host: host, port: port, cancel: cancel, done: make(chan struct{})}
	f.status = command.ReplicaStatus{Host: host, Port: port, State: command.LinkConnect, SyncTotal: -1}
	f.applied.Store(-1)
	go func() {
		defer close(f.done)
		f.run(ctx)
	}()
	return f
}

// stop ends following; nothing is applied any more when it returns.
func (f *follower) stop() {
	f.cancel()
	<-f.done
}

// change changes the status.
func (f *follower) change(fn func(s *command.ReplicaStatus)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fn(&f.status)
}

func (f *follower) report() command.ReplicaStatus {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.status
	s.Offset = f.applied.Load()
	return s
}

// heard notes a sign of life.
func (f *follower) heard() {
	now := f.opt.Clock.Now()
	f.change(func(s *command.ReplicaStatus) { s.LastIO = now })
}

// run connects until it is stopped.
func (f *follower) run(ctx context.Context) {
	defer f.closeLocal()
	pause := firstPause
	for ctx.Err() == nil {
		began := f.opt.Clock.Now()
		err := f.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		f.opt.Log.Warn().Err(err).Str("primary", f.address()).Msg("the connection to the primary ended")
		now := f.opt.Clock.Now()
		f.change(func(s *command.ReplicaStatus) {
			if s.State == command.LinkConnected {
				s.DownSince = now
			}
			s.State, s.LastError = command.LinkConnect, err.Error()
		})
		if now.Sub(began) > longestPause {
			pause = firstPause
		}
		f.wait(ctx, pause)
		pause = min(2*pause, longestPause)
	}
}

func (f *follower) address() string { return net.JoinHostPort(f.host, strconv.Itoa(f.port)) }

// wait waits by the server's clock.
func (f *follower) wait(ctx context.Context, d time.Duration) {
	over := make(chan struct{})
	timer := f.opt.Clock.AfterFunc(d, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// connect is the life of one connection. It returns why it ended.
func (f *follower) connect(ctx context.Context) error {
	f.change(func(s *command.ReplicaStatus) { s.State = command.LinkConnecting })
	cfg := f.opt.Services.Config.Get()
	to := link.Address{Network: "tcp", Host: f.address(), User: cfg.MasterUser, Password: cfg.MasterAuth}
	conn, err := link.Dial(ctx, to, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, conn.Close)
	defer stop()
	f.heard()
	if err := f.openLocal(); err != nil {
		return err
	}
	if err := f.introduce(conn); err != nil {
		return err
	}
	id, err := f.agree(ctx, conn)
	if err != nil {
		return err
	}
	f.change(func(s *command.ReplicaStatus) {
		s.ReplID, s.State, s.LastError, s.DownSince = id, command.LinkConnected, "", time.Time{}
	})
	f.opt.Log.Info().Str("primary", f.address()).Int64("offset", f.applied.Load()).Msg("following the primary")
	return f.stream(ctx, conn)
}

// introduce tells the primary what this server is.
func (f *follower) introduce(conn *link.Conn) error {
	if _, err := conn.Do("PING"); err != nil {
		return err
	}
	port := f.opt.Services.Config.Get().Port
	for _, words := range [][]string{
		{"REPLCONF", "listening-port", strconv.Itoa(port)},
		{"REPLCONF", "capa", "eof", "capa", "psync2"},
	} {
		_, err := conn.Do(words...)
		if refused := (*link.Error)(nil); err != nil && !errors.As(err, &refused) {
			return err // an old primary may not know these
		}
	}
	return nil
}

// agree finds out with the primary where to go on: where the last connection ended
// or, after all data has come anew, from there. It returns the name of the
// primary's history.
func (f *follower) agree(ctx context.Context, conn *link.Conn) (id string, err error) {
	known := f.report()
	words := []string{"PSYNC", "?", "-1"}
	if known.ReplID != "" && known.Offset >= 0 {
		words = []string{"PSYNC", known.ReplID, strconv.FormatInt(known.Offset+1, 10)}
	}
	if err := errors.Join(conn.SendText(words...), conn.Flush()); err != nil {
		return "", err
	}
	line := ""
	for line == "" { // empty lines are signs of life
		if line, err = conn.Line(); err != nil {
			return "", err
		}
	}
	answer := strings.Fields(line)
	switch {
	case answer[0] == "+CONTINUE":
		id = known.ReplID
		if len(answer) > 1 {
			id = answer[1]
		}
		return id, nil
	case answer[0] == "+FULLRESYNC" && len(answer) == 3:
		offset, err := strconv.ParseInt(answer[2], 10, 64)
		if err != nil {
			return "", fmt.Errorf("the primary answers %q", line)
		}
		f.change(func(s *command.ReplicaStatus) { s.State, s.ReplID = command.LinkSync, "" })
		if err := f.takeAll(ctx, conn); err != nil {
			return "", fmt.Errorf("full copy: %w", err)
		}
		f.applied.Store(offset)
		f.inside = false
		return answer[1], nil
	}
	return "", fmt.Errorf("the primary answers %.200q", line)
}

// openLocal connects to the server itself. The connection outlives one to the
// primary: it knows which database was selected last.
func (f *follower) openLocal() error {
	if f.local != nil {
		return nil
	}
	conn, err := f.opt.Reach()
	if err != nil {
		return err
	}
	f.local = link.New(conn, 0)
	f.forget()
	return nil
}

// closeLocal ends the connection to the server itself.
func (f *follower) closeLocal() {
	if f.local != nil {
		f.local.Close()
		f.local = nil
	}
}

// forget makes the next connection begin with all data.
func (f *follower) forget() {
	f.change(func(s *command.ReplicaStatus) { s.ReplID = "" })
	f.applied.Store(-1)
	f.inside = false
}

// every calls fn again and again, by a clock, until it is stopped.
func every(c clock.Clock, d time.Duration, fn func()) (stop func()) {
	var mu sync.Mutex
	var timer clock.Timer
	stopped := false
	var arm func()
	arm = func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			timer = c.AfterFunc(d, func() { fn(); arm() })
		}
	}
	arm()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop()
	}
}
