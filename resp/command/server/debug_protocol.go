package server

import (
	"bytes"
	"math/big"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/reply"
)

// sample is a type that DEBUG PROTOCOL can return.
type sample struct {
	name  string
	write func(*reply.Writer)
}

// samples are values of all types, the same that redis-server returns, since
// suites of client libraries ask for them.
var samples = [...]sample{
	{"string", func(w *reply.Writer) { w.Text("Hello World") }},
	{"integer", func(w *reply.Writer) { w.Int(12345) }},
	{"double", func(w *reply.Writer) { w.Double(3.141) }},
	{"null", (*reply.Writer).Null},
	{"array", func(w *reply.Writer) { w.Array(3); counted(w) }},
	{"set", func(w *reply.Writer) { w.Set(3); counted(w) }},
	{"map", sampleMap},
	{"bignum", sampleBig},
	{"attrib", sampleAttribute},
	{"push", samplePush},
	{"verbatim", func(w *reply.Writer) { w.Verbatim("txt", "This is a verbatim\nstring") }},
	{"true", func(w *reply.Writer) { w.Bool(true) }},
	{"false", func(w *reply.Writer) { w.Bool(false) }},
}

// Errors of DEBUG PROTOCOL.
var (
	errSample = rediserr.New("Wrong protocol type name. Please use one of the following: " +
		"string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	errPushRESP2 = rediserr.New("RESP2 is not supported by this command")
)

func debugProtocol(c *command.Ctx) error {
	name := bytes.ToLower(c.Args[2])
	for i := range samples {
		if samples[i].name != string(name) {
			continue
		}
		if samples[i].name == "push" && c.Out.Protocol() == 2 {
			return errPushRESP2
		}
		samples[i].write(c.Out)
		return nil
	}
	return errSample
}

// counted writes the numbers 0, 1 and 2.
func counted(w *reply.Writer) {
	for n := range int64(3) {
		w.Int(n)
	}
}

func sampleMap(w *reply.Writer) {
	w.Map(3)
	for n := range int64(3) {
		w.Int(n)
		w.Bool(n == 1)
	}
}

func sampleBig(w *reply.Writer) {
	n, _ := new(big.Int).SetString("1234567999999999999999999999999999999", 10)
	w.BigInt(n)
}

func sampleAttribute(w *reply.Writer) {
	if w.Attr(1) {
		w.Text("key-popularity")
		w.Array(2)
		w.Text("key:123")
		w.Int(90)
	}
	w.Text("Some real reply following the attribute")
}

// samplePush writes a message beside the replies, and then the reply.
func samplePush(w *reply.Writer) {
	var push reply.Writer
	push.SetProtocol(3)
	push.Push(2)
	push.Text("server-cpu-usage")
	push.Int(42)
	push.Text("Some real reply following the push reply")
	w.Raw(push.Since(reply.Mark{}))
}
