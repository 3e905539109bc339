package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// file writes a configuration file and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadFileAndOptions(t *testing.T) {
	inner := file(t, "inner.conf", "timeout 7\nport 7003\n")
	path := file(t, "kvd.conf", strings.Join([]string{
		"# a comment",
		"",
		"port 7001",
		"include " + inner,
		"include /nonexistent/*.conf",
		"MaxMemory 1mb",
		`requirepass "a b\x41\n"`,
		"maxmemory 2mb",
		"save 10 1",
		"save 20 2",
		"bind 10.0.0.1 ::1",
		"client-output-buffer-limit pubsub 1 2 3",
		"user alice on >secret ~*",
		"user bob off",
		`rename-command CONFIG ""`,
		"hash-max-ziplist-entries 9",
		"list-max-ziplist-entries 1 2 3",
		"\tslaveof no one\r",
	}, "\n"))

	c, err := Load([]string{path, "--port", "7005", "--save", "30", "3", "--unixsocket=/run/s", "--list-max-listpack-size", "-3"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, got, want any }{
		{"command line", c.Port, 7005},
		{"equals sign", c.UnixSocket, "/run/s"},
		{"negative value", c.ListMaxListpackSize, -3},
		{"include", c.Timeout.Seconds(), 7.0},
		{"later line", c.MaxMemory, int64(2 << 20)},
		{"quotes", c.RequirePass, "a bA\n"},
		{"save adds up", formatSavePoints(c.Save), "10 1 20 2 30 3"},
		{"several words", c.Bind, []string{"10.0.0.1", "::1"}},
		{"one class", c.ClientOutputBufferLimit.PubSub.Hard, int64(1)},
		{"users", c.Users, [][]string{{"alice", "on", ">secret", "~*"}, {"bob", "off"}}},
		{"renamed", c.RenamedCommands, map[string]string{"config": ""}},
		{"old name", c.HashMaxListpackEntries, int64(9)},
		{"file", c.File, path},
	} {
		if !reflect.DeepEqual(tc.got, tc.want) {
			t.Errorf("%s: %#v, want %#v", tc.name, tc.got, tc.want)
		}
	}
}

func TestEmptySaveClears(t *testing.T) {
	for _, args := range [][]string{{"--save", ""}, {"--save", "10 1", "--save", ""}, {"--save="}} {
		if c, err := Load(args); err != nil || len(c.Save) != 0 {
			t.Errorf("%q: %v, %v", args, c, err)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	for _, tc := range []struct {
		text string
		args []string
		want []string
	}{
		{text: "port 1\n\nappendfsnc no", want: []string{"kvd.conf:3:", `"appendfsnc"`, `did you mean "appendfsync"?`}},
		{text: "port 99999", want: []string{"kvd.conf:1:", "port", `"99999"`, "between 0 and 65535"}},
		{text: "port 1 2", want: []string{"kvd.conf:1:", "wrong number of arguments"}},
		{text: "port", want: []string{"kvd.conf:1:", "wrong number of arguments"}},
		{text: `logfile "x`, want: []string{"kvd.conf:1:", "unbalanced quotes"}},
		{text: `logfile "x"y`, want: []string{"kvd.conf:1:", "unbalanced quotes"}},
		{text: "include /nonexistent.conf", want: []string{"kvd.conf:1:", "/nonexistent.conf"}},
		{text: "include [", want: []string{"kvd.conf:1:", "pattern"}},
		{text: "loadmodule m.so", want: []string{"kvd.conf:1:", "can't load modules"}},
		{text: "qqqqqqqqqqqqqqq 1", want: []string{`unknown option "qqqqqqqqqqqqqqq"`}},
		{args: []string{"--appendfsnc", "no"}, want: []string{`did you mean "--appendfsync"?`}},
		{args: []string{"--port"}, want: []string{"--port", "missing"}},
		{args: []string{"--port", "--timeout", "1"}, want: []string{"--port", "missing"}},
		{args: []string{"--port", "x"}, want: []string{"--port", `"x"`, "integer"}},
		{args: []string{"-p", "1"}, want: []string{`"-p"`, "begin with --"}},
		{args: []string{"--"}, want: []string{`"--"`}},
		{args: []string{"/nonexistent.conf"}, want: []string{"/nonexistent.conf"}},
	} {
		args := tc.args
		if tc.text != "" {
			args = []string{file(t, "kvd.conf", tc.text)}
		}
		_, err := Load(args)
		if err == nil {
			t.Errorf("%q %q: no error", tc.text, tc.args)
			continue
		}
		for _, part := range tc.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q %q: %q has not %q", tc.text, tc.args, err, part)
			}
		}
	}
}

func TestIncludeCycle(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	for path, text := range map[string]string{a: "include " + b, b: "include " + a} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load([]string{a}); err == nil || !strings.Contains(err.Error(), "includes itself") {
		t.Error(err)
	}
}

// TestIncludeBomb builds files of which each includes the next one ten times.
func TestIncludeBomb(t *testing.T) {
	dir := t.TempDir()
	for i := range 6 {
		name := filepath.Join(dir, string(rune('a'+i)))
		next := filepath.Join(dir, string(rune('b'+i)))
		text := strings.Repeat("include "+next+"\n", 10)
		if i == 5 {
			text = ""
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Load([]string{filepath.Join(dir, "a")}); err == nil || !strings.Contains(err.Error(), "files are included") {
		t.Error(err)
	}
}

func TestSplitLine(t *testing.T) {
	for line, want := range map[string][]string{
		`a  b	c`:           {"a", "b", "c"},
		`"a b" 'c d'`:      {"a b", "c d"},
		`"\n\r\t\a\b\x4a"`: {"\n\r\t\a\bJ"},
		`"\q\"\xZZ"`:       {`q"xZZ`},
		`'\'\n'`:           {`'\n`},
		`x"y z"`:           {"xy z"},
		`""`:               {""},
		``:                 nil,
	} {
		got, err := splitLine(line)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for _, line := range []string{`"`, `'a`, `"a"b`, `"\`, `"\"`} {
		if got, err := splitLine(line); err == nil {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestQuoteWordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "words")
		var quoted []string
		for _, w := range words {
			quoted = append(quoted, quoteWord(w))
		}
		got, err := splitLine(strings.Join(quoted, " "))
		if err != nil || !slices.Equal(got, words) {
			t.Fatalf("%q became %q, %v", words, got, err)
		}
	})
}

func TestDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"port", "prot", 2}, {"same", "same", 0}} {
		if got := distance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q: %d", tc.a, tc.b, got)
		}
	}
}

func FuzzLines(f *testing.F) {
	for _, seed := range []string{
		"port 1", `requirepass "\x41`, "save 1 2\nsave ''", "client-output-buffer-limit normal 1 2 3", "user a on\nrename-command A b",
		"bind * -::*\n# c\n\nnosuch", "notify-keyspace-events KEA", "latency-tracking-info-percentiles 1e3", "oom-score-adj-values 1 2 3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "include") {
			return // would read files
		}
		l := newLoader()
		if l.lines("fuzz", text) != nil {
			return
		}
		// What was read can be written, and reading that gives the same.
		again, err := rewritten("", l.config)
		if err != nil {
			t.Fatal(err)
		}
		second := newLoader()
		if err := second.lines("again", again); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
		if todo := differences(second.config, l.config); len(todo) != 0 {
			for p, lines := range todo {
				t.Errorf("%s: %q is lost in\n%s", p.Name, lines, again)
			}
		}
	})
}
