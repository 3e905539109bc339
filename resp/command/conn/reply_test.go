package conn_test

import (
	"testing"

	"kvd/internal/testkit"
)

// Without replies there is nothing by which a conformance file could tell what
// came.
func TestReplyOff(t *testing.T) {
	t.Parallel()
	c := testkit.Start(t, testkit.Config{}).Client()
	c.Send("CLIENT", "REPLY", "OFF")
	c.Send("SET", "k", "1")
	c.Send("NOSUCH")
	c.Send("CLIENT", "REPLY", "SKIP")
	c.Send("APPEND", "k", "2")
	c.Do("CLIENT", "REPLY", "ON").OK()
	c.Do("GET", "k").Want(`"12"`)

	c.Send("CLIENT", "REPLY", "OFF")
	c.Do("RESET").Want("RESET")
	c.Do("PING").Want("PONG")
}

func TestKillByAddress(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{})
	c, victim := s.Client(), s.Client()
	victim.Do("CLIENT", "SETNAME", "victim").OK()
	address := s.App().Services().Clients.Get(2).Snapshot().Address
	c.Do("CLIENT", "KILL", address).OK()
	if !victim.Closed() {
		t.Error("the connection is still there")
	}
	c.Do("CLIENT", "KILL", address).Want("(error) ERR No such client")

	own := s.App().Services().Clients.Get(1).Snapshot().Address
	c.Do("CLIENT", "KILL", own).OK()
	if !c.Closed() {
		t.Error("the connection that killed itself is still there")
	}
}

// A password that is set later does not shut out who is connected.
func TestPasswordLater(t *testing.T) {
	t.Parallel()
	s := testkit.Start(t, testkit.Config{})
	early := s.Client()
	early.Do("CONFIG", "SET", "requirepass", "secret").OK()
	early.Do("PING").Want("PONG")
	late := s.Client()
	late.Do("PING").Want("(error) NOAUTH Authentication required.")
	late.Do("AUTH", "secret").OK()
	late.Do("PING").Want("PONG")
	late.Do("RESET").Want("RESET")
	late.Do("PING").Want("(error) NOAUTH Authentication required.")
}
