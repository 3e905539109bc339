package config

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func shown(l *Live, name string) string {
	for _, pair := range l.Match([]string{name}) {
		return pair[1]
	}
	return "(none)"
}

func TestSetIsAllOrNothing(t *testing.T) {
	l := NewLive(Default())
	before := l.Get()
	err := l.Set([][2]string{{"timeout", "5"}, {"rdbcompression", "no"}, {"hz", "x"}}, Remote)
	if err == nil || l.Get() != before || shown(l, "rdbcompression") != "yes" {
		t.Fatalf("half a change: %v", err)
	}
	if err := l.Set([][2]string{{"Timeout", "5"}, {"rdbcompression", "no"}}, Remote); err != nil {
		t.Fatal(err)
	}
	if got := l.Get(); got.Timeout != 5*time.Second || shown(l, "rdbcompression") != "no" {
		t.Error("the change is lost")
	}
	if before.Timeout != 0 || before.inert["rdbcompression"] != "yes" {
		t.Error("a published value changed")
	}
}

func TestSetErrors(t *testing.T) {
	l := NewLive(Default())
	for _, tc := range []struct {
		pairs [][2]string
		want  string
	}{
		{[][2]string{{"nosuch", "1"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"},
		{[][2]string{{"user", "x on"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'user'"},
		{[][2]string{{"databases", "3"}}, "ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config"},
		{[][2]string{{"dir", "/"}}, "ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config"},
		{[][2]string{{"tls-key-file", "/"}}, "ERR CONFIG SET failed (possibly related to argument 'tls-key-file') - can't set protected config"},
		{[][2]string{{"hz", "1"}, {"hz", "2"}}, "ERR CONFIG SET failed (possibly related to argument 'hz') - duplicate parameter"},
		{[][2]string{{"lua-time-limit", "1"}, {"busy-reply-threshold", "2"}}, "ERR CONFIG SET failed (possibly related to argument 'busy-reply-threshold') - duplicate parameter"},
		{[][2]string{{"appendonly", "no"}}, "ERR CONFIG SET failed (possibly related to argument 'appendonly') - can't be changed while the server runs: set it in the configuration file and restart"},
		{[][2]string{{"journal-max-size", "2mb"}}, "ERR CONFIG SET failed (possibly related to argument 'journal-max-size') - journal-max-size is below journal-segment-size"},
		{[][2]string{{"hz", "1"}, {"journal-max-size", "2mb"}}, "ERR CONFIG SET failed - journal-max-size is below journal-segment-size"},
		{[][2]string{{"a\r\nb", "1"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'a  b'"},
	} {
		if err := l.Set(tc.pairs, Remote); err == nil || err.Error() != tc.want {
			t.Errorf("%q:\n got %v\nwant %s", tc.pairs, err, tc.want)
		}
	}
	if err := l.Set([][2]string{{"appendonly", "yes"}, {"port", "6379"}}, Remote); err != nil {
		t.Errorf("the present value is refused: %v", err)
	}
}

func TestProtected(t *testing.T) {
	c := Default()
	c.EnableProtectedConfigs = AccessLocal
	l := NewLive(c)
	pair := [][2]string{{"tls-cert-file", "/c.pem"}}
	if err := l.Set(pair, Remote); err == nil {
		t.Error("a remote client may change a protected option")
	}
	if err := l.Set(pair, Local); err != nil || l.Get().TLSCertFile != "/c.pem" {
		t.Error(err)
	}
	if err := l.Set([][2]string{{"dir", "/"}}, Local); err == nil {
		t.Error("dir changed at run time")
	}
}

func TestSaveIsReplaced(t *testing.T) {
	l := NewLive(Default())
	for value, want := range map[string]string{"10 1": "10 1", "": "", "1 2 3 4": "1 2 3 4"} {
		if err := l.Set([][2]string{{"save", value}}, Remote); err != nil || shown(l, "save") != want {
			t.Errorf("save %q is %q, %v", value, shown(l, "save"), err)
		}
	}
}

func TestHooks(t *testing.T) {
	l := NewLive(Default())
	var seen []string
	l.OnCheck(func(_, c *Config) error {
		if c.Hz == 13 {
			return errors.New("unlucky")
		}
		return nil
	})
	l.OnChange(func(old, c *Config) {
		if l.Get() != c || old == c {
			t.Error("the hook runs before the change")
		}
		seen = append(seen, "first")
	})
	l.OnChange(func(_, _ *Config) { seen = append(seen, "second") })

	err := l.Set([][2]string{{"hz", "13"}}, Remote)
	if err == nil || !strings.HasSuffix(err.Error(), "argument 'hz') - unlucky") || len(seen) != 0 || l.Get().Hz != 10 {
		t.Errorf("the veto did not hold: %v, %v", err, seen)
	}
	if err := l.Set([][2]string{{"hz", "14"}}, Remote); err != nil || !slices.Equal(seen, []string{"first", "second"}) {
		t.Errorf("%v, %v", err, seen)
	}
}

func TestMatch(t *testing.T) {
	c := Default()
	c.RequirePass = "swordfish"
	l := NewLive(c)
	if got := l.Match([]string{"MAXMEM*", "maxmemory", "nosuch", strings.Repeat("*", 5000)}); len(got) != 5 || got[0] != [2]string{"maxmemory", "0"} {
		t.Errorf("%q", got)
	}
	for _, name := range []string{"hash-max-listpack-entries", "hash-max-ziplist-entries"} {
		if got := l.Match([]string{name}); len(got) != 1 || got[0] != [2]string{name, "512"} {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, pair := range l.Match([]string{"*"}) {
		if strings.Contains(pair[1], "swordfish") {
			t.Errorf("%s shows the password", pair[0])
		}
		if pair[0] == "user" || pair[0] == "include" {
			t.Errorf("%s is not for CONFIG", pair[0])
		}
	}
	if got := shown(l, "requirepass"); got != hidden {
		t.Errorf("requirepass is %q", got)
	}
	if got := shown(NewLive(Default()), "requirepass"); got != "" {
		t.Errorf("no password is %q", got)
	}
}

func TestConcurrentSetAndGet(t *testing.T) {
	l := NewLive(Default())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				if err := l.Set([][2]string{{"slowlog-max-len", "7"}, {"acllog-max-len", "7"}, {"masteruser", "x"}}, Remote); err != nil {
					t.Error(err)
				}
				if c := l.Get(); int64(c.ACLLogMaxLen) != c.SlowlogMaxLen {
					t.Error("two settings of one change do not agree")
				}
				l.Match([]string{"master*"})
			}
		})
	}
	wg.Wait()
}

func TestGetDoesNotAllocate(t *testing.T) {
	l := NewLive(Default())
	if n := testing.AllocsPerRun(100, func() { _ = l.Get().MaxClients }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
