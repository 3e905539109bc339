package hostile

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Patterns that make a matcher which goes back at each star run for ever.
func TestPatterns(t *testing.T) {
	const keys, length = 20, 100 << 10
	s := fortress(t)
	c, other := member(t, s), member(t, s)
	for i := range keys {
		c.Want(t, "OK", "SET", strings.Repeat("a", length+i), "v")
	}
	c.Want(t, "OK", "SET", "aaab", "v")
	patterns := []string{
		strings.Repeat("a*", 30) + "b*c*", strings.Repeat("a*", 30) + "b", strings.Repeat("*a", 1000) + "?b",
		strings.Repeat("?", length) + "*b", strings.Repeat("[a-c]*", 40) + "d",
		strings.Repeat("*", 100) + "b*c", "[" + strings.Repeat("a", 1000), strings.Repeat(`\a*`, 100) + "b*c",
	}
	for _, p := range patterns {
		for _, args := range [][]string{
			{"KEYS", p},
			{"SCAN", "0", "MATCH", p, "COUNT", fmt.Sprint(10 * keys)},
			{"CONFIG", "GET", p},
		} {
			start := time.Now()
			if err := c.Send(args...); err != nil {
				t.Fatal(err)
			}
			served(t, other)
			if v, err := c.Receive(); err != nil || v.IsError() && !strings.Contains(v.Text, "pattern") {
				t.Errorf("%s %.40q: %.100s, %v", args[0], p, v, err)
			}
			if took := time.Since(start); took > 50*time.Millisecond*keys+answerWithin {
				t.Errorf("%s %.40q took %v", args[0], p, took)
			}
		}
	}
	c.Want(t, `["aaab"]`, "KEYS", "a*a*a*b")
}
