package command

import (
	"strings"
	"testing"
)

// keySpecs are commands with every way to have keys.
func keySpecs() []Spec {
	setFlags := func(args [][]byte) KeyFlags {
		for _, a := range args[3:] {
			if equalFold(a, "get") {
				return RW | Access | Update
			}
		}
		return OW | Update
	}
	sortKeys := func(args [][]byte, dst []KeyRef) ([]KeyRef, error) {
		dst = append(dst, KeyRef{1, RO | Access})
		for i := 2; i+1 < len(args); i++ {
			if equalFold(args[i], "store") {
				return append(dst, KeyRef{i + 1, OW | Update}), nil
			}
		}
		return dst, nil
	}
	define := func(name, syntax string, arity int, flags Flags, keys ...[]KeySpec) Spec {
		return with(good(name), func(s *Spec) { s.Syntax, s.Arity, s.Flags, s.Keys = syntax, arity, flags, Keys(keys...) })
	}
	return []Spec{
		good("get"),
		define("set", "key value [NX | XX]{condition,@2.6.12} [GET]{@6.2.0} [EX seconds{@2.6.12} | PX milliseconds{@2.6.12} | "+
			"EXAT unix-time-seconds{@6.2.0} | PXAT unix-time-milliseconds{@6.2.0} | KEEPTTL{@6.0.0}]{expiration}", -3, Write|DenyOOM,
			KeyVaries(1, RW|Access|Update, setFlags)),
		define("mget", "key [key ...]", -2, ReadOnly|Fast, KeyRange(1, -1, 1, RO|Access)),
		define("mset", "key value [key value ...]", -3, Write, KeyRange(1, -1, 2, OW|Update)),
		define("blpop", "key [key ...] timeout", -3, Write|Blocking, KeyRange(1, -2, 1, RW|Access|Delete)),
		define("lcs", "key1 key2 [LEN]", -3, ReadOnly, KeyRange(1, 2, 1, RO|Access)),
		define("rename", "key newkey", 3, Write, Key(1, RW|Access|Delete), Key(2, OW|Update)),
		define("bitop", "operation destkey key [key ...]", -4, Write, Key(2, OW|Update), KeyRange(3, -1, 1, RO|Access)),
		define("eval", "script numkeys [key ...] [arg ...]", -3, NoMandatoryKeys|AllKeys, KeyNum(2, 3, RW|Access|Update)),
		define("zunionstore", "destination numkeys key [key ...]", -4, Write,
			Key(1, OW|Update), KeyNum(2, 3, RO|Access)),
		define("xread", "(STREAMS key [key ...] id [id ...])", -4, ReadOnly, KeysAfter("STREAMS", 1, 2, RO|Access)),
		define("georadius", "key longitude latitude radius unit [STORE key | STOREDIST key]", -6, Write,
			Key(1, RO|Access), KeyAfter("STORE", 6, OW|Update), KeyAfter("STOREDIST", 6, OW|Update)),
		define("sort", "key [BY pattern{#1}] [LIMIT offset count] [GET pattern{#1} [GET pattern ...]] [ASC | DESC]{order} "+
			"[ALPHA]{sorting} [STORE destination{#2}]", -2, Write|DenyOOM,
			KeysBy(sortKeys, Key(1, RO|Access), Unknown(RO|Access, "by content"), Unknown(OW|Update, "anywhere"))),
		define("migrate", "host port <key | \"\"> db timeout [KEYS key [key ...]]", -6, Write,
			Key(3, RW|Access|Delete), KeysAfter("KEYS", -2, 0, RW|Access|Delete|Incomplete)),
		define("spublish", "shardchannel message", 3, 0, Key(1, NotKey)),
		with(sub("", "ping"), func(s *Spec) { s.Arity = 1 }),
		container("object"),
		with(good("freq"), func(s *Spec) { s.Parent, s.Arity, s.Keys = "object", 3, Key(2, RO) }),
	}
}

