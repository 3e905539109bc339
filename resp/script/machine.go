package script

import (
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"kvd/resp/script/sandbox"
)

// machine is a Lua machine with the library redis.
type machine struct {
	vm     *sandbox.VM
	run    *Run // under way
	resp   int  // the protocol in which the script gets replies
	loaded map[*Script]*lua.LFunction
	// load is set while the code of a library is run.
	load *loading
	// The forms of redis while code is loaded and while a function runs.
	loadingLibrary, runningLibrary *lua.LTable
}

// maxLoaded is how many scripts a machine keeps ready to run.
const maxLoaded = 1000

func newMachine(library func(m *machine)) *machine {
	m := &machine{vm: sandbox.New(), loaded: make(map[*Script]*lua.LFunction)}
	library(m)
	return m
}

func (m *machine) remember(script *Script, fn *lua.LFunction) {
	if len(m.loaded) >= maxLoaded {
		clear(m.loaded)
	}
	m.loaded[script] = fn
}

// begin makes the machine as every script finds it.
func (m *machine) begin(run *Run) {
	m.run, m.resp = run, 2
	m.vm.Reset()
}

// words makes a table of words.
func (m *machine) words(words [][]byte) *lua.LTable {
	t := m.vm.NewTable(len(words))
	for i, w := range words {
		t.RawSetInt(i+1, lua.LString(w))
	}
	return t
}

func itoa(n int) string { return strconv.Itoa(n) }
