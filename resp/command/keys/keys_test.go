package keys

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kvd/engine"
	"kvd/internal/clock"
	"kvd/resp/command"
	"kvd/resp/reply"
	"kvd/resp/session"
)

// server runs the handlers of the family as a dispatcher would, without sockets.
type server struct {
	t     testing.TB
	table *command.Table
	clock *clock.Manual
	disk  *fakeDisk
	ctx   command.Ctx
	lock  engine.Lock
}

// fakeDisk says how far fsync has come.
type fakeDisk struct {
	command.Disk
	persistent bool
	synced     uint64
}

func (d *fakeDisk) Persistent() bool { return d.persistent }
func (d *fakeDisk) Synced() uint64   { return d.synced }

func newServer(t testing.TB) *server {
	t.Helper()
	table, err := command.NewTable(Family)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, table: table, clock: clock.NewManual(time.UnixMilli(1_700_000_000_000)), disk: &fakeDisk{}}
	e := engine.New(engine.Options{Store: engine.Discard{}, Clock: s.clock, Databases: 16, Memory: engine.MemoryPolicy{Samples: 5}})
	t.Cleanup(e.Close)
	sess := &session.Session{}
	s.ctx = command.Ctx{Out: &sess.Out, Sess: sess, Services: &command.Services{Engine: e, Disk: s.disk}}
	e.AddAll(&s.lock)
	return s
}

func (s *server) engine() *engine.Engine { return s.ctx.Services.Engine }

// set makes keys that are their own values.
func (s *server) set(keys ...string) {
	tx := s.engine().Begin(0, s.clock.Now().UnixMilli(), 0, &s.lock)
	defer tx.Commit()
	for _, k := range keys {
		tx.SetString([]byte(k), []byte(k), engine.NoExpiry)
	}
}

// call runs one command and returns its reply, or its error.
func (s *server) call(args [][]byte) error {
	cmd, err := s.table.Find(args)
	if err != nil {
		return err
	}
	s.ctx.Reset(args, cmd, s.clock.Now(), nil)
	var mode engine.Mode
	if cmd.Flags.Has(command.ReadOnly) {
		mode = engine.Reads
	}
	s.ctx.Tx = s.engine().Begin(0, s.clock.Now().UnixMilli(), mode, &s.lock)
	defer s.ctx.Tx.Commit()
	return cmd.Handler(&s.ctx)
}

// do is call for a line of words, with the reply as it is sent.
func (s *server) do(line string) (string, error) {
	var args [][]byte
	for _, word := range strings.Fields(line) {
		args = append(args, []byte(word))
	}
	mark := s.ctx.Out.Mark()
	defer s.ctx.Out.Rewind(mark)
	err := s.call(args)
	return string(s.ctx.Out.Since(mark)), err
}

// TestScanFindsAll goes through many keys and compares with KEYS.
func TestScanFindsAll(t *testing.T) {
	s := newServer(t)
	var names []string
	for i := range 3000 {
		names = append(names, fmt.Sprintf("%s:%d", []string{"a", "b"}[i%2], i))
	}
	s.set(names...)
	for _, line := range []string{"SCAN %s", "SCAN %s COUNT 1", "SCAN %s COUNT 999999999999 TYPE string"} {
		seen := map[string]bool{}
		steps := 0
		for cursor := ""; cursor != "0"; steps++ {
			if cursor == "" {
				cursor = "0"
			}
			text, err := s.do(fmt.Sprintf(line, cursor))
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(text, "\r\n")
			cursor = lines[2]
			for i := 5; i < len(lines); i += 2 {
				seen[lines[i]] = true
			}
		}
		if len(seen) != len(names) {
			t.Errorf("%s found %d of %d keys", line, len(seen), len(names))
		}
		t.Logf("%s: %d steps", line, steps)
	}
	for pattern, want := range map[string]int{"*": 3000, "a:*": 1500, "a:1?": 5, "a:10": 1, "c*": 0, "[ab]:1": 1} {
		text, err := s.do("KEYS " + pattern)
		if err != nil || !strings.HasPrefix(text, fmt.Sprintf("*%d\r\n", want)) {
			t.Errorf("KEYS %s = %.20q, %v; want %d", pattern, text, err, want)
		}
	}
}

// TestScanCountIsBounded: a huge COUNT does not keep the event loop busy.
func TestScanCountIsBounded(t *testing.T) {
	s := newServer(t)
	for i := range 3 * maxScanCount {
		s.set(fmt.Sprint(i))
	}
	text, err := s.do("SCAN 0 COUNT 9223372036854775807")
	if n := strings.Count(text, "$"); err != nil || n < maxScanCount || n > 2*maxScanCount {
		t.Errorf("%d keys, %v", n, err)
	}
}

func TestFilter(t *testing.T) {
	for _, test := range []struct {
		pattern, kind, key string
		want               bool
	}{
		{"*", "", "", true},
		{"", "", "", true},
		{"", "", "a", false},
		{"a", "", "a", true},
		{"a", "", "ab", false},
		{"ab*", "", "ab", true},
		{"ab*", "", "a", false},
		{"a?", "", "ab", true},
		{"*", "string", "x", true},
		{"*", "STRING", "x", true},
		{"*", "list", "x", false},
		{"y*", "string", "x", false},
	} {
		opt := command.ScanOptions{Match: []byte(test.pattern)}
		if test.kind != "" {
			opt.Type = []byte(test.kind)
		}
		f := scanFilter(opt)
		if got := f.keeps(engine.Item{Key: []byte(test.key), Type: 1}); got != test.want {
			t.Errorf("%q of type %q keeps %q: %v", test.pattern, test.kind, test.key, got)
		}
	}
}

