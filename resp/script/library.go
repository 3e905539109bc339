package script

import (
	"maps"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"kvd/internal/rediserr"
	"kvd/resp/script/sandbox"
)

// Library is the functions of one piece of code.
type Library struct {
	Name, Code string
	Functions  []*FunctionInfo // by name
}

// FunctionInfo is one function of a library.
type FunctionInfo struct {
	Name, Description string
	Described         bool
	Flags             Flags

	fn *lua.LFunction
}

// libraries are all functions.
type libraries struct {
	byName    map[string]*Library
	functions map[string]*FunctionInfo
}

func (l *libraries) reset() {
	l.byName, l.functions = make(map[string]*Library), make(map[string]*FunctionInfo)
}

// unload forgets the values of a machine that is gone: the code is run again when
// a function is called.
func (l *libraries) unload() {
	for _, lib := range l.byName {
		for _, f := range lib.Functions {
			f.fn = nil
		}
	}
}

func (l *libraries) add(lib *Library) {
	l.byName[lib.Name] = lib
	for _, f := range lib.Functions {
		l.functions[f.Name] = f
	}
}

func (l *libraries) remove(lib *Library) {
	delete(l.byName, lib.Name)
	for _, f := range lib.Functions {
		delete(l.functions, f.Name)
	}
}

// chunkOfFunction is how positions in the code of libraries begin.
const chunkOfFunction = "user_function"

var (
	errNoMetadata  = rediserr.New("Missing library metadata")
	errBadMetadata = rediserr.New("Invalid library metadata")
	errNameTwice   = rediserr.New("Invalid metadata value, name argument was given multiple times")
	errNoName      = rediserr.New("Library name was not given")
	errLibraryName = rediserr.New(badName)
	errNoFunctions = rediserr.New("No functions registered")
	errNoLibrary   = rediserr.New("Library not found")
	errLoadTimeout = rediserr.New("FUNCTION LOAD timeout")
)

// ErrNoFunction is the error for a function that there is none of.
var ErrNoFunction = rediserr.New("Function not found")

// registering is what errors of the code of a library begin with.
const registering = "Error registering functions: "

const badName = "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long"

// validName reports whether a library or a function may be called that.
func validName(name string) bool {
	return name != "" && strings.IndexFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0
}

// parseMetadata reads the first line of a library, "#!lua name=mylib", and returns
// the code with an empty line in its place.
func parseMetadata(source string) (name, body string, err error) {
	if !strings.HasPrefix(source, "#!") {
		return "", "", errNoMetadata
	}
	line, body, ok := strings.Cut(source, "\n")
	if !ok {
		return "", "", errBadMetadata
	}
	words := strings.Fields(line[2:])
	if len(words) == 0 {
		return "", "", errBadMetadata
	}
	for _, word := range words[1:] {
		value, ok := strings.CutPrefix(word, "name=")
		switch {
		case !ok:
			return "", "", rediserr.Newf("Invalid metadata value given: %s", word)
		case name != "":
			return "", "", errNameTwice
		}
		name = value
	}
	switch {
	case name == "":
		return "", "", errNoName
	case !validName(name):
		return "", "", errLibraryName
	case !strings.EqualFold(words[0], "lua"):
		return "", "", rediserr.Newf("Engine '%s' not found", words[0])
	}
	return name, "\n" + body, nil
}

// loading is a library whose code is being run.
type loading struct {
	into *Library
}

// build runs the code of a library and returns what it registers.
func (s *Scripts) build(source string) (*Library, error) {
	name, body, err := parseMetadata(source)
	if err != nil {
		return nil, err
	}
	chunk, err := sandbox.Compile(body, chunkOfFunction)
	if err != nil {
		return nil, rediserr.Newf("Error compiling function: %s", err)
	}
	m := s.functionMachine()
	lib := &Library{Name: name, Code: source}
	run := &Run{Kind: Function, Started: s.clock.Now()}
	run.Name, run.budget.Memory = name, memoryLimit
	timer := s.clock.AfterFunc(loadLimit, func() { run.budget.Stop(errLoadTimeout) })
	defer timer.Stop()
	m.load = &loading{into: lib}
	m.vm.Set("redis", m.loadingLibrary)
	m.vm.Reset()
	_, failure := m.vm.Run(m.vm.Load(chunk), &run.budget)
	m.load = nil
	m.vm.Set("redis", m.runningLibrary)
	if reason := run.budget.Stopped(); reason != nil {
		s.discard(m)
		return nil, rediserr.New(registering + reason.Error())
	}
	if failure != nil {
		text, coded := failure.Text()
		if !coded {
			text = "ERR " + text
		}
		return nil, rediserr.New(rediserr.OneLine(registering + text))
	}
	if len(lib.Functions) == 0 {
		return nil, errNoFunctions
	}
	slices.SortFunc(lib.Functions, func(a, b *FunctionInfo) int { return strings.Compare(a.Name, b.Name) })
	return lib, nil
}

// functionMachine returns the machine that holds all functions; a new one has the
// libraries run again.
func (s *Scripts) functionMachine() *machine {
	if s.functions != nil {
		return s.functions
	}
	s.functions = newMachine(functionLibrary)
	for _, name := range slices.Sorted(maps.Keys(s.libraries.byName)) {
		old := s.libraries.byName[name]
		s.libraries.remove(old)
		if lib, err := s.build(old.Code); err == nil {
			s.libraries.add(lib)
		}
	}
	return s.functions
}

// functionLibrary makes the two forms of redis for functions: for the time when
// their code is run, and for when they are called.
func functionLibrary(m *machine) {
	load := m.common()
	load["register_function"] = m.register
	m.loadingLibrary = m.vm.Library("", load, constants())
	run := m.common()
	maps.Copy(run, m.calling())
	m.runningLibrary = m.vm.Library("", run, constants())
	m.vm.Set("redis", m.runningLibrary)
}