func TestKeyRefs(t *testing.T) {
	table := newTable(t, keySpecs()...)
	tests := []struct{ line, want string }{
		{"get k", "k=RO+access"},
		{"set k v", "k=OW+update"},
		{"set k v nx GET", "k=RW+access+update"},
		{"mget a b c", "a=RO+access b=RO+access c=RO+access"},
		{"mset a b c d", "a=OW+update c=OW+update"},
		{"mset a b c", "a=OW+update c=OW+update"},
		{"blpop a b 0", "a=RW+access+delete b=RW+access+delete"},
		{"blpop a", "error"},
		{"lcs a b", "a=RO+access b=RO+access"},
		{"rename a b", "a=RW+access+delete b=OW+update"},
		{"bitop and d a b", "d=OW+update a=RO+access b=RO+access"},
		{"eval s 2 a b", "a=RW+access+update b=RW+access+update"},
		{"eval s 1 a b", "a=RW+access+update"},
		{"eval s 0 a", ""},
		{"eval s 3 a b", ""},
		{"eval s -1 a", ""},
		{"eval s foo a", ""},
		{"eval s 9223372036854775807 a", ""},
		{"eval s 99999999999999999999 a", ""},
		{"eval s", ""},
		{"zunionstore d 2 a b", "d=OW+update a=RO+access b=RO+access"},
		{"zunionstore d 3 a b", "d=OW+update error"},
		{"zunionstore d 0 a b", "d=OW+update error"},
		{"zunionstore d -1 a b", "d=OW+update error"},
		{"zunionstore d 01 a b", "d=OW+update error"},
		{"zunionstore d 9223372036854775807 a b", "d=OW+update error"},
		{"zunionstore d 2147483647 a b", "d=OW+update error"},
		{"xread streams a b 0 0", "a=RO+access b=RO+access"},
		{"xread streams a b 0", "a=RO+access"},
		{"xread count 1 STREAMS a 0", "a=RO+access"},
		{"xread a b c", "error"},
		{"xread a b streams", "error"},
		{"xread a streams b", "error"},
		{"georadius k 1 2 3 m", "k=RO+access"},
		{"georadius k 1 2 3 m store d", "k=RO+access d=OW+update"},
		{"georadius k 1 2 3 m store d storedist e", "k=RO+access d=OW+update e=OW+update"},
		{"georadius k 1 2 3 m store", "k=RO+access"},
		{"sort k by x store d", "k=RO+access d=OW+update"},
		{"sort k", "k=RO+access"},
		{"migrate h 1 k 0 1", "k=RW+access+delete"},
		{"migrate h 1 \"\" 0 1 keys a b", "=RW+access+delete a=RW+access+delete+incomplete b=RW+access+delete+incomplete"},
		{"spublish c m", ""},
		{"object freq k", "k=RO"},
	}
	for _, tt := range tests {
		args := line(tt.line)
		c, err := table.Find(args)
		if err != nil {
			t.Fatal(err)
		}
		if got := showKeys(c, args); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.line, got, tt.want)
		}
	}
}

func showKeys(c *Command, args [][]byte) string {
	refs, err := c.KeyRefs(args, nil)
	var out []string
	for _, r := range refs {
		out = append(out, string(args[r.Pos])+"="+strings.Join(r.Flags.Names(), "+"))
	}
	if err != nil {
		out = append(out, "error")
	}
	return strings.Join(out, " ")
}

func TestOneKeyAndLegacyRange(t *testing.T) {
	table := newTable(t, keySpecs()...)
	tests := map[string][4]int{ // OneKey, first, last, step
		"get": {1, 1, 1, 1}, "set": {1, 1, 1, 1}, "mget": {0, 1, -1, 1}, "mset": {0, 1, -1, 2},
		"blpop": {0, 1, -2, 1}, "lcs": {0, 1, 2, 1}, "rename": {0, 1, 2, 1}, "bitop": {0, 2, -1, 1},
		"eval": {}, "zunionstore": {0, 1, 1, 1}, "xread": {}, "georadius": {0, 1, 1, 1}, "sort": {0, 1, 1, 1},
		"migrate": {0, 3, 3, 1}, "spublish": {0, 1, 1, 1}, "ping": {}, "object|freq": {2, 2, 2, 1},
	}
	movable := map[string]bool{"eval": true, "zunionstore": true, "xread": true, "georadius": true, "sort": true, "migrate": true}
	for name, want := range tests {
		c := table.LookupFull([]byte(name))
		first, last, step := c.FirstLastStep()
		if got := [4]int{c.OneKey(), first, last, step}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if got := c.Flags.Has(MovableKeys); got != movable[name] {
			t.Errorf("%s: movable keys %v", name, got)
		}
	}
}

func TestKeyRefsAllocations(t *testing.T) {
	table := newTable(t, keySpecs()...)
	var space [8]KeyRef
	for _, text := range []string{"GET k", "SET k v NX GET", "MGET a b c", "EVAL s 2 a b", "XREAD COUNT 1 STREAMS a 0", "SORT k STORE d"} {
		args := line(text)
		if n := testing.AllocsPerRun(100, func() {
			c := table.Lookup(args[0])
			if refs, _ := c.KeyRefs(args, space[:0]); len(refs) == 0 {
				t.Fatal("no keys")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func FuzzKeyRefs(f *testing.F) {
	for _, seed := range []string{
		"eval s 2 a b", "zunionstore d 9 a", "xread streams a b c", "migrate h 1 x 0 1 keys",
		"georadius k 1 2 3 m store d", "sort k store", "blpop a 0", "mset a b c", "object freq k",
	} {
		f.Add(seed)
	}
	table := newTable(f, keySpecs()...)
	f.Fuzz(func(t *testing.T, text string) {
		args := line(text)
		if len(args) == 0 {
			return
		}
		c, err := table.Find(args)
		if err != nil || !c.AcceptsWords(len(args)) {
			return
		}
		refs, _ := c.KeyRefs(args, nil)
		for _, r := range refs {
			if r.Pos < 1 || r.Pos >= len(args) {
				t.Fatalf("%q: %v", args, refs)
			}
		}
	})
}
