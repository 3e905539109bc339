package wire

import (
	"fmt"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// loops are the event loops of a server. Connections are dealt to them in turn
// and stay where they are.
type loops struct {
	s    *Server
	all  []*loop
	next atomic.Uint32
}

// loop serves its connections by rounds: wait, read every ready connection and
// run its commands, commit once, write all replies. Readiness is edge-triggered
// and remembered, so that a paused connection costs no system call.
//
// Everything but the mailbox belongs to the goroutine of run.
type loop struct {
	s       *Server
	epoll   int
	events  [256]unix.EpollEvent
	buf     [readSize]byte
	chunks  [maxChunks]unix.Iovec // of the output being sent
	message unix.Msghdr
	conns   []*loopConn // by descriptor
	live    int

	round []*loopConn // to be served in this round
	again []*loopConn // to be served in the next, whatever the kernel says
	held  []*loopConn // waiting for Nudge
	drain bool

	mailbox
}

// mailbox is how other goroutines reach a loop. They wake it only if it sleeps.
type mailbox struct {
	posted atomic.Bool // there is something to take
	asleep atomic.Bool // somebody who posts must write to wake
	nudged atomic.Bool
	ticked atomic.Bool
	ending atomic.Uint32 // an end

	mu     sync.Mutex // guards queue, closed and the use of wake
	queue  []*loopConn
	closed bool
	wake   int // an eventfd
}

// The ends of a loop.
const (
	draining = 1 + iota
	killing
)

// startLoops makes n loops and runs them.
func startLoops(s *Server, n int) (transport, error) {
	ls := &loops{s: s}
	for range n {
		l, err := newLoop(s)
		if err != nil {
			for _, l := range ls.all {
				l.free()
			}
			return nil, err
		}
		ls.all = append(ls.all, l)
	}
	for _, l := range ls.all {
		s.serving.Add(1)
		go l.run()
	}
	return ls, nil
}

func newLoop(s *Server) (*loop, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epoll)
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	l := &loop{s: s, epoll: epoll, mailbox: mailbox{wake: wake}}
	// Edge-triggered, so that it need not be read.
	if err := l.control(unix.EPOLL_CTL_ADD, wake, unix.EPOLLIN); err != nil {
		l.free()
		return nil, fmt.Errorf("epoll_ctl: %w", err)
	}
	return l, nil
}

// loopable says whether event loops can serve the connections of ln.
func loopable(ln net.Listener) bool {
	switch ln.(type) {
	case *net.TCPListener, *net.UnixListener:
		return true
	}
	return false
}

// pick is the loop for the next connection.
func (ls *loops) pick() *loop { return ls.all[int(ls.next.Add(1))%len(ls.all)] }

func (ls *loops) nudge() {
	for _, l := range ls.all {
		l.nudged.Store(true)
		l.ring()
	}
}

func (ls *loops) tick() {
	for _, l := range ls.all {
		l.ticked.Store(true)
		l.ring()
	}
}

func (ls *loops) drain() { ls.end(draining) }
func (ls *loops) kill()  { ls.end(killing) }

func (ls *loops) end(how uint32) {
	for _, l := range ls.all {
		l.ending.Store(how)
		l.ring()
	}
}

// post puts c into the mailbox.
func (m *mailbox) post(c *loopConn) {
	m.mu.Lock()
	m.queue = append(m.queue, c)
	m.mu.Unlock()
	m.ring()
}

// ring makes the loop look into its mailbox.
func (m *mailbox) ring() {
	m.posted.Store(true)
	if !m.asleep.Swap(false) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed { // else the number may be another file by now
		one := [8]byte{1}
		_, _ = unix.Write(m.wake, one[:]) // it fails only when it is set already
	}
}

// take empties the queue into dst.
func (m *mailbox) take(dst []*loopConn) []*loopConn {
	m.mu.Lock()
	defer m.mu.Unlock()
	dst = append(dst, m.queue...)
	clear(m.queue)
	m.queue = m.queue[:0]
	return dst
}

