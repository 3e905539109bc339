package resp_test

import (
	"fmt"
	"strings"
	"testing"

	"kvd/internal/testkit"
)

// TestDigestOfEveryType: the same data has the same digest after every way of
// loading it again, and other data another one.
func TestDigestOfEveryType(t *testing.T) {
	s := testkit.Start(t, testkit.Config{Persist: true})
	c := s.Client()
	for _, n := range []int{3, 400} { // packed, and as structures of their own
		for i := range n {
			element := fmt.Sprint(strings.Repeat("x", i%20), i)
			c.Do("rpush", fmt.Sprint("list", n), element)
			c.Do("sadd", fmt.Sprint("set", n), element)
			c.Do("sadd", fmt.Sprint("ints", n), fmt.Sprint(i*i))
			c.Do("zadd", fmt.Sprint("zset", n), fmt.Sprint(float64(i)/3), element)
			c.Do("hset", fmt.Sprint("hash", n), element, fmt.Sprint(i))
			c.Do("xadd", fmt.Sprint("stream", n), "*", element, "v")
		}
		c.Do("hpexpire", fmt.Sprint("hash", n), "1000000", "fields", "1", "x1")
	}
	c.Do("expire", "set400", "1000")
	digest := c.Do("debug", "digest").Text
	same := func(how string) {
		t.Helper()
		if got := s.Client().Do("debug", "digest").Text; got != digest {
			t.Errorf("%s: the digest is %s, it was %s", how, got, digest)
		}
	}
	c.Do("debug", "reload").OK()
	same("DEBUG RELOAD")
	s.Crash()
	same("a crash")
	s.Client().Do("save").OK()
	s.Restart()
	same("a restart")

	c = s.Client()
	for _, change := range []string{
		"lset list400 200 y", "srem set400 x1", "sadd ints3 1000", "zincrby zset400 0.001 x1", "hset hash3 x1 other",
		"hpersist hash400 fields 1 x1", "xadd stream3 * f v", "persist set400", "rename list3 other",
	} {
		c.Do(strings.Fields(change)...)
		now := c.Do("debug", "digest").Text
		if now == digest {
			t.Errorf("%s does not change the digest", change)
		}
		digest = now
	}
}
