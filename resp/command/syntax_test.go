package command

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// show prints arguments so that a test can compare them: name:type, TOKEN=
// before it, ? optional, * multiple, + multiple token, #n key spec, @since.
func show(args []Argument) string {
	var out []string
	for i := range args {
		a := &args[i]
		s := a.Name + ":" + string(a.Type)
		if a.Token != "" || a.Type == TypePureToken {
			s = a.Token + "=" + s
		}
		for _, mark := range []struct {
			set  bool
			text string
		}{{a.Optional, "?"}, {a.Multiple, "*"}, {a.MultipleToken, "+"}, {a.Since != "", "@" + a.Since}} {
			if mark.set {
				s += mark.text
			}
		}
		if a.KeySpec >= 0 {
			s += "#" + string(rune('0'+a.KeySpec))
		}
		if len(a.Args) > 0 {
			s += "(" + show(a.Args) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestParseSyntax(t *testing.T) {
	tests := []struct {
		syntax, want string
		arity        int // of the arguments alone; negative: at least -arity-1
	}{
		{"", "", 0},
		{"key", "key:key#0", 1},
		{"key value", "key:key#0 value:string", 2},
		{"key [NX|XX]", "key:key#0 nx_xx:oneof?(NX=nx:pure-token XX=xx:pure-token)", -2},
		{"[GET]", "GET=get:pure-token?", -1},
		{
			"[EX seconds | PX milliseconds]{expiration}",
			"expiration:oneof?(EX=seconds:integer PX=milliseconds:integer)", -1,
		},
		{"key [key ...]", "key:key*#0", -2},
		{"[pattern ...]", "pattern:pattern?*", -1},
		{"score member [score member ...]", "score_member:block*(score:double member:string)", -3},
		{"[LIMIT offset count]", "LIMIT=offset_count:block?(offset:integer count:integer)", -1},
		{"[GET pattern [GET pattern ...]]", "GET=pattern:pattern?*+", -1},
		{"[WEIGHTS weight [weight ...]]", "WEIGHTS=weight:integer?*", -1},
		{"(STREAMS key [key ...] id [id ...])", "STREAMS=key_id:block(key:key*#0 id:string*)", -4},
		{
			"<MAXLEN | MINID> [= | ~] threshold",
			"maxlen_minid:oneof(MAXLEN=maxlen:pure-token MINID=minid:pure-token) " +
				"=_~:oneof?(===:pure-token ~=~:pure-token) threshold:string", -3,
		},
		{"<* | id>", "*_id:oneof(*=*:pure-token id:string)", 1},
		{
			"<FROMMEMBER member | FROMLONLAT longitude latitude>",
			"member_longitude_latitude:oneof(FROMMEMBER=member:string " +
				"FROMLONLAT=longitude_latitude:block(longitude:double latitude:double))", -3,
		},
		{
			"[FILTERBY <MODULE name | ACLCAT category>{filterby}]",
			"FILTERBY=filterby:oneof?(MODULE=name:string ACLCAT=category:string)", -1,
		},
		{"LIBRARYNAME name", "LIBRARYNAME=name:string", 2},
		{`<key | "">`, "key_:oneof(key:key#0 =:pure-token)", 1},
		{"start{integer} stop{integer,@6.0.0}", "start:integer stop:integer@6.0.0", 2},
		{"key [BY pattern{#1}]", "key:key#0 BY=pattern:pattern?#1", -2},
		{"destination numkeys key [key ...]", "destination:key#0 numkeys:integer key:key*#1", -4},
		{"score member [score member ...]{data}", "data:block*(score:double member:string)", -3},
		{"[A B x]", "A=x:block?(B=x:string)", -1},
		{"[COUNT count [ANY]]{count}", "count:block?(COUNT=count:integer ANY=any:pure-token?)", -1},
		{"ON OFF", "ON=on:pure-token OFF=off:pure-token", 2},
	}
	for _, tt := range tests {
		args, err := parseSyntax(tt.syntax)
		if err != nil {
			t.Errorf("%q: %v", tt.syntax, err)
			continue
		}
		numberKeys(args, 2)
		if got := show(args); got != tt.want {
			t.Errorf("%q:\n got %s\nwant %s", tt.syntax, got, tt.want)
		}
		least, open := words(args)
		if open {
			least = -least - 1
		}
		if least != tt.arity {
			t.Errorf("%q: arity %d, want %d", tt.syntax, least, tt.arity)
		}
	}
}

func TestParseSyntaxErrors(t *testing.T) {
	for _, syntax := range []string{"[key", "key]", "<a", "(a", "a | b", "key ...", "[a|b ...]", "[]", "<a|>", `"a`, "a{x", "a{}", "a{#x}", "{x}", "[a ... ...]", "..."} {
		if args, err := parseSyntax(syntax); err == nil {
			t.Errorf("%q is accepted: %s", syntax, show(args))
		}
	}
}

func TestUsage(t *testing.T) {
	table := newTable(t, keySpecs()...)
	for name, want := range map[string]string{
		"set": "SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | " +
			"EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
		"xread":       "XREAD STREAMS key [key ...] id [id ...]",
		"object|freq": "OBJECT FREQ key",
		"ping":        "PING",
	} {
		if got := table.LookupFull([]byte(name)).Usage(); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestExample(t *testing.T) {
	table := newTable(t, keySpecs()...)
	rnd := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for _, c := range table.All() {
		if c.Handler == nil {
			continue
		}
		for range 200 {
			args := c.Example(rnd)
			found, err := table.Find(args)
			if err != nil || found != c || !c.AcceptsWords(len(args)) {
				t.Fatalf("%s: %q is not a line of it", c.FullName, args)
			}
			if _, err := c.KeyRefs(args, nil); err != nil && c.HasKeys() {
				t.Fatalf("%q: %v", args, err)
			}
			seen[string(args[len(args)-1])] = true
		}
	}
	if len(seen) < 20 {
		t.Errorf("the examples end in only %d different words", len(seen))
	}
}

func FuzzParseSyntax(f *testing.F) {
	for _, s := range keySpecs() {
		f.Add(s.Syntax)
	}
	f.Fuzz(func(t *testing.T, syntax string) {
		args, err := parseSyntax(syntax)
		if err != nil {
			return
		}
		least, _ := words(args)
		c := &Command{FullName: "x", args: args}
		if n := len(c.Example(rand.New(rand.NewPCG(1, 2)))); n < least+1 {
			t.Fatalf("%q: %d words, want %d", syntax, n, least+1)
		}
	})
}