// run is the loop.
func (l *loop) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer l.s.serving.Done()
	defer l.free()
	var mail []*loopConn
	for {
		l.takeEvents(l.wait())
		l.round, l.again = append(l.round, l.again...), l.again[:0]
		if l.posted.Load() && l.posted.Swap(false) {
			mail = l.take(mail[:0])
			l.readMail(mail)
			clear(mail)
		}
		l.serveRound()
		if l.drain && l.live == 0 {
			return
		}
	}
}

// serveRound runs the commands of the connections in round, commits, and sends
// what they have to say.
func (l *loop) serveRound() {
	ran := false
	for _, c := range l.round {
		if c.receive() {
			ran = true
		}
	}
	if ran {
		l.s.commit()
	}
	for _, c := range l.round {
		c.queued = false
		c.settle()
	}
	clear(l.round)
	l.round = l.round[:0]
}

// readMail does what other goroutines asked for.
func (l *loop) readMail(mail []*loopConn) {
	for _, c := range mail {
		c.obey()
	}
	if l.nudged.Load() && l.nudged.Swap(false) {
		for i, c := range l.held {
			c.held = false
			l.enter(c)
			l.held[i] = nil
		}
		l.held = l.held[:0]
	}
	if l.ticked.Load() && l.ticked.Swap(false) {
		now := l.s.opts.Clock.Now()
		l.each(func(c *loopConn) { c.tick(now) })
	}
	switch l.ending.Load() {
	case draining:
		if !l.drain {
			l.drain = true
			l.each(l.enter)
		}
	case killing:
		l.drain = true
		l.each(func(c *loopConn) { c.close(ErrShutdown) })
	}
}

// enter puts c into the present round.
func (l *loop) enter(c *loopConn) {
	if !c.queued && !c.closed {
		c.queued = true
		l.round = append(l.round, c)
	}
}

// later puts c into the next round.
func (l *loop) later(c *loopConn) {
	if !c.queued && !c.closed {
		c.queued = true
		l.again = append(l.again, c)
	}
}

// each calls f for every connection. f may close it.
func (l *loop) each(f func(*loopConn)) {
	for _, c := range l.conns {
		if c != nil {
			f(c)
		}
	}
}

// takeEvents notes what the kernel said in the first n events.
func (l *loop) takeEvents(n int) {
	for i := range l.events[:n] {
		e := &l.events[i]
		if fd := int(e.Fd); fd < len(l.conns) && l.conns[fd] != nil {
			c := l.conns[fd]
			c.note(e.Events)
			l.enter(c)
		}
	}
}

// wait returns how many events there are, and sleeps if there is nothing else
// to do. The first questions are ones that return at once: they cost less than
// telling the scheduler that this thread may sleep. Between them the loop lets
// other threads of the machine run, which may well be its clients: then more
// of them are ready together, and the rest of the round is shared by more
// commands. Measured, that saves up to a fifth of the CPU per command on a busy
// machine, and makes no difference on a quiet one.
func (l *loop) wait() int {
	n := l.poll()
	if n > 0 || len(l.again) > 0 {
		return n
	}
	yield()
	if n = l.poll(); n > 0 {
		return n
	}
	// Whoever posts sets posted and then looks at asleep; here it is the other
	// way round. So one of the two sees the other.
	l.asleep.Store(true)
	if !l.posted.Load() {
		n, _ = unix.EpollWait(l.epoll, l.events[:], -1)
	}
	l.asleep.Store(false)
	return max(n, 0) // below zero it was interrupted
}

// control registers fd for what, edge-triggered.
func (l *loop) control(op, fd int, what uint32) error {
	e := unix.EpollEvent{Fd: int32(fd), Events: what | unix.EPOLLET}
	return unix.EpollCtl(l.epoll, op, fd, &e)
}

// free closes the loop's own descriptors.
func (l *loop) free() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	unix.Close(l.wake)
	unix.Close(l.epoll)
}

// tick passes a second on.
func (c *loopConn) tick(now time.Time) {
	if err := c.h.Tick(now); err != nil {
		c.close(err)
	}
}
