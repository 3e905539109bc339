package diff

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// pick returns one of the words.
func pick(words ...string) func(*rand.Rand) string {
	return func(rnd *rand.Rand) string { return words[rnd.IntN(len(words))] }
}

// number returns a decimal number from least to greatest.
func number(least, greatest int) func(*rand.Rand) string {
	return func(rnd *rand.Rand) string { return strconv.Itoa(least + rnd.IntN(greatest-least+1)) }
}

// mixed uses the first source mostly and the second one in one of n cases.
func mixed(n int, usual, rare func(*rand.Rand) string) func(*rand.Rand) string {
	return func(rnd *rand.Rand) string {
		if rnd.IntN(n) == 0 {
			return rare(rnd)
		}
		return usual(rnd)
	}
}

// prefixed puts a text before the words of a source.
func prefixed(text string, source func(*rand.Rand) string) func(*rand.Rand) string {
	return func(rnd *rand.Rand) string { return text + source(rnd) }
}

// degrees returns a decimal fraction, mostly from least to greatest and else up
// to most on both sides of zero. There are so many that hardly two are equal: of
// places that are equally far away either may come first.
func degrees(least, greatest, most float64) func(*rand.Rand) string {
	return func(rnd *rand.Rand) string {
		f := least + rnd.Float64()*(greatest-least)
		if rnd.IntN(4) == 0 {
			f = (2*rnd.Float64() - 1) * most
		}
		return strconv.FormatFloat(f, 'f', 1+rnd.IntN(9)+5, 64)
	}
}

// wrongKeys are keys that have a value of each type from the beginning.
var wrongKeys = []string{"w:string", "w:list", "w:set", "w:hash", "w:zset", "w:stream"}

var (
	badNumber = pick("", "x", "1x", " 1", "1.5", "-0", "01", "+1", "9223372036854775807", "-9223372036854775808",
		"9223372036854775808", "18446744073709551615", "4294967296", "nan", "0x10", "1e3")
	key    = mixed(40, pick("a", "b", "c", "d", "e"), pick(wrongKeys...))
	small  = mixed(60, number(-6, 12), badNumber)
	count  = mixed(40, number(0, 6), mixed(3, number(-3, 40), badNumber))
	values = mixed(8, pick("", "a", "b", "hello", "10", "-3", "1.5", "007", "x y", "z\x00\xff\r\n", "12345678901234567890"),
		func(rnd *rand.Rand) string { return strings.Repeat("v", []int{44, 45, 64, 65, 300, 1500}[rnd.IntN(6)]) })
	few    = mixed(4, number(0, 25), number(0, 900)) // mostly few different ones, and enough for large keys
	member = mixed(12, mixed(2, prefixed("m", few), mixed(4, number(-20, 20), number(-900, 900))),
		mixed(3, values, number(-1<<40, 1<<40)))
	score = mixed(30, mixed(3, number(-5, 5), pick("1.5", "-2.25", "0.1", "3.3333333333333335", "1e100", "-1e-7", "100000000000000000000",
		"123456789", "9007199254740993", "inf", "-inf", "+inf", "-0")), badNumber)
	scoreBound = mixed(3, score, mixed(2, prefixed("(", score), pick("-inf", "+inf")))
	lexBound   = mixed(30, pick("-", "+", "[m", "(m", "[m1", "(m15", "[m3", "[5", "(z", "[", "("), badNumber)
	bit        = mixed(40, number(0, 70), mixed(3, number(0, 3000), badNumber))
	longitude  = mixed(30, degrees(12, 16, 180), mixed(2, badNumber, pick("181", "-181", "180", "-180", "1e400")))
	latitude   = mixed(30, degrees(36, 39, 85), mixed(2, badNumber, pick("86", "-90", "85.05112878", "-85")))
	oddID      = pick("x", "-", "1-x", "", "1-1-1", "0-0", "18446744073709551616-0", "-1-1")
)

// vocabulary are the words that templates use.
var vocabulary = map[string]func(*rand.Rand) string{
	"key": key, "flat": pick("l1", "l2"), "value": values, "member": member, "field": mixed(12, prefixed("f", few), values),
	"int": small, "count": count, "score": score, "range": scoreBound, "lex": lexBound,
	"float":   mixed(20, pick("0.5", "-1.25", "3", "1e3", "0.1", "5.0e-2", "-0.0"), badNumber),
	"seconds": mixed(30, number(2000, 100000), mixed(2, badNumber, pick("0", "-1"))),
	"millis":  mixed(30, number(2000000, 100000000), mixed(2, badNumber, pick("0", "-1"))),
	"unix":    mixed(30, number(5000000000, 6000000000), mixed(2, badNumber, pick("1"))),
	"unixms":  mixed(30, number(5000000000000, 6000000000000), mixed(2, badNumber, pick("1"))),
	"rank":    mixed(40, number(-3, 3), pick("x", "", "9223372036854775808")), "pattern": pick("*", "m*", "*1*", "f[0-4]", "?", "nothing", ""),
	"bit": bit, "on": mixed(40, pick("0", "1"), pick("2", "-1", "x")), "offset": mixed(40, number(-4, 30), badNumber),
	"width": mixed(40, pick("u8", "i8", "u1", "i5", "u16", "i64", "u63", "i1", "u31"), pick("u64", "i65", "u0", "x8", "u", "")),
	"place": mixed(2, bit, prefixed("#", number(0, 12))), "increment": mixed(3, number(-300, 300), mixed(4, number(-1<<40, 1<<40), badNumber)),
	"lon": longitude, "lat": latitude, "radius": mixed(20, pick("200", "1", "0", "5000", "100.5", "30000"), mixed(2, badNumber, pick("-1"))),
	"id":     mixed(30, pick("ID"), mixed(2, oddID, pick("+", "18446744073709551615-18446744073709551615"))),
	"newid":  mixed(30, pick("ID"), oddID),
	"readid": mixed(30, pick("ID"), mixed(2, oddID, pick("$"))), // later versions know +
	"after":  pick("AFTER"),
	"group":  mixed(20, pick("g1", "g2"), pick("none", "")), "consumer": pick("c1", "c2", "c3"),
	"unit": mixed(30, pick("m", "km", "mi", "ft", "KM"), pick("x", "")), "db": pick("0", "1", "2"), "element": mixed(10, prefixed("e", number(0, 400)), values),
	"sortkey": pick("a", "b", "c", "d", "e"), "by": pick("weight_*", "h_*->f1", "nosort*", "*"),
	"long":     pick(strings.Repeat("x", 70)), // makes a sorted set a skiplist, as SORT does in redis-server
	"sortable": mixed(9, pick("s1", "s2", "z1"), pick("none")), "get": pick("#", "weight_*", "h_*->f1", "none", "*"),
}
