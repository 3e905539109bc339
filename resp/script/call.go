package script

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"kvd/resp/reply"
	"kvd/resp/script/sandbox"
)

// onError is what becomes of an error of a command.
type onError uint8

const (
	raise onError = iota // redis.call
	hand                 // redis.pcall: it is the result
)

// call implements redis.call and redis.pcall.
func (m *machine) call(c sandbox.Call, how onError) int {
	line, fault := m.line(c)
	if fault == "" {
		fault = m.perform(line)
	}
	if fault != "" {
		t := c.CreateTable(0, 2)
		t.RawSetString("err", lua.LString(fault))
		if how == raise {
			c.Error(t, 0)
		}
		c.Push(t)
		return 1
	}
	out := m.run.out.Since(reply.Mark{})
	c.Charge(len(out))
	d := decoder{in: out, resp3: m.resp == 3, c: c}
	v := d.value()
	m.run.out.Discard()
	if how == raise && d.failed {
		c.Error(v, 0)
	}
	c.Push(v)
	return 1
}

// perform runs a command and leaves its reply in m.run.out, or returns the error.
func (m *machine) perform(line [][]byte) (fault string) {
	m.run.out.SetProtocol(m.resp)
	if err := m.run.Host.Call(line, &m.run.out, m.run); err != nil {
		m.run.out.Discard()
		return err.Error()
	}
	return ""
}

const (
	faultNoArgs = "ERR Please specify at least one argument for this redis lib call"
	faultTypes  = "ERR Lua redis lib command arguments must be strings or integers"
)

// line makes a command line of the arguments: one slice of bytes for all words,
// which the engine may refer to until the script has ended.
func (m *machine) line(c sandbox.Call) (line [][]byte, fault string) {
	n := c.GetTop()
	if n == 0 {
		return nil, faultNoArgs
	}
	size := 0
	for i := 1; i <= n; i++ {
		switch v := c.Get(i).(type) {
		case lua.LString:
			size += len(v)
		case lua.LNumber:
			size += maxNumber
		default:
			return nil, faultTypes
		}
	}
	c.Charge(size)
	line = make([][]byte, n)
	bytes := make([]byte, 0, size)
	for i := range line {
		from := len(bytes)
		switch v := c.Get(i + 1).(type) {
		case lua.LString:
			if len(v) >= large { // the engine may keep it as it is
				line[i] = []byte(v)
				continue
			}
			bytes = append(bytes, v...)
		case lua.LNumber:
			bytes = appendNumber(bytes, float64(v))
		}
		line[i] = bytes[from:len(bytes):len(bytes)]
	}
	return line, ""
}

const (
	// maxNumber is more than the length of any number, in bytes.
	maxNumber = 32
	// large is the length from which a word gets memory of its own.
	large = 32 << 10
)

// appendNumber spells an argument that is a number: whole ones with all their
// digits, others with 17.
func appendNumber(b []byte, f float64) []byte {
	if f == float64(int64(f)) && f > -1e18 && f < 1e18 {
		return strconv.AppendInt(b, int64(f), 10)
	}
	return append(b, sandbox.FormatG(f, 17)...)
}
