package workloads

import (
	"strconv"
	"strings"
)

// Workload is a load: one command, sent over and over by several clients.
type Workload struct {
	// Args is the command. Each Random in it stands for a number below Keys,
	// new each time, in twelve digits, as redis-benchmark writes it.
	Args     []string
	Keys     int
	Clients  int
	Pipeline int
	Requests int
}

// Random stands for the number of a key in the arguments of a Workload.
const Random = "__rand_int__"

// RandomKey is the name of a random key: 16 bytes.
const RandomKey = "key:" + Random

// Key is the name of key n, 16 bytes, one of those that RandomKey gives.
func Key(n int) string {
	digits := strconv.Itoa(n)
	return "key:" + strings.Repeat("0", randomDigits-len(digits)) + digits
}

const randomDigits = 12

// Value is a value of n bytes.
func Value(n int) string { return strings.Repeat("v", n) }

// appendCommand appends the bytes of a command.
func appendCommand(dst []byte, args []string) []byte {
	dst = append(dst, '*')
	dst = strconv.AppendInt(dst, int64(len(args)), 10)
	dst = append(dst, "\r\n"...)
	for _, arg := range args {
		dst = append(dst, '$')
		dst = strconv.AppendInt(dst, int64(len(arg)), 10)
		dst = append(dst, "\r\n"...)
		dst = append(dst, arg...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// template is the bytes of a command that is sent many times, and where the
// random numbers are in them.
type template struct {
	bytes []byte
	spots []int
}

func newTemplate(args []string, times int) template {
	var t template
	for range times {
		t.bytes = appendCommand(t.bytes, args)
	}
	text := string(t.bytes)
	for at := 0; ; {
		i := strings.Index(text[at:], Random)
		if i < 0 {
			return t
		}
		at += i
		t.spots = append(t.spots, at)
		at += len(Random)
	}
}

// fill writes new numbers below keys into the places for them.
func (t template) fill(keys int, random func(n int) int) {
	for _, at := range t.spots {
		n := random(keys)
		for i := at + randomDigits - 1; i >= at; i-- {
			t.bytes[i] = byte('0' + n%10)
			n /= 10
		}
	}
}
