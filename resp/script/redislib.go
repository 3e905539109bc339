package script

import (
	"crypto/sha1"
	"encoding/hex"
	"maps"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"kvd/resp/script/sandbox"
)

// What redis.log knows, and where replies and effects may go. There are no
// replicas, so the latter are only checked.
const (
	logLevels = 4
	replAll   = 3
)

// The version whose behaviour scripts may rely on.
const (
	version       = "7.0.15"
	versionNumber = 7<<16 | 0<<8 | 15
)

// evalLibrary sets redis for scripts.
func evalLibrary(m *machine) {
	functions := m.common()
	maps.Copy(functions, m.calling())
	functions["replicate_commands"] = pushTrue
	functions["breakpoint"] = func(c sandbox.Call) int {
		c.Push(lua.LFalse)
		return 1
	}
	functions["debug"] = func(sandbox.Call) int { return 0 }
	m.vm.Library("redis", functions, constants())
}

// common are the functions that code of all kinds may use.
func (m *machine) common() map[string]sandbox.Function {
	return map[string]sandbox.Function{
		"log": m.log, "setresp": m.setResp, "sha1hex": sha1hex,
		"error_reply":  func(c sandbox.Call) int { return tableReply(c, "err") },
		"status_reply": func(c sandbox.Call) int { return tableReply(c, "ok") },
		"set_repl":     setRepl,
	}
}

// calling are the functions that reach the server's commands.
func (m *machine) calling() map[string]sandbox.Function {
	return map[string]sandbox.Function{
		"call":          func(c sandbox.Call) int { return m.call(c, raise) },
		"pcall":         func(c sandbox.Call) int { return m.call(c, hand) },
		"acl_check_cmd": m.checkCommand,
	}
}

func constants() map[string]lua.LValue {
	return map[string]lua.LValue{
		"LOG_DEBUG": lua.LNumber(0), "LOG_VERBOSE": lua.LNumber(1), "LOG_NOTICE": lua.LNumber(2), "LOG_WARNING": lua.LNumber(3),
		"REPL_NONE": lua.LNumber(0), "REPL_AOF": lua.LNumber(1), "REPL_SLAVE": lua.LNumber(2), "REPL_REPLICA": lua.LNumber(2),
		"REPL_ALL":      lua.LNumber(replAll),
		"REDIS_VERSION": lua.LString(version), "REDIS_VERSION_NUM": lua.LNumber(versionNumber),
	}
}

func pushTrue(c sandbox.Call) int {
	c.Push(lua.LTrue)
	return 1
}

// failCoded raises an error as redis.call raises that of a command.
func failCoded(c sandbox.Call, text string) {
	t := c.CreateTable(0, 2)
	t.RawSetString("err", lua.LString(text))
	c.Error(t, 0)
}

// tableReply makes the table that stands for an error or a status.
func tableReply(c sandbox.Call, field string) int {
	text, ok := c.Get(1).(lua.LString)
	if c.GetTop() != 1 || !ok {
		field, text = "err", "ERR wrong number or type of arguments"
	} else if field == "err" {
		text = lua.LString(errorText(string(text)))
	}
	t := c.CreateTable(0, 1)
	t.RawSetString(field, text)
	c.Push(t)
	return 1
}

// errorText gives an error its code: the first word, or ERR if there is only one.
func errorText(text string) string {
	text = strings.TrimPrefix(text, "-")
	if !strings.Contains(text, " ") {
		return "ERR " + text
	}
	return text
}

func sha1hex(c sandbox.Call) int {
	if c.GetTop() != 1 {
		failCoded(c, "ERR wrong number of arguments")
	}
	text, _ := sandbox.Text(c.Get(1))
	sum := sha1.Sum([]byte(text))
	c.PushStr(hex.EncodeToString(sum[:]))
	return 1
}

func (m *machine) log(c sandbox.Call) int {
	if c.GetTop() < 2 {
		failCoded(c, "ERR redis.log() requires two arguments or more.")
	}
	level, ok := c.Get(1).(lua.LNumber)
	if !ok {
		failCoded(c, "ERR First argument must be a number (log level).")
	}
	if level < 0 || level >= logLevels {
		failCoded(c, "ERR Invalid debug level.")
	}
	var parts []string
	for i := 2; i <= c.GetTop(); i++ {
		text, _ := sandbox.Text(c.Get(i))
		parts = append(parts, text)
	}
	if m.run != nil {
		m.run.Host.Log(int(level), strings.Join(parts, " "))
	}
	return 0
}

func (m *machine) setResp(c sandbox.Call) int {
	if c.GetTop() != 1 {
		failCoded(c, "ERR redis.setresp() requires one argument.")
	}
	n, _ := c.Get(1).(lua.LNumber)
	if n != 2 && n != 3 {
		failCoded(c, "ERR RESP version must be 2 or 3.")
	}
	m.resp = int(n)
	return 0
}

func setRepl(c sandbox.Call) int {
	if c.GetTop() != 1 {
		failCoded(c, "ERR redis.set_repl() requires two arguments.")
	}
	n, _ := c.Get(1).(lua.LNumber)
	if n < 0 || n > replAll {
		failCoded(c, "ERR Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
	}
	return 0
}

func (m *machine) checkCommand(c sandbox.Call) int {
	line, fault := m.line(c)
	if fault != "" {
		failCoded(c, fault)
	}
	ok, err := m.run.Host.Permits(line)
	if err != nil {
		failCoded(c, "ERR Invalid command passed to redis.acl_check_cmd()")
	}
	c.Push(lua.LBool(ok))
	return 1
}
