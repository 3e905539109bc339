package script

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kvd/internal/rediserr"
)

// loadLimit is how long the code of a library may run when it is loaded.
const loadLimit = 500 * time.Millisecond

// OnCollision says what becomes of a library that is there already.
type OnCollision uint8

// The ways to deal with a collision.
const (
	Refuse OnCollision = iota
	Replace
)

// AddLibrary runs the code of a library and keeps its functions. The caller holds
// the locks of all keys.
func (s *Scripts) AddLibrary(code string, how OnCollision) (*Library, error) {
	s.vm.Lock()
	defer s.vm.Unlock()
	defer s.publish()
	lib, err := s.addLibrary(code, how)
	var collision *existsError
	if errors.As(err, &collision) {
		return nil, rediserr.Newf("Library '%s' already exists", collision.name)
	}
	return lib, err
}

// existsError says that there is a library of this name. FUNCTION LOAD and FUNCTION
// RESTORE word it differently.
type existsError struct{ name string }

// Error implements error.
func (e *existsError) Error() string { return "Library " + e.name + " already exists" }

func (s *Scripts) addLibrary(code string, how OnCollision) (*Library, error) {
	name, _, err := parseMetadata(code)
	if err != nil {
		return nil, err
	}
	old := s.libraries.byName[name]
	if old != nil && how == Refuse {
		return nil, &existsError{name}
	}
	lib, err := s.build(code)
	if err != nil {
		return nil, err
	}
	for _, f := range lib.Functions {
		if other, ok := s.libraries.functions[f.Name]; ok && (old == nil || !slices.Contains(old.Functions, other)) {
			return nil, rediserr.Newf("Function %s already exists", f.Name)
		}
	}
	if old != nil {
		s.libraries.remove(old)
	}
	s.libraries.add(lib)
	return lib, nil
}

// DeleteLibrary forgets a library.
func (s *Scripts) DeleteLibrary(name string) error {
	s.vm.Lock()
	defer s.vm.Unlock()
	lib, ok := s.libraries.byName[name]
	if !ok {
		return errNoLibrary
	}
	s.libraries.remove(lib)
	s.publish()
	return nil
}

// FlushLibraries forgets all libraries and returns their names.
func (s *Scripts) FlushLibraries() []string {
	s.vm.Lock()
	defer s.vm.Unlock()
	names := slices.Sorted(maps.Keys(s.libraries.byName))
	s.libraries.reset()
	s.functions = nil
	s.publish()
	return names
}

// Restore adds libraries, all or none of them, and returns them.
func (s *Scripts) Restore(codes []string, how OnCollision) ([]*Library, error) {
	s.vm.Lock()
	defer s.vm.Unlock()
	defer s.publish()
	before := libraries{maps.Clone(s.libraries.byName), maps.Clone(s.libraries.functions)}
	var added []*Library
	for _, code := range codes {
		lib, err := s.addLibrary(code, how)
		if err != nil {
			s.libraries = before
			var collision *existsError
			if errors.As(err, &collision) {
				err = rediserr.New(collision.Error())
			}
			return nil, err
		}
		added = append(added, lib)
	}
	return added, nil
}

// SyncedTo reports whether the libraries are those of a version of what is stored.
func (s *Scripts) SyncedTo(version uint64) bool { return s.version.Load() == version }

// SyncTo says that the libraries are those of a version of what is stored.
func (s *Scripts) SyncTo(version uint64) { s.version.Store(version) }

// Sync makes the libraries those that are stored in a version: name to code. One
// that no longer works is left out and named in the error.
func (s *Scripts) Sync(stored map[string]string, version uint64) error {
	s.vm.Lock()
	defer s.vm.Unlock()
	defer s.publish()
	s.SyncTo(version)
	for name, lib := range s.libraries.byName {
		if stored[name] != lib.Code {
			s.libraries.remove(lib)
		}
	}
	var failed []string
	for _, name := range slices.Sorted(maps.Keys(stored)) {
		if _, ok := s.libraries.byName[name]; ok {
			continue
		}
		if _, err := s.addLibrary(stored[name], Replace); err != nil {
			failed = append(failed, name+": "+err.Error())
		}
	}
	if failed != nil {
		return fmt.Errorf("function libraries that do not load: %s", strings.Join(failed, "; "))
	}
	return nil
}

// Libraries returns all libraries, by name. It does not wait for a script.
func (s *Scripts) Libraries() []*Library {
	if list := s.published.Load(); list != nil {
		return *list
	}
	return nil
}

// publish makes the libraries as they are now those that others see.
func (s *Scripts) publish() {
	list := slices.Collect(maps.Values(s.libraries.byName))
	slices.SortFunc(list, func(a, b *Library) int { return strings.Compare(a.Name, b.Name) })
	s.published.Store(&list)
}

// Count returns how many libraries and functions there are.
func (s *Scripts) Count() (libraries, functions int) {
	list := s.Libraries()
	for _, lib := range list {
		functions += len(lib.Functions)
	}
	return len(list), functions
}

// HasFunction reports whether there is a function of this name.
func (s *Scripts) HasFunction(name string) bool {
	s.vm.Lock()
	defer s.vm.Unlock()
	_, ok := s.libraries.functions[name]
	return ok
}

// CallFunction calls a function and writes its reply. The caller holds the locks
// of all keys.
func (s *Scripts) CallFunction(call Call) error {
	s.vm.Lock()
	defer s.vm.Unlock()
	m := s.functionMachine() // it may run the libraries again
	f, ok := s.libraries.functions[call.Name]
	if !ok {
		return ErrNoFunction
	}
	run, err := s.newRun(Function, call, f.Flags)
	if err != nil {
		return err
	}
	return s.finish(run, m, f.fn, m.words(call.Keys), m.words(call.Args))
}

// Current returns the function that runs now, or nil. Its Call does not change
// while it runs.
func (s *Scripts) Current() *Run {
	if run := s.running.Load(); run != nil && run.Kind == Function {
		return run
	}
	return nil
}
