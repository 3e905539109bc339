package server

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kvd/internal/clock"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// ask runs a line against the table and returns the reply.
func ask(t *testing.T, table *command.Table, protocol int, words ...string) string {
	t.Helper()
	args := make([][]byte, len(words))
	for i, w := range words {
		args[i] = []byte(w)
	}
	var out reply.Writer
	out.SetProtocol(protocol)
	cmd, err := table.Find(args)
	if err == nil {
		c := &command.Ctx{Out: &out, Services: &command.Services{Table: table}}
		c.Reset(args, cmd, (&clock.System{}).Now(), nil)
		err = cmd.Handler(c)
	}
	if err != nil {
		out.Discard()
		out.Error(err)
	}
	return string(out.Since(reply.Mark{}))
}

func TestCommandAgainstOracle(t *testing.T) {
	table := sampleTable(t)
	oracle := startRedis(t)
	lines := []string{
		"command info get set mget mset zadd zunionstore blpop xread sort eval georadius georadius_ro auth exec spublish",
		"command info object|freq object|help OBJECT command command|getkeys nosuch get|x object|nosuch",
		"command docs get set mget mset zadd zunionstore sort auth exec georadius_ro nosuch eval object object|freq",
		"command docs nosuch", "command docs command|count command|help object|help", "command info nosuch",
		"command getkeys get k", "command getkeys get k v", "command getkeys nosuch k", "command getkeys object nosuch k",
		"command getkeys object encoding k", "command getkeys set k v get", "command getkeysandflags set k v get",
		"command getkeysandflags set k v", "command getkeysandflags mset a b c d", "command getkeys eval s 2 a b",
		"command getkeys eval s 9 a b", "command getkeys eval s x a b", "command getkeys eval s 0 a",
		"command getkeys zunionstore d 2 a b", "command getkeys zunionstore d 3 a b", "command getkeys zunionstore d 0 a",
		"command getkeys zunionstore d -1 a", "command getkeysandflags xread streams a b 0 0", "command getkeys xread a b c d",
		"command getkeys georadius k 1 2 3 m storedist d", "command getkeys spublish c m", "command getkeys exec x",
		"command getkeys blpop a b 0", "command getkeys command getkeys get", "command getkeys object freq",
		"command getkeys get", "command getkeys auth x y",
		"command list filterby pattern command|*", "command list filterby pattern GEORADIUS_r?", "command list filterby aclcat transactio",
		"command list filterby aclcat @geo", "command list filterby module m", "command list x", "command list filterby x y",
		"command list filterby pattern", "command list filterby pattern a b", "command list x pattern a",
		"command nosuch",
	}
	for _, protocol := range []int{2, 3} {
		oracle.ask("hello", strconv.Itoa(protocol))
		for _, line := range lines {
			words := strings.Fields(line)
			cmd, err := table.Find(toArgs(words))
			if err == nil && !cmd.AcceptsWords(len(words)) {
				continue // the dispatcher answers these
			}
			got := normal(t, ask(t, table, protocol, words...))
			if want := normal(t, oracle.ask(words...)); got != want {
				at := firstDifference(got, want)
				t.Errorf("RESP%d %s:\n got %.300s\nwant %.300s", protocol, line, got[at:], want[at:])
			}
		}
	}
}

// firstDifference returns a place a little before the one where a and b part.
func firstDifference(a, b string) int {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return max(0, i-60)
}

func toArgs(words []string) [][]byte {
	args := make([][]byte, len(words))
	for i, w := range words {
		args[i] = []byte(w)
	}
	return args
}

func TestCommandBare(t *testing.T) {
	table := sampleTable(t)
	n := len(table.Commands())
	if got, want := ask(t, table, 2, "command", "count"), fmt.Sprintf(":%d\r\n", n); got != want {
		t.Errorf("COMMAND COUNT: %q", got)
	}
	all := ask(t, table, 2, "command")
	if !strings.HasPrefix(all, fmt.Sprintf("*%d\r\n*10\r\n$4\r\nauth\r\n", n)) {
		t.Errorf("COMMAND: %.60q", all)
	}
	if ask(t, table, 2, "command", "info") != all {
		t.Error("COMMAND INFO without names differs from COMMAND")
	}
	if got := ask(t, table, 3, "command", "docs"); !strings.HasPrefix(got, fmt.Sprintf("%%%d\r\n$4\r\nauth\r\n%%", n)) {
		t.Errorf("COMMAND DOCS: %.60q", got)
	}
	if got := ask(t, table, 2, "command", "list"); !strings.HasPrefix(got, fmt.Sprintf("*%d\r\n", table.Len())) {
		t.Errorf("COMMAND LIST: %.60q", got)
	}
	help := ask(t, table, 2, "command", "help")
	for _, want := range []string{"+COMMAND <subcommand> ", "\r\n+(no subcommand)\r\n", "\r\n+GETKEYS command arg [arg ...]\r\n"} {
		if !strings.Contains(help, want) {
			t.Errorf("%q is missing in %q", want, help)
		}
	}
}

// normal prints a reply so that two servers' can be compared, with the kinds of
// its aggregates and strings; see arrange.
func normal(t *testing.T, raw string) string {
	t.Helper()
	r := bufio.NewReader(strings.NewReader(raw))
	s, err := readNormal(r)
	if err != nil || r.Buffered() > 0 {
		t.Fatalf("not one reply: %q: %v", raw, err)
	}
	return s
}

func readNormal(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	n, _ := strconv.Atoi(line[1:])
	switch {
	case line[0] == '$' && n >= 0:
		b := make([]byte, n+2)
		_, err := io.ReadFull(r, b)
		return strconv.Quote(string(b[:n])), err
	case strings.IndexByte("*~%", line[0]) < 0 || n < 0:
		return line, nil
	}
	if line[0] == '%' {
		n *= 2
	}
	parts := make([]string, n)
	for i := range parts {
		if parts[i], err = readNormal(r); err != nil {
			return "", err
		}
	}
	return line[:1] + "[" + strings.Join(arrange(parts), " ") + "]", nil
}

// arrange leaves out what each server words for itself, and sorts what has no
// order: lists of subcommands, and maps of them, which are lists in RESP2. The
// order of all other fields is part of what is compared.
func arrange(parts []string) []string {
	if len(parts) == 0 {
		return parts
	}
	if parts[0] == `"summary"` {
		parts[1], parts[3] = "prose", "version"
	}
	for _, name := range []string{`"history"`, `"notes"`, `"complexity"`} {
		if i := slices.Index(parts, name); i >= 0 {
			parts = slices.Delete(parts, i, i+2)
		}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(parts[0], "*["), " ")
	switch {
	case !strings.Contains(first, "|"), len(parts) > 1 && !strings.HasPrefix(parts[1], `*[`) && !strings.HasPrefix(parts[1], `%[`) && !strings.Contains(parts[1], "|"):
		return parts
	case len(parts) > 1 && strings.HasPrefix(parts[0], `"`) && !strings.HasPrefix(parts[1], `"`):
		var pairs []string
		for pair := range slices.Chunk(parts, 2) {
			pairs = append(pairs, strings.Join(pair, " "))
		}
		slices.Sort(pairs)
		return pairs
	}
	slices.Sort(parts)
	return parts
}
