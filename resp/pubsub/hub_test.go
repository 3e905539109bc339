package pubsub

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kvd/internal/glob"
	"kvd/resp/session"
)

// conn is a connection that counts what it was asked.
type conn struct{ resumed, closed atomic.Int64 }

func (c *conn) Resume()              { c.resumed.Add(1) }
func (c *conn) Close()               { c.closed.Add(1) }
func (c *conn) HungUp() bool         { return false }
func (c *conn) RemoteAddr() net.Addr { return nil }
func (c *conn) LocalAddr() net.Addr  { return nil }
func (c *conn) FD() int              { return -1 }

func client(protocol int) (*session.Session, *conn) {
	c := &conn{}
	s := session.NewRegistry().Add(c, time.Time{})
	s.Out.SetProtocol(protocol)
	return s, c
}

// received takes what has come for a session.
func received(s *session.Session) string {
	s.Deliver()
	text := bytes.Join(s.Out.Chunks(nil), nil)
	s.Out.Discard()
	return string(text)
}

func TestMessages(t *testing.T) {
	h := NewHub()
	old, _ := client(2)
	recent, wake := client(3)
	for _, s := range []*session.Session{old, recent} {
		h.Subscribe(s, session.Channels, []byte("news"))
		h.Subscribe(s, session.Channels, []byte("news")) // again changes nothing
	}
	h.Subscribe(recent, session.Patterns, []byte("n*"))
	h.Subscribe(recent, session.Shards, []byte("news"))
	if n := h.Publish([]byte("news"), []byte("a\r\nb")); n != 3 {
		t.Errorf("sent %d times", n)
	}
	if n := h.PublishShard([]byte("news"), nil); n != 1 {
		t.Errorf("sent %d times to shards", n)
	}
	if got, want := received(old), "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\na\r\nb\r\n"; got != want {
		t.Errorf("RESP2: %q", got)
	}
	want := ">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$4\r\na\r\nb\r\n" +
		">4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$4\r\na\r\nb\r\n" +
		">3\r\n$8\r\nsmessage\r\n$4\r\nnews\r\n$0\r\n\r\n"
	if got := received(recent); got != want {
		t.Errorf("RESP3: %q", got)
	}
	if n := wake.resumed.Load(); n != 1 {
		t.Errorf("resumed %d times for a queue that was filled once", n)
	}
}

func TestQuit(t *testing.T) {
	h := NewHub()
	s, _ := client(2)
	for kind := range session.ChannelKinds {
		h.Subscribe(s, session.ChannelKind(kind), []byte("a"))
		h.Subscribe(s, session.ChannelKind(kind), []byte("b"))
	}
	h.Publish([]byte("a"), []byte("before"))
	h.Quit(s)
	if got := received(s); strings.Count(got, "before") != 2 {
		t.Errorf("what came before QUIT is lost: %q", got)
	}
	for kind := range session.ChannelKinds {
		if n := h.Count(session.ChannelKind(kind)); n != 0 {
			t.Errorf("%d names of kind %d have subscribers", n, kind)
		}
	}
	if h.Publish([]byte("a"), nil)+h.PublishShard([]byte("a"), nil) != 0 || s.Subscribed() || h.Heard() {
		t.Error("somebody is still subscribed")
	}
}

// model is a hub without a thought of speed.
type model map[session.ChannelKind]map[string]map[int]bool

func (m model) join(kind session.ChannelKind, name string, who int) {
	if m[kind] == nil {
		m[kind] = map[string]map[int]bool{}
	}
	if m[kind][name] == nil {
		m[kind][name] = map[int]bool{}
	}
	m[kind][name][who] = true
}

func (m model) leave(kind session.ChannelKind, name string, who int) {
	delete(m[kind][name], who)
	if len(m[kind][name]) == 0 {
		delete(m[kind], name)
	}
}

func (m model) publish(channel string) int {
	n := len(m[session.Channels][channel])
	for pattern, who := range m[session.Patterns] {
		if glob.Match([]byte(pattern), []byte(channel)) {
			n += len(who)
		}
	}
	return n
}

func TestAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	h, m := NewHub(), model{}
	clients := make([]*session.Session, 5)
	for i := range clients {
		clients[i], _ = client(3)
	}
	names := []string{"a", "b", "ab", "a*", "*", "?b", ""}
	for range 5000 {
		who, kind := rng.IntN(len(clients)), session.ChannelKind(rng.IntN(session.ChannelKinds))
		name := names[rng.IntN(len(names))]
		s := clients[who]
		switch rng.IntN(4) {
		case 0:
			h.Subscribe(s, kind, []byte(name))
			m.join(kind, name, who)
		case 1:
			h.Leave(s, kind, name)
			s.Subs.Remove(kind, name)
			m.leave(kind, name, who)
		case 2:
			if got, want := h.Publish([]byte(name), nil), m.publish(name); got != want {
				t.Fatalf("PUBLISH %q: %d, want %d", name, got, want)
			}
		default:
			checkNames(t, h, m, kind)
		}
	}
}

