package acl_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redis/go-redis/v9"

	"kvd/internal/app"
	"kvd/internal/oracle"
	"kvd/internal/testkit"
	"kvd/resp/command"
)

// differs are commands of which redis-server 7.0.15 says something else, with the
// reason.
var differs = map[string]string{
	"pfmerge":           "without a source, the real one looks at no key at all",
	"georadius":         "of two destinations we check the one that is written, the real one both",
	"georadiusbymember": "of two destinations we check the one that is written, the real one both",
	"set":               "options that are newer change what is done with the key",
	"zrank":             "WITHSCORE is newer",
	"zrevrank":          "WITHSCORE is newer",
}

// TestDryRunAgainstRedis asks a real server and ours, for lines of every command,
// whether users may run them: it compares commands, categories, keys and what is
// done with them, and channels.
func TestDryRunAgainstRedis(t *testing.T) {
	ctx := context.Background()
	real := redis.NewClient(&redis.Options{Network: "unix", Addr: oracle.Start(t), Protocol: 2})
	ours := redis.NewClient(&redis.Options{Addr: testkit.Start(t, testkit.Config{}).Addr(), Protocol: 2})
	for _, c := range []*redis.Client{real, ours} {
		t.Cleanup(func() { _ = c.Close() })
		for user, rules := range map[string][]any{
			"keys":       {"+@all", "%R~k0", "%R~k1", "%W~k2", "~k3", "~k4", "&a", "&1*", "&h?llo"},
			"categories": {"~*", "&*", "+@read", "+@connection", "-@fast", "+@list", "-lpush", "+config|get", "+client", "-client|kill"},
			"selectors":  {"+@read", "%R~k*", "(+@write %W~k1 %RW~k2)", "(+@pubsub &a)", "(+@all ~k3 ~k4)"},
		} {
			if err := c.Do(ctx, append([]any{"ACL", "SETUSER", user}, rules...)...).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	table, err := command.NewTable(app.Families()...)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, cmd := range table.All() {
		if cmd.Handler == nil || differs[cmd.FullName] != "" {
			continue
		}
		for range 12 {
			line := cmd.Example(rnd)
			for _, user := range []string{"keys", "categories", "selectors"} {
				args := []any{"ACL", "DRYRUN", user}
				for _, word := range line {
					args = append(args, string(word))
				}
				want := answer(real.Do(ctx, args...))
				if want == fmt.Sprintf("ERR Command '%s' not found", line[0]) {
					continue // it is newer, or our own
				}
				if got := answer(ours.Do(ctx, args...)); got != want {
					t.Errorf("%s: %q\nours: %s\nreal: %s", user, line, got, want)
				}
			}
		}
	}
}

func answer(cmd *redis.Cmd) string {
	text, err := cmd.Text()
	if err != nil {
		return err.Error()
	}
	return text
}
