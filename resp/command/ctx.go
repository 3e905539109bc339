package command

import (
	"bytes"
	"errors"
	"time"

	"kvd/engine"
	"kvd/internal/config"
	"kvd/resp/reply"
	"kvd/resp/script"
	"kvd/resp/session"
)

// Ctx is what a handler sees of one command.
type Ctx struct {
	// Args are the words of the command. They are valid until the handler
	// returns; Keep gives what may be stored.
	Args [][]byte
	// Command is the entry of the table: the subcommand's for a container.
	Command *Command
	// Tx reaches the command's keys, which are locked. It is nil for a command
	// without keys.
	Tx   *engine.Tx
	Out  *reply.Writer
	Sess *session.Session
	// Client is the connection, for the commands that steer it.
	Client Client
	// Services is the rest of the server, for the commands that are about it.
	Services *Services
	// Now is the time at which the command started.
	Now time.Time
	// Ready is set while the command of a waiting client is tried again: it is
	// the key because of which. See Awaits.
	Ready []byte
	// OnLoop is set while the command runs on an event loop, which others wait
	// for. See Heavy.
	OnLoop bool

	owned func(i int) bool
	line  [][]byte // what Line returns
}

// Client is what a command can ask of its own connection.
type Client interface {
	// Exec runs the queued transaction and writes its replies.
	Exec() error
	// Pause holds commands of all clients back for d from now on; see
	// session.Pause.Begin.
	Pause(mode session.PauseMode, d time.Duration)
	// Within is Ctx.Within outside of a transaction.
	Within(keys [][]byte, fn func(*engine.Tx) error) error
	// WithinAll is Ctx.WithinAll outside of a transaction.
	WithinAll(fn func(*engine.Tx) error) error
	// Host runs the commands of a script within the transaction under way.
	script.Host
}

// Reset makes c ready for the next command of a session. owned tells which
// arguments have memory of their own; nil means none.
func (c *Ctx) Reset(args [][]byte, cmd *Command, now time.Time, owned func(i int) bool) {
	c.Args, c.Command, c.Now, c.owned, c.line = args, cmd, now, owned, nil
}

// Keep returns argument i as memory that may outlive the command: a large one
// that was read into a slice of its own as it is, others as a copy.
func (c *Ctx) Keep(i int) []byte {
	if c.owned != nil && c.owned(i) {
		return c.Args[i]
	}
	return append([]byte{}, c.Args[i]...) // an empty one is not nil
}

// Config returns the settings now in force.
func (c *Ctx) Config() *config.Config { return c.Services.Config.Get() }

// Bulk writes a string value: a small one is copied into the output, a large
// one is sent from where it is.
func (c *Ctx) Bulk(s engine.String) {
	if v := s.Share(); v != nil {
		c.Out.Large(v)
		return
	}
	c.Out.Bulk(s.Bytes())
}

// heavy is how many elements a command may look at on an event loop: about a
// millisecond's work.
const heavy = 50_000

// ErrHeavy says that a command is too much for an event loop: the dispatcher
// runs it again on a worker.
var ErrHeavy = errors.New("the command is too much for an event loop")

// Heavy is to be called, before anything is changed, by a command that is about
// to look at n elements. It returns ErrHeavy, which the handler passes on, where
// that would keep other clients waiting.
func (c *Ctx) Heavy(n int) error {
	if n > heavy && c.OnLoop {
		return ErrHeavy
	}
	return nil
}

// Awaits reports whether argument i, one of the keys that a blocking command
// waits for, is to be looked at now. At first all are. A client that waits is
// served from the key that has become ready, whatever the others hold by now.
func (c *Ctx) Awaits(i int) bool { return c.Ready == nil || bytes.Equal(c.Ready, c.Args[i]) }

// Block is the error with which a handler says that it found nothing and its
// client is to wait until one of the command's keys changes: those whose data
// the command accesses (the flag Access in the table).
//
// When a key is written, the handler is called again, within the transaction
// that has written it, oldest client first. It may be on another goroutine than
// the client's, so it must not use Sess nor Client; it may have replaced words
// of Args before it waited.
type Block struct {
	// Timeout is how long to wait; 0 is for ever.
	Timeout time.Duration
	// OnDisk waits for the disk to advance instead of a key.
	OnDisk bool
	// Works says that the time of waiting is that of the command's work, in slow log
	// and statistics.
	Works bool
	// Gone is the reply when a key that was there is removed or gets another
	// type; nil: the client goes on waiting.
	Gone error
	// Anything has the command tried again whatever the key holds when it was
	// written, also nothing.
	Anything bool
	// OnTimeout writes the reply when the time is up, or at once where waiting
	// is not possible.
	OnTimeout func(*reply.Writer)
}

// Error implements error.
func (*Block) Error() string { return "the command waits" }

// Block returns the error that parks the client until one of the command's keys
// is written; see Block.
func (c *Ctx) Block(timeout time.Duration, onTimeout func(*reply.Writer)) error {
	return &Block{Timeout: timeout, OnTimeout: onTimeout}
}

// BlockOnDisk returns the error that parks the client until more is on disk.
func (c *Ctx) BlockOnDisk(timeout time.Duration, onTimeout func(*reply.Writer)) error {
	return &Block{Timeout: timeout, OnDisk: true, OnTimeout: onTimeout}
}
