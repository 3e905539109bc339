package session

import (
	"net"
	"testing"
	"time"

	"kvd/resp/acl"
)

type conn struct {
	remote, local   net.Addr
	resumed, closed int
}

func (c *conn) Resume()              { c.resumed++ }
func (c *conn) Close()               { c.closed++ }
func (c *conn) RemoteAddr() net.Addr { return c.remote }
func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) HungUp() bool         { return false }
func (c *conn) FD() int              { return 7 }

func tcp(ip string, port int) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: port} }

func TestRegistry(t *testing.T) {
	r := NewRegistry()
	now := time.Unix(100, 0)
	a := r.Add(&conn{remote: tcp("127.0.0.1", 5), local: tcp("127.0.0.1", 6379)}, now)
	b := r.Add(&conn{remote: tcp("10.1.2.3", 5), local: tcp("10.1.2.3", 6379)}, now)
	u := r.Add(&conn{remote: &net.UnixAddr{}, local: &net.UnixAddr{Name: "/run/kvd.sock", Net: "unix"}}, now)
	if a.ID != 1 || b.ID != 2 || u.ID != 3 || r.Len() != 3 {
		t.Fatalf("ids %d %d %d, %d clients", a.ID, b.ID, u.ID, r.Len())
	}
	if !a.Trusted || b.Trusted || !u.Trusted {
		t.Error("clients of the loopback interface and of unix sockets are trusted, others are not")
	}
	if s := u.Snapshot(); s.Address != "/run/kvd.sock:0" || !s.UnixSocket || s.FD != 7 {
		t.Errorf("snapshot of a unix client: %+v", s)
	}
	r.Remove(b)
	if all := r.All(); len(all) != 2 || all[0] != a || all[1] != u || r.Get(2) != nil || r.Total() != 3 {
		t.Errorf("after Remove: %v, total %d", all, r.Total())
	}
}

func TestSnapshotIsAsPublished(t *testing.T) {
	c := &conn{remote: tcp("127.0.0.1", 5), local: tcp("127.0.0.1", 6379)}
	s := NewRegistry().Add(c, time.Unix(100, 0))
	s.Name, s.DB = "worker", 3
	if got := s.Snapshot(); got.Name != "" || got.DB != 0 {
		t.Errorf("seen before Publish: %+v", got)
	}
	s.Publish()
	if got := s.Snapshot(); got.Name != "worker" || got.DB != 3 || got.Address != "127.0.0.1:5" {
		t.Errorf("seen after Publish: %+v", got)
	}
	users := acl.NewUsers(acl.NewCatalog(nil, nil))
	s.Reset(users.Default(), Authenticated)
	if s.Name != "" || s.DB != 0 || s.User != acl.Default || !s.Authenticated {
		t.Errorf("after Reset: %+v", s.current())
	}
}

func TestUnblockOnlyTheBlocked(t *testing.T) {
	c := &conn{remote: tcp("127.0.0.1", 5), local: tcp("127.0.0.1", 6379)}
	s := NewRegistry().Add(c, time.Unix(100, 0))
	if s.RequestUnblock(Unblock{}) || c.resumed != 0 {
		t.Error("a client that waits for nothing was unblocked")
	}
	s.SetBlocked(true)
	if !s.RequestUnblock(Unblock{}) || c.resumed != 1 || s.TakeUnblock() == nil || s.TakeUnblock() != nil {
		t.Error("a blocked client was not unblocked once")
	}
}

func TestKillAndNeeds(t *testing.T) {
	c := &conn{remote: tcp("127.0.0.1", 5), local: tcp("127.0.0.1", 6379)}
	s := NewRegistry().Add(c, time.Unix(100, 0))
	s.Needs(5)
	s.Needs(3)
	if s.Needed() != 5 {
		t.Errorf("needs %d, want the highest", s.Needed())
	}
	s.Kill()
	if !s.Killed() || c.closed != 1 {
		t.Error("Kill must signal the connection")
	}
}
