package glob_test

import (
	"context"
	"maps"
	"testing"

	"github.com/redis/go-redis/v9"

	"kvd/internal/glob"
	"kvd/internal/oracle"
)

// realServer starts a redis-server and connects to it.
func realServer(t *testing.T) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: oracle.Start(t)})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// TestAgainstRedis asks KEYS of a real server for many patterns on one key set.
func TestAgainstRedis(t *testing.T) {
	client := realServer(t)
	ctx := context.Background()
	keys := []string{
		"", "a", "b", "c", "A", "ab", "abc", "acd", "aéc", "a\xe9c", "a\xffc", "axc", "abcbc", "aXbXc", "hello", "hallo", "hillo",
		"hllo", "hbllo", "h[ae]llo", "[", "]", "[a", "[a]", "a[b]c", `\`, `a\`, `\*`, "*", "**", "?", "^", "-", "!", "é", "日本", "user:1",
		"user:2:name", "\x00", "\xff", "a]", `\]`, "_", "z",
	}
	patterns := []string{
		"*", "**", "***", "?", "??", "???", "a*", "*c", "a*c", "a**c", "*b*", "*b*c", "a?c", "a??c", "h?llo", "h[ae]llo", "h[^e]llo",
		"h[a-b]llo", "h[b-a]llo", "*[bc]", "a[^b]*", "[!a]", "[a", "[a-", "[a-]", "[a-c", "[^]", "[^", "[^a", "[", "[]", "[]a]",
		`[\]]`, `[\a]`, `[\*]`, `[\`, `[a-\]]`, `[\a-z]`, `[a\-z]`, "a[b]c", `\`, `\\`, `\*`, `a\`, `\[*`, `*\`, "日???", "a\xe9c",
		"a[\x80-\xff]c", "user:*", "user:*:n*e", "[A-z]", "[z-A]", "*?", "?*", "*[", "[^^]", "[^-]", "", "[*]", "[?]*", "*]",
	}
	for _, key := range keys {
		if err := client.Set(ctx, key, "", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, pattern := range patterns {
		found, err := client.Keys(ctx, pattern).Result()
		if err != nil {
			t.Fatal(err)
		}
		want, got := map[string]bool{}, map[string]bool{}
		for _, key := range found {
			want[key] = true
		}
		for _, key := range keys {
			if glob.Match([]byte(pattern), []byte(key)) {
				got[key] = true
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%q: ours %v, of Redis %v", pattern, got, want)
		}
	}
}
