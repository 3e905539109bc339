package crash

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kvd/persist"
	"kvd/tests/blackbox"
)

const (
	writers       = 16
	keysPerWriter = 24
	// deepest is how many commands a client may have under way.
	deepest = 8
)

// points are the names of the places at which the server can be told to kill
// itself.
func points() (names []string) {
	for _, p := range persist.Points() {
		names = append(names, p.Name())
	}
	return names
}

// load is clients that write and remember. Each has keys of its own, so that it
// knows what they must be; one counter belongs to all.
type load struct {
	t       *testing.T
	writers []*writer
	count   atomic.Int64 // acknowledged writes
	shared  sharedCounter
	unsure  int // writes whose fate was open at a crash
	kept    int // those of them that the server had done
}

func newLoad(t *testing.T, seed uint64) *load {
	l := &load{t: t}
	l.shared.seen = map[int64]bool{}
	for i := range writers {
		w := &writer{load: l, rng: rand.New(rand.NewPCG(seed, uint64(100+i))), model: model{}}
		for k := range keysPerWriter {
			w.keys = append(w.keys, fmt.Sprintf("w%d:%d", i, k))
		}
		l.writers = append(l.writers, w)
	}
	return l
}

func (l *load) acked() int64 { return l.count.Load() }

func (l *load) report() {
	l.t.Logf("%d writes acknowledged; of %d that were under way at a crash %d were kept", l.acked(), l.unsure, l.kept)
}

// run is a load under way.
type run struct{ done sync.WaitGroup }

// start makes every client write until it loses its connection.
func (l *load) start(s *blackbox.Server) *run {
	r := &run{}
	for _, w := range l.writers {
		r.done.Go(func() {
			c, err := blackbox.Dial("tcp", s.Addr())
			if err != nil {
				return // the server has ended already
			}
			defer c.Close()
			w.write(c)
		})
	}
	return r
}

func (r *run) wait() { r.done.Wait() }

// verify compares what the server holds with what the clients remember. Writes
// that got no reply may have been done or not, in their order.
func (l *load) verify(s *blackbox.Server) {
	l.t.Helper()
	if err := l.check(s.Client(l.t)); err != nil {
		l.t.Fatalf("after the restart: %v", err)
	}
}

func (l *load) check(c *blackbox.Client) error {
	for _, w := range l.writers {
		if err := w.verify(c); err != nil {
			return err
		}
	}
	return l.shared.verify(c)
}

// writer is one client.
type writer struct {
	load  *load
	rng   *rand.Rand
	keys  []string
	model model
	// pending are commands that were sent and got no reply.
	pending [][]string
}

// write sends commands and checks replies until the connection is gone.
func (w *writer) write(c *blackbox.Client) {
	for {
		var text []byte
		for range 1 + w.rng.IntN(deepest) {
			args := w.command()
			w.pending = append(w.pending, args)
			text = blackbox.Command(text, args...)
		}
		if c.Write(text) != nil {
			return
		}
		for len(w.pending) > 0 {
			v, err := c.Receive()
			if err != nil {
				return
			}
			if err := w.acknowledge(w.pending[0], v); err != nil {
				w.load.t.Error(err)
				return
			}
			w.pending = w.pending[1:]
		}
	}
}

// acknowledge compares a reply with the one to expect.
func (w *writer) acknowledge(args []string, v blackbox.Value) error {
	w.load.count.Add(1)
	switch {
	case args[0] == "BGSAVE":
		return nil
	case args[1] == sharedKey:
		return w.load.shared.reply(v)
	}
	if got, want := v.String(), w.model.apply(args); got != want {
		return fmt.Errorf("%.100q: got %.100s, want %.100s", args, got, want)
	}
	return nil
}

// command chooses what to do next.
func (w *writer) command() []string {
	key, other := w.key(), w.key()
	if w.rng.IntN(3) == 0 {
		return w.elementCommand(key)
	}
	switch w.rng.IntN(30) {
	case 0:
		return []string{"SET", key, w.value(), "PXAT", w.moment()}
	case 1:
		return []string{"SET", key, w.value(), "KEEPTTL"}
	case 2, 3:
		return []string{"MSET", key, w.value(), other, w.value()}
	case 4, 5:
		return []string{"APPEND", key, w.word()}
	case 6:
		return []string{"SETRANGE", key, strconv.Itoa(w.rng.IntN(100)), w.word()}
	case 7, 8, 9:
		return []string{"INCRBY", key, strconv.Itoa(w.rng.IntN(100))}
	case 10, 11, 12:
		return []string{"INCR", sharedKey}
	case 13, 14:
		return []string{"DEL", key}
	case 15:
		return []string{"GETDEL", key}
	case 16, 17:
		return []string{"PEXPIREAT", key, w.moment()}
	case 18:
		return []string{"PERSIST", key}
	case 19:
		return []string{"RENAME", key, other}
	case 20:
		return []string{"COPY", key, other, "REPLACE"}
	case 21:
		if w.rng.IntN(20) == 0 {
			return []string{"BGSAVE"}
		}
		return []string{"SET", key, strings.Repeat(w.word(), 5000)} // larger than what is copied
	case 22, 23:
		return []string{"SET", key, strconv.Itoa(w.rng.IntN(1000))}
	}
	return []string{"SET", key, w.value()}
}