// TestList writes back what was added, whatever the sizes.
func TestList(t *testing.T) {
	s := newServer(t)
	var l list
	var want strings.Builder
	sizes := []int{0, 1, 500, 511, 0, 512, 20_000, 16_384, 0, 5, 0}
	fmt.Fprintf(&want, "*%d\r\n", len(sizes))
	for i, n := range sizes {
		key := slices.Repeat([]byte{byte('a' + i)}, n)
		l.add(key)
		fmt.Fprintf(&want, "$%d\r\n%s\r\n", n, key)
	}
	mark := s.ctx.Out.Mark()
	l.write(&s.ctx)
	if got := string(s.ctx.Out.Since(mark)); got != want.String() {
		t.Errorf("%d bytes, want %d", len(got), want.Len())
	}
}

func TestConditions(t *testing.T) {
	const never = 0
	for _, test := range []struct {
		cond    condition
		old, at int64
		want    bool
	}{
		{0, never, 5, true},
		{condNX, never, 5, true},
		{condNX, 4, 5, false},
		{condXX, never, 5, false},
		{condXX, 4, 5, true},
		{condGT, never, 5, false},
		{condGT, 4, 5, true},
		{condGT, 5, 5, false},
		{condGT, 6, 5, false},
		{condLT, never, 5, true},
		{condLT, 4, 5, false},
		{condLT, 5, 5, false},
		{condLT, 6, 5, true},
		{condXX | condLT, never, 5, false},
		{condXX | condGT, 4, 5, true},
	} {
		if got := test.cond.allow(test.old, test.at); got != test.want {
			t.Errorf("%b allows %d after %d: %v", test.cond, test.at, test.old, got)
		}
	}
}

// TestWaitAOF: the reply waits for the fsync of what the connection has seen.
func TestWaitAOF(t *testing.T) {
	s := newServer(t)
	s.disk.persistent = true
	s.ctx.Sess.Needs(7)
	_, err := s.do("WAITAOF 1 0 1500")
	block, ok := err.(*command.Block)
	if !ok || !block.OnDisk || block.Timeout != 1500*time.Millisecond {
		t.Fatalf("%v", err)
	}
	late := func() string {
		var w reply.Writer
		block.OnTimeout(&w)
		return string(w.Since(reply.Mark{}))
	}
	if got := late(); got != "*2\r\n:0\r\n:0\r\n" {
		t.Errorf("when the time is up: %q", got)
	}
	if got, err := s.do("WAITAOF 0 0 0"); err != nil || got != "*2\r\n:0\r\n:0\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	s.disk.synced = 7
	if got := late(); got != "*2\r\n:1\r\n:0\r\n" {
		t.Errorf("when the time is up: %q", got)
	}
	if got, err := s.do("WAITAOF 1 0 0"); err != nil || got != "*2\r\n:1\r\n:0\r\n" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.do("WAITAOF 1 1 9223372036854775807"); err == nil {
		t.Error("replicas that there are none of did not make it wait")
	}
}

// TestCopyToOther: COPY looks into the other database and comes back.
func TestCopyToOther(t *testing.T) {
	s := newServer(t)
	s.set("a")
	for _, step := range []struct{ line, want string }{
		{"COPY a a DB 3", ":1\r\n"},
		{"COPY a a DB 3", ":0\r\n"},
		{"COPY a b DB 3", ":1\r\n"},
		{"EXISTS a b", ":1\r\n"},
		{"MOVE a 3", ":0\r\n"},
		{"RENAMENX a b", ":1\r\n"},
		{"MOVE b 3", ":0\r\n"},
		{"DEL b", ":1\r\n"},
		{"RANDOMKEY", "$-1\r\n"},
	} {
		if got, err := s.do(step.line); err != nil || got != step.want {
			t.Errorf("%s = %q, %v; want %q", step.line, got, err, step.want)
		}
	}
}

func TestHotCommandsDoNotAllocate(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops objects from sync.Pool at random")
	}
	s := newServer(t)
	s.set("a", "b", "c")
	for _, line := range []string{
		"EXISTS a b", "TOUCH a", "TYPE a", "TTL a", "PTTL a", "EXPIRETIME a", "EXPIRE a 100", "PEXPIRE a 100000 XX GT",
		"PERSIST a", "DEL none", "UNLINK none", "OBJECT IDLETIME a", "OBJECT ENCODING a",
	} {
		var args [][]byte
		for _, word := range strings.Fields(line) {
			args = append(args, []byte(word))
		}
		mark := s.ctx.Out.Mark()
		if allocs := testing.AllocsPerRun(100, func() {
			s.ctx.Out.Rewind(mark)
			if err := s.call(args); err != nil {
				t.Fatal(err)
			}
		}); allocs != 0 {
			t.Errorf("%s: %v allocations", line, allocs)
		}
	}
}