func checkNames(t *testing.T, h *Hub, m model, kind session.ChannelKind) {
	t.Helper()
	if got := h.Count(kind); int(got) != len(m[kind]) {
		t.Fatalf("%d names of kind %d, want %d", got, kind, len(m[kind]))
	}
	if kind == session.Patterns {
		return
	}
	var want []string
	for name, who := range m[kind] {
		want = append(want, name)
		if n := h.Listeners(kind, []byte(name)); n != len(who) {
			t.Fatalf("%d listeners of %q, want %d", n, name, len(who))
		}
	}
	slices.Sort(want)
	if got := h.Names(kind, nil); !slices.Equal(got, want) {
		t.Fatalf("names of kind %d: %q, want %q", kind, got, want)
	}
}

// TestOneOrder publishes from many goroutines: all subscribers of a channel, by
// name or pattern, see one order.
func TestOneOrder(t *testing.T) {
	h := NewHub()
	var clients []*session.Session
	for i := range 4 {
		s, _ := client(3)
		h.Subscribe(s, session.ChannelKind(i%2), []byte("c")) // two of them by a pattern
		clients = append(clients, s)
	}
	var publishers sync.WaitGroup
	for p := range 4 {
		publishers.Add(1)
		go func() {
			defer publishers.Done()
			for i := range 200 {
				h.Publish([]byte("c"), fmt.Appendf(nil, "<%d:%d>", p, i))
			}
		}()
	}
	publishers.Wait()
	first := texts(received(clients[0]))
	if len(first) != 800 {
		t.Fatalf("%d of 800 messages came", len(first))
	}
	for _, s := range clients[1:] {
		if !slices.Equal(texts(received(s)), first) {
			t.Fatal("two subscribers saw different orders")
		}
	}
}

// texts returns what stands in pointed brackets.
func texts(out string) (list []string) {
	for {
		_, rest, found := strings.Cut(out, "<")
		if !found {
			return list
		}
		text, after, _ := strings.Cut(rest, ">")
		list, out = append(list, text), after
	}
}

func TestSlowReaderIsClosed(t *testing.T) {
	h := NewHub()
	slow, gone := client(3)
	quick, stays := client(3)
	for _, s := range []*session.Session{slow, quick} {
		s.LimitPushes(1 << 20)
		h.Subscribe(s, session.Channels, []byte("c"))
	}
	text := make([]byte, 100<<10)
	for range 20 {
		h.Publish([]byte("c"), text)
		received(quick)
	}
	if gone.closed.Load() != 1 || !slow.Overran() || slow.Pushed() {
		t.Error("a subscriber that does not take its messages was not closed once, or keeps memory")
	}
	if stays.closed.Load() != 0 || quick.Overran() {
		t.Error("the other one was closed too")
	}
}

func TestOutputCountsForTheLimit(t *testing.T) {
	h := NewHub()
	s, c := client(3)
	s.LimitPushes(1 << 20)
	h.Subscribe(s, session.Channels, []byte("c"))
	text := make([]byte, 300<<10)
	for range 3 {
		h.Publish([]byte("c"), text)
		s.Deliver() // into the output, which nobody sends
	}
	if c.closed.Load() != 0 {
		t.Fatal("closed before the limit")
	}
	h.Publish([]byte("c"), text)
	if c.closed.Load() != 1 {
		t.Error("output does not count")
	}
}

// TestPublishAllocates makes sure that a message is made once, however many get
// it.
func TestPublishAllocates(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	h := NewHub()
	var all []*session.Session
	for range 100 {
		s, _ := client(3)
		h.Subscribe(s, session.Channels, []byte("c"))
		all = append(all, s)
	}
	channel, text := []byte("c"), []byte("hello")
	publish := func() {
		h.Publish(channel, text)
		for _, s := range all {
			s.Deliver()
			s.Out.Discard()
		}
	}
	publish()
	if n := testing.AllocsPerRun(100, publish); n > 2 {
		t.Errorf("%v allocations for one message to 100 clients", n)
	}
	if n := testing.AllocsPerRun(100, func() { h.Publish([]byte("nobody"), text) }); n > 0 {
		t.Errorf("%v allocations for a message to nobody", n)
	}
}

func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{0, 1, 100, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := NewHub()
			var all []*session.Session
			for range n {
				s, _ := client(3)
				h.Subscribe(s, session.Channels, []byte("c"))
				all = append(all, s)
			}
			other, _ := client(3)
			h.Subscribe(other, session.Channels, []byte("other"))
			for b.Loop() {
				h.Publish([]byte("c"), []byte("hello"))
				b.StopTimer()
				for _, s := range all {
					s.Deliver()
					s.Out.Discard()
				}
				b.StartTimer()
			}
		})
	}
}
