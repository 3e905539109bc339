package diff

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// rule reports whether two replies to the same line are as good as the same.
type rule func(ours, theirs value) bool

// clockSlack is how far apart the clocks of the servers may seem, in
// milliseconds.
const clockSlack = 30_000

// rules are the commands whose replies may differ, and how.
var rules = map[string]rule{
	"ttl": near(clockSlack / 1000), "pttl": near(clockSlack), "expiretime": near(clockSlack / 1000), "pexpiretime": near(clockSlack),
	"hello": sameKind, "randomkey": sameKind, "keys": unordered, "scan": scanned(1), "sscan": scanned(1), "zscan": scanned(2), "hscan": scanned(2),
	"smembers": unordered, "sunion": unordered, "sdiff": unordered, "sinter": unordered, "hkeys": unordered, "hvals": unordered, "hgetall": pairs,
	"srandmember": drawn, "hrandfield": drawn, "zrandmember": drawn, "spop": drawn,
	"xpending": idle, "xinfo": idle, "dump": sameKind, "object": encoding,
	"get": sketch,
}

// ruleFor returns the rule of a line.
func ruleFor(l line) rule {
	name := strings.ToLower(l[0])
	if r := rules[name]; r != nil {
		return r
	}
	if slices.Contains(l, "far") {
		return about // distances, of which sines and cosines are part
	}
	if strings.HasPrefix(strings.TrimPrefix(name, "b"), "z") || strings.HasPrefix(name, "geo") {
		return sameNumbers // redis-server 7.0 writes 17 digits of a score, later ones as few as do
	}
	return exactly
}

func exactly(ours, theirs value) bool { return equal(ours, theirs) }

// about allows numbers to differ in the last of their digits.
func about(ours, theirs value) bool {
	return sameBut(ours, theirs, func(x, y float64) bool { return math.Abs(x-y) <= 1e-12*math.Abs(x) })
}

// sameNumbers allows numbers to be spelt in two ways.
func sameNumbers(ours, theirs value) bool {
	return sameBut(ours, theirs, func(x, y float64) bool { return x == y })
}

// sameBut is equal but for numbers, of which same tells.
func sameBut(a, b value, same func(x, y float64) bool) bool {
	if a.text != b.text {
		x, errX := strconv.ParseFloat(a.text, 64)
		y, errY := strconv.ParseFloat(b.text, 64)
		if errX != nil || errY != nil || !same(x, y) {
			return false
		}
	}
	return a.kind == b.kind && slices.EqualFunc(a.items, b.items, func(a, b value) bool { return sameBut(a, b, same) })
}

// sameKind takes all replies of a kind for the same, but for errors and nulls.
func sameKind(ours, theirs value) bool {
	if theirs.kind == '-' || theirs.kind == null {
		return equal(ours, theirs)
	}
	return ours.kind == theirs.kind
}

// sketch allows a HyperLogLog of ours to have forgotten its cardinality, which
// PFCOUNT notes in the value but not on disk. The first letter may be another one
// since, by SETRANGE.
func sketch(ours, theirs value) bool {
	const from, to = 8, 16 // where it is; the highest bit says that it is not known
	a, b := ours.text, theirs.text
	if len(a) == len(b) && len(a) >= to && a[1:4] == "YLL" && a[to-1]&0x80 != 0 {
		ours.text = a[:from] + b[from:to] + a[to:]
	}
	return equal(ours, theirs)
}

// encoding takes a number that came from INCRBYFLOAT for what it is: redis-server
// finds that out only when it loads its data again.
func encoding(ours, theirs value) bool {
	return equal(ours, theirs) || ours.text == "int" && theirs.text == "embstr"
}

// drawn is for members drawn by chance: as many, and all of them if they are the
// same ones in another order.
func drawn(ours, theirs value) bool {
	return sameKind(ours, theirs) && len(ours.items) == len(theirs.items)
}

// near allows positive integers to differ by slack.
func near(slack int64) rule {
	return func(ours, theirs value) bool {
		a, errA := strconv.ParseInt(ours.text, 10, 64)
		b, errB := strconv.ParseInt(theirs.text, 10, 64)
		if ours.kind != ':' || theirs.kind != ':' || errA != nil || errB != nil || a <= 0 || b <= 0 {
			return equal(ours, theirs)
		}
		return max(a-b, b-a) <= slack
	}
}

// sorted returns the items in groups of n, in an order of their own.
func sorted(v value, n int) value {
	if len(v.items)%n != 0 {
		return v
	}
	groups := make([]value, 0, len(v.items)/n)
	for i := 0; i < len(v.items); i += n {
		groups = append(groups, value{items: v.items[i : i+n]})
	}
	slices.SortFunc(groups, value.compare)
	v.items = groups
	return v
}

func unordered(ours, theirs value) bool { return equal(sorted(ours, 1), sorted(theirs, 1)) }

func pairs(ours, theirs value) bool { return equal(sorted(ours, 2), sorted(theirs, 2)) }

// scanned is for a cursor and items in groups of n.
func scanned(n int) rule {
	return func(ours, theirs value) bool {
		if len(ours.items) != 2 || len(theirs.items) != 2 {
			return equal(ours, theirs)
		}
		return equal(ours.items[0], theirs.items[0]) && sameNumbers(sorted(ours.items[1], n), sorted(theirs.items[1], n))
	}
}

// idle is for replies about consumers, in which some numbers are times.
func idle(ours, theirs value) bool { return equal(timeless(ours), timeless(theirs)) }

// timed are the fields of XINFO whose values pass by themselves, or are about how
// a server keeps its data.
var timed = []string{"idle", "inactive", "seen-time", "active-time", "radix-tree-keys", "radix-tree-nodes"}

// timeless replaces times in a reply: those in milliseconds since 1970, what
// follows the name of a field that is one, and the third item of four that begin
// with an ID and a consumer.
func timeless(v value) value {
	const year2001 = 1_000_000_000_000
	if n, err := strconv.ParseInt(v.text, 10, 64); v.kind == ':' && err == nil && n > year2001 && n < 10*year2001 {
		v.text = "time"
	}
	items := slices.Clone(v.items)
	for i := range items {
		items[i] = timeless(items[i])
		if i > 0 && items[i].kind == ':' && slices.Contains(timed, items[i-1].text) {
			items[i].text = "time"
		}
	}
	if len(items) == 4 && items[0].kind == '$' && items[1].kind == '$' && items[2].kind == ':' && items[3].kind == ':' {
		items[2].text = "time"
	}
	v.items = items
	return v
}
