package session

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kvd/engine"
)

// cachesOf returns the caches of n clients that speak RESP3, and whether somebody
// observes writes.
func cachesOf(n int) (c *Caches, clients []*Session, observed *bool) {
	r := NewRegistry()
	observed = new(bool)
	c = NewCaches(r, func(o engine.WriteObserver) { *observed = o != nil })
	for range n {
		s := r.Add(&conn{}, time.Time{})
		s.Out.SetProtocol(3)
		clients = append(clients, s)
	}
	return c, clients, observed
}

// told takes what a client was told: each push in a word of its own.
func told(s *Session) string {
	s.Deliver()
	text := string(bytes.Join(s.Out.Chunks(nil), nil))
	s.Out.Discard()
	text = strings.NewReplacer(">2\r\n$10\r\ninvalidate\r\n", " ", "*1\r\n", "", "$1\r\n", "", "_\r\n", "all").Replace(text)
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", ""))
}

func write(c *Caches, by int64, keys ...string) {
	w := engine.Writes{By: by}
	for _, key := range keys {
		w.Keys = append(w.Keys, []byte(key))
	}
	c.Written(&w)
}

func TestCachesRemember(t *testing.T) {
	for _, tt := range []struct {
		name    string
		how     *Tracking
		caching bool
		want    string
	}{
		{"not at all", nil, false, ""},
		{"as it is", &Tracking{}, false, "a"},
		{"opted in", &Tracking{OptIn: true}, true, "a"},
		{"not opted in", &Tracking{OptIn: true}, false, ""},
		{"opted out", &Tracking{OptOut: true}, true, ""},
		{"not opted out", &Tracking{OptOut: true}, false, "a"},
		{"broadcast", &Tracking{Broadcast: true, Prefixes: []string{"b"}}, false, "b"},
	} {
		c, clients, _ := cachesOf(2)
		s := clients[0]
		if tt.how != nil {
			c.Start(s, tt.how)
		}
		s.Caching = tt.caching
		c.Remember(s, []byte("a"), 0)
		write(c, clients[1].ID, "a", "b")
		write(c, clients[1].ID, "a")
		if got := told(s); got != tt.want {
			t.Errorf("%s: told %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCachesNoLoop(t *testing.T) {
	c, clients, _ := cachesOf(2)
	reader, all := clients[0], clients[1]
	c.Start(reader, &Tracking{NoLoop: true})
	c.Start(all, &Tracking{Broadcast: true, Prefixes: []string{""}, NoLoop: true})
	c.Remember(reader, []byte("a"), 0)
	write(c, reader.ID, "a")
	write(c, all.ID, "b")
	write(c, reader.ID, "a") // it is remembered no more
	if got := told(reader); got != "" {
		t.Errorf("told %q of its own write", got)
	}
	if got := told(all); got != "a a" {
		t.Errorf("told %q of the writes of others", got)
	}
}

func TestCachesEnd(t *testing.T) {
	c, clients, observed := cachesOf(2)
	a, b := clients[0], clients[1]
	c.Start(a, &Tracking{})
	c.Start(b, &Tracking{Broadcast: true, Prefixes: []string{"x", "y"}})
	c.Remember(a, []byte("k"), 0)
	if got := (CacheTotals{2, 1, 1, 2}); c.Totals() != got || !*observed {
		t.Errorf("totals %+v, want %+v", c.Totals(), got)
	}
	c.Stop(a)
	c.Stop(a)
	if !*observed {
		t.Error("writes are not observed while somebody tracks")
	}
	write(c, 0, "k")
	c.Stop(b)
	if c.Totals() != (CacheTotals{}) || *observed {
		t.Errorf("after the last has stopped: %+v, observed %v", c.Totals(), *observed)
	}
	write(c, 0, "x")
	c.Written(&engine.Writes{Emptied: true})
	if got := told(a) + told(b); got != "" {
		t.Errorf("told %q after the end", got)
	}
}

func TestCachesRedirect(t *testing.T) {
	c, clients, _ := cachesOf(2)
	from, to := clients[0], clients[1]
	c.Start(from, &Tracking{Redirect: to.ID})
	c.Remember(from, []byte("a"), 0)
	write(c, 0, "a")
	if got := told(to); got != "a" || told(from) != "" {
		t.Errorf("the other one was told %q", got)
	}
	to.Out.SetProtocol(2)
	to.Subs.Add(Channels, "__redis__:invalidate")
	c.Written(&engine.Writes{Emptied: true})
	if got, want := told(to), "*3$7message$20__redis__:invalidate$-1"; got != want {
		t.Errorf("in RESP2: %q, want %q", got, want)
	}
	c.registry.Remove(to)
	c.Remember(from, []byte("a"), 0)
	write(c, 0, "a")
	if got := told(from); !strings.Contains(got, "tracking-redir-broken:2") || !from.Tracking().Broken() {
		t.Errorf("told %q when the other one is gone", got)
	}
}

func TestCachesLimit(t *testing.T) {
	c, clients, _ := cachesOf(1)
	s := clients[0]
	c.Start(s, &Tracking{})
	for i := range 1000 {
		c.Remember(s, fmt.Append(nil, i%700), 50)
	}
	if got := c.Totals(); got.Keys != 50 || got.Items != 50 {
		t.Errorf("%+v remembered, the limit is 50", got)
	}
	s.Deliver()
	if s.Out.Len() == 0 {
		t.Error("nobody was told of what is remembered no more")
	}
}

// TestCachesAgainstModel compares with one set of keys for each client.
func TestCachesAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	c, clients, _ := cachesOf(6)
	model := make([]map[string]bool, len(clients))
	for i, s := range clients {
		if i < 4 {
			model[i] = map[string]bool{}
			c.Start(s, &Tracking{NoLoop: i == 3})
		} else {
			c.Start(s, &Tracking{Broadcast: true, Prefixes: []string{"a", "b"}[:i-3]})
		}
	}
	for range 5000 {
		who := rng.IntN(len(clients))
		key := string(rune('a' + rng.IntN(4)))
		if rng.IntN(2) == 0 {
			c.Remember(clients[who], []byte(key), 0)
			if who < 4 {
				model[who][key] = true
			}
			continue
		}
		write(c, clients[who].ID, key)
		for i, s := range clients {
			want := ""
			switch {
			case i < 4 && model[i][key] && (i != 3 || who != 3), i >= 4 && slices.Contains([]string{"a", "b"}[:i-3], key):
				want = key
			}
			if got := told(s); got != want {
				t.Fatalf("client %d was told %q of %q, want %q", i, got, key, want)
			}
			if i < 4 {
				delete(model[i], key)
			}
		}
	}
}

func TestBroadcastGroups(t *testing.T) {
	c, clients, _ := cachesOf(1)
	s := clients[0]
	c.Start(s, &Tracking{Broadcast: true, Prefixes: []string{"ab", "b"}})
	write(c, 0, "b", "abc", "a", "ab", "b", "abc")
	s.Deliver()
	want := ">2\r\n$10\r\ninvalidate\r\n*2\r\n$2\r\nab\r\n$3\r\nabc\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nb\r\n"
	if got := string(bytes.Join(s.Out.Chunks(nil), nil)); got != want {
		t.Errorf("%q", got)
	}
}
