package resp_test

import (
	"strings"
	"testing"
	"time"

	"kvd/internal/clock"
	"kvd/internal/testkit"
)

// endless runs for ever unless it is stopped.
const endless = "while true do end"

// untilKilled waits until a script runs: until SCRIPT KILL finds one, which it
// kills if that is allowed.
func untilKilled(t *testing.T, c *testkit.Client) string {
	t.Helper()
	for {
		if text := c.Do("script", "kill").Text; !strings.Contains(text, "NOTBUSY") {
			return text
		}
	}
}

func TestScriptKill(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	runner, waiter, killer := s.Client(), s.Client(), s.Client()
	runner.Send("eval", endless, "0")
	waiter.Send("get", "k") // waits for the script, but not on its event loop
	if got := untilKilled(t, killer); got != "OK" {
		t.Fatalf("SCRIPT KILL: %s", got)
	}
	if got := runner.Receive(); !strings.Contains(got, "Script killed by user with SCRIPT KILL...") {
		t.Errorf("the script ended with %s", got)
	}
	if got := waiter.Receive(); got != "(nil)" {
		t.Errorf("who waited got %s", got)
	}
	killer.Do("eval", "return 1", "0").Want("(integer) 1")
}

// TestBusyScript: while a script has been running for too long, others are told so,
// and what it has written keeps it from being killed.
func TestBusyScript(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Clock: &clock.System{}, Options: []string{"--busy-reply-threshold", "1"}})
	runner, other := s.Client(), s.Client()
	runner.Send("eval", "redis.call('set','k','v') "+endless, "0")
	for untilKilled(t, other) == "OK" { // it had not written yet
		runner.Receive()
		runner.Send("eval", "redis.call('set','k','v') "+endless, "0")
	}
	other.Do("ping").Want("PONG")
	for real, began := (&clock.System{}), time.Now(); real.Now().Sub(began) < 5*time.Millisecond; {
		other.Do("ping").Want("PONG")
	}
	other.Do("get", "k").Want("(error) BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")
	other.Do("ping").Want("PONG")
	other.Do("function", "kill").Want("(error) UNKILLABLE Sorry the script already executed write commands against the dataset. " +
		"You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
}

// TestScriptIsCutByTheEnd: what a script has written that the end of the server cut
// short is not on disk.
func TestScriptIsCutByTheEnd(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true})
	c := s.Client()
	c.Do("set", "before", "1").OK()
	c.Send("eval", "redis.call('set','half','1') "+endless, "0")
	untilKilled(t, s.Client())
	s.Restart()
	c = s.Client()
	c.Do("get", "before").Want(`"1"`)
	c.Do("get", "half").Want("(nil)")
}

// TestScriptServesWaiters: a client that waits for a key is served when the script
// that has written it has ended, and a script that finds nothing does not wait.
func TestScriptServesWaiters(t *testing.T) {
	s := testkit.Start(t, testkit.Config{})
	waiter, c := s.Client(), s.Client()
	waiter.Send("blpop", "l", "0")
	waitBlocked(t, c, 1)
	c.Do("eval", "redis.call('rpush','l','a','b') return redis.call('lrange','l',0,-1)", "0").Want(`["a", "b"]`)
	if got := waiter.Receive(); got != `["l", "a"]` {
		t.Errorf("the waiter got %s", got)
	}
}

func TestFunctionsSurvive(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true})
	s.Client().Do("function", "load", "#!lua name=lib\nredis.register_function('f', function(k, a) return a[1] end)").Want(`"lib"`)
	s.Restart()
	c := s.Client()
	c.Do("fcall", "f", "0", "x").Want(`"x"`)
	c.Do("function", "delete", "lib").OK()
	s.Restart()
	s.Client().Do("fcall", "f", "0", "x").Want("(error) ERR Function not found")
}
