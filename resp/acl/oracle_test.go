package acl_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"kvd/internal/oracle"
	"kvd/resp/acl"
)

// TestAgainstRedis gives the same random rules to a real server and to ours, and
// compares what both make of them.
func TestAgainstRedis(t *testing.T) {
	ctx := context.Background()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: oracle.Start(t), Protocol: 2})
	t.Cleanup(func() { _ = client.Close() })
	cat := theirCatalog(t, client)
	ours := acl.NewUsers(cat)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 1000 {
		rules := randomRules(random)
		args := []any{"ACL", "SETUSER", "u"}
		for _, rule := range rules {
			args = append(args, rule)
		}
		if round%8 == 0 {
			client.Do(ctx, "ACL", "DELUSER", "u")
			ours.Delete("u")
		}
		got, want := change(ours, rules), "OK"
		if err := client.Do(ctx, args...).Err(); err != nil {
			want = err.Error()
		}
		if got != want {
			t.Fatalf("%q\nours: %s\nreal: %s", rules, got, want)
		}
		if ours.Get("u") == nil {
			continue
		}
		lines, err := client.Do(ctx, "ACL", "LIST").StringSlice()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := sorted(ours.Get("u").User().String()), sorted(lines[1]); got != want {
			t.Fatalf("%q\nours: %s\nreal: %s", rules, got, want)
		}
	}
}

// change is ACL SETUSER, with its reply.
func change(users *acl.Users, words []string) string {
	rules, err := acl.JoinSelectors(words)
	if err == nil {
		_, _, err = users.Change("u", rules, acl.NoChannels)
	}
	refused := (*acl.RuleError)(nil)
	switch {
	case errors.As(err, &refused):
		return "ERR Error in ACL SETUSER modifier '" + refused.Rule + "': " + refused.Reason.Error()
	case err != nil:
		return "ERR " + err.Error()
	}
	return "OK"
}

// sorted puts the rules on single commands, which redis-server has in no order
// of its own, in order; each selector by itself.
func sorted(line string) string {
	words := strings.Fields(strings.NewReplacer("(", "( ", ")", " )").Replace(line))
	from := 0
	for i := range words {
		if !strings.HasPrefix(words[i], "+") && !strings.HasPrefix(words[i], "-") || strings.Contains(words[i], "@") {
			slices.Sort(words[from:i])
			from = i + 1
		}
	}
	slices.Sort(words[from:])
	return strings.Join(words, " ")
}

// theirCatalog is the commands of a real server.
func theirCatalog(t *testing.T, client *redis.Client) *acl.Catalog {
	t.Helper()
	reply, err := client.Do(context.Background(), "COMMAND").Slice()
	if err != nil {
		t.Fatal(err)
	}
	names, err := client.Do(context.Background(), "ACL", "CAT").StringSlice()
	if err != nil {
		t.Fatal(err)
	}
	var commands []acl.Command
	var add func(entry any)
	add = func(entry any) {
		fields := entry.([]any)
		c := acl.Command{Name: fields[0].(string)}
		for _, name := range fields[6].([]any) {
			c.Categories |= 1 << slices.Index(names, strings.TrimPrefix(name.(string), "@"))
		}
		commands = append(commands, c)
		for _, sub := range fields[9].([]any) {
			add(sub)
		}
	}
	for _, entry := range reply {
		add(entry)
	}
	return acl.NewCatalog(commands, names)
}

// vocabulary is rules of every kind, right ones and wrong ones.
var vocabulary = []string{
	"on", "off", "ON", "nopass", "resetpass", ">a", ">b", "<a", "#" + strings.Repeat("ab", 32), "!" + strings.Repeat("ab", 32),
	"#" + strings.Repeat("AB", 32), "#ab", "reset", "sanitize-payload", "skip-sanitize-payload", "clearselectors", "",
	"~*", "allkeys", "resetkeys", "resetkeys", "~a", "~b*", "%R~a", "%W~b*", "%rw~c", "%RR~d", "%~d", "%R", "%", "%X~d", "%RW~*", "~a b",
	"&*", "allchannels", "resetchannels", "resetchannels", "&x", "&y*", "&a b",
	"+@all", "-@all", "allcommands", "nocommands", "+@read", "-@read", "+@write", "-@write", "+@string", "-@string", "+@hash",
	"-@dangerous", "-@admin", "+@Fast", "-@slow", "+@slow", "-@pubsub", "+@connection", "-@scripting", "+@nosuch", "-@",
	"+get", "-get", "+GET", "+set", "-set", "+del", "-del", "+config", "-config", "+config|get", "-config|get", "+config|set",
	"-CONFIG|SET", "+config|nosuch", "+config|", "-config|", "+config|get|x", "+get|a", "+get|A", "+get|b", "-get|a", "+get|", "+get|a|b",
	"+select|0", "+nosuch", "-nosuch", "+nosuch|x", "+", "-", "+acl|whoami", "-client|kill", "+client", "+object|freq", "+@sortedset",
	"(~x +get)", "(%R~x &c +@read -get)", "()", "(on)", "(~x", "x)", "(~* ~y)", "(+config|get -@all +set)", "nonsense", "~", "&",
}

func randomRules(random *rand.Rand) []string {
	rules := make([]string, 1+random.IntN(6))
	for i := range rules {
		rules[i] = vocabulary[random.IntN(len(vocabulary))]
	}
	return rules
}
