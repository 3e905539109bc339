// Package replication copies the data of a server: to others, as an RDB file that
// SYNC sends once, and from another one, which the server then follows as its
// replica, as a way to move here from redis-server without a gap.
//
// Invariant: what another server sends goes through the dispatcher as a client's
// commands do, over a connection within the process; there is no other way to the
// keys. What has been acknowledged to it is as durable here as the settings say.
package replication

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/resp/command"
)

// Options are what New needs; all fields must be set.
type Options struct {
	Services *command.Services
	Clock    clock.Clock
	Log      zerolog.Logger
	// Dir is where files are kept for the time of a copy.
	Dir string
	// Reach opens a connection to the server itself, for its own parts.
	Reach func() (net.Conn, error)
}

// Replication implements command.Replication.
type Replication struct {
	opt Options

	// follower is nil if the server follows none; it is looked at for each command.
	follower atomic.Pointer[follower]
	mu       sync.Mutex // held while another one becomes the follower
	closed   bool
}

var _ command.Replication = (*Replication)(nil)

// New returns the replication of a server that follows none yet.
func New(opt Options) *Replication { return &Replication{opt: opt} }

// setting is the name under which the followed server is stored, so that the
// server still is a replica after a restart: it may have half of the data.
const setting = "replication/primary"

// Resume follows the server that was followed before the restart.
func (r *Replication) Resume() error {
	values, _ := r.opt.Services.Engine.Settings(setting)
	host, port, ok := strings.Cut(values[setting], " ")
	if !ok {
		return nil
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return fmt.Errorf("the stored setting %q is damaged", setting)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start(host, n)
	return nil
}

// errClosed says that the server ends.
var errClosed = errors.New("the server shuts down")

// Follow implements command.Replication.
func (r *Replication) Follow(host string, port int) (began bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if st := r.Status(); st.Host == host && st.Port == port {
		return false, nil
	}
	r.stop()
	r.remember(host + " " + strconv.Itoa(port))
	if !r.start(host, port) {
		return false, errClosed
	}
	return true, nil
}

// Unfollow implements command.Replication.
func (r *Replication) Unfollow() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop() {
		r.remember("")
	}
	return nil
}

// start begins to follow a server. The caller holds mu.
func (r *Replication) start(host string, port int) bool {
	if r.closed {
		return false
	}
	r.follower.Store(newFollower(&r.opt, host, port))
	return true
}

// stop ends following and reports whether a server was followed. The caller holds
// mu.
func (r *Replication) stop() bool {
	f := r.follower.Load()
	if f == nil {
		return false
	}
	f.stop() // before others may write: what comes late is not for them to see
	r.follower.CompareAndSwap(f, nil)
	return true
}

// Close ends following for the time until the next start.
func (r *Replication) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.stop()
}

// remember stores which server is followed.
func (r *Replication) remember(primary string) {
	e := r.opt.Services.Engine
	var lock engine.Lock
	e.AddAll(&lock)
	tx := e.Begin(0, r.opt.Clock.Now().UnixMilli(), 0, &lock)
	if primary == "" {
		tx.DeleteSetting(setting)
	} else {
		tx.PutSetting(setting, primary)
	}
	tx.Commit()
}

// Following implements command.Replication.
func (r *Replication) Following() bool { return r.follower.Load() != nil }

// Loading reports whether the data is being replaced, so that clients must wait.
func (r *Replication) Loading() bool {
	f := r.follower.Load()
	return f != nil && f.loading.Load()
}

// Status implements command.Replication.
func (r *Replication) Status() command.ReplicaStatus {
	if f := r.follower.Load(); f != nil {
		return f.report()
	}
	return command.ReplicaStatus{}
}