func (w *writer) key() string { return w.keys[w.rng.IntN(len(w.keys))] }

// word is eight bytes of any kind.
func (w *writer) word() string {
	b := make([]byte, 8)
	for i := range b {
		b[i] = byte(w.rng.IntN(256))
	}
	return string(b)
}

func (w *writer) value() string { return strings.Repeat(w.word(), 1+w.rng.IntN(40)) }

// moment is a time between one and two hours from now, in milliseconds.
func (w *writer) moment() string {
	return strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli()+w.rng.Int64N(3_600_000), 10)
}

// verify finds out which of the pending commands were done.
func (w *writer) verify(c *blackbox.Client) error {
	stored, err := w.read(c)
	if err != nil {
		return err
	}
	pending := w.pending
	w.pending = nil
	w.load.unsure += len(pending)
	w.load.shared.unsure(pending)
	believed := maps.Clone(w.model)
	first := believed.difference(stored)
	for done := 0; ; done++ {
		if believed.difference(stored) == "" {
			w.model = believed
			w.load.kept += done
			return nil
		}
		if done == len(pending) {
			return fmt.Errorf("a write is lost, or done without being asked for: %s\n(%d commands were under way: %.300q)", first, len(pending), pending)
		}
		if args := pending[done]; args[0] != "BGSAVE" && args[1] != sharedKey {
			believed.apply(args)
		}
	}
}

// read asks the server for all keys of the writer.
func (w *writer) read(c *blackbox.Client) (model, error) {
	var text []byte
	for _, key := range w.keys {
		for _, read := range reads {
			text = blackbox.Command(text, append([]string{read.command, key}, read.args...)...)
		}
		text = blackbox.Command(text, "PEXPIRETIME", key)
	}
	if err := c.Write(text); err != nil {
		return nil, err
	}
	m := model{}
	for _, key := range w.keys {
		e, exists, err := receiveEntry(c)
		expires, err2 := c.Receive()
		if err = errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if expires.IsError() {
			return nil, fmt.Errorf("%s: %s", key, expires)
		}
		if exists {
			e.expires = max(0, expires.Int())
			m[key] = e
		}
	}
	return m, nil
}

// sharedKey is the counter that all clients add to.
const sharedKey = "shared"

// sharedCounter is what the clients know together of the counter.
type sharedCounter struct {
	mu    sync.Mutex
	floor int64          // its value at the last restart
	seen  map[int64]bool // replies since then
	high  int64          // the highest of them
	maybe int64          // additions without a reply
}

// reply notes what INCR returned. No two clients may get the same number.
func (c *sharedCounter) reply(v blackbox.Value) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := v.Int()
	if v.Kind != ':' || n <= c.floor || c.seen[n] {
		return fmt.Errorf("INCR of the shared counter: %s is no number, or was there before", v)
	}
	c.seen[n] = true
	c.high = max(c.high, n)
	return nil
}

// unsure notes commands without a reply.
func (c *sharedCounter) unsure(commands [][]string) {
	for _, args := range commands {
		if args[0] == "INCR" {
			c.maybe++
		}
	}
}

// verify compares the counter with the replies, and goes on from its value.
func (c *sharedCounter) verify(client *blackbox.Client) error {
	v, err := client.Do("GET", sharedKey)
	if err != nil {
		return err
	}
	known := c.floor + int64(len(c.seen))
	if n := v.Int(); n < c.high || n < known || n > known+c.maybe {
		return fmt.Errorf("the shared counter is %s; it was %d, then %d additions were acknowledged, up to %d, and %d more may have been done",
			v, c.floor, len(c.seen), c.high, c.maybe)
	}
	c.floor, c.maybe = v.Int(), 0
	clear(c.seen)
	return nil
}
