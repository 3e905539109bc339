package script

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	lua "github.com/yuin/gopher-lua"

	"kvd/internal/rediserr"
	"kvd/resp/reply"
	"kvd/resp/script/sandbox"
)

// memoryLimit is how many bytes a script may take.
const memoryLimit = 64 << 20

// Host is the server as a script sees it.
type Host interface {
	// Call runs one command and writes its reply to out. line is memory that
	// stays as it is until the script has ended.
	Call(line [][]byte, out *reply.Writer, run *Run) error
	// Permits reports whether the script's user may run a command line; the
	// error is for a line that is no command.
	Permits(line [][]byte) (bool, error)
	// Log writes a line to the server's log; level is from 0 (debug) to 3
	// (warning).
	Log(level int, text string)
}

// Access says what a call allows its script to do.
type Access uint8

// How a script or function was called.
const (
	ReadWrite Access = iota
	ReadOnly         // by EVAL_RO and alike
)

// Call is one call of a script or function by a client.
type Call struct {
	Host   Host
	Out    *reply.Writer
	Access Access
	// Name is the digest of the script or the name of the function, Line the
	// client's command.
	Name       string
	Line       [][]byte
	Keys, Args [][]byte
	// OutOfMemory says that memory was full when the script began.
	OutOfMemory bool
}

// Run is a script under way.
type Run struct {
	Call
	Kind    Kind
	Started time.Time
	// NoWrites refuses commands that write; AllowOOM lets those go on that take
	// memory when there is none.
	NoWrites, AllowOOM bool

	wrote  atomic.Bool
	budget sandbox.Budget
	out    reply.Writer // replies of the script's commands
}

// Kind tells scripts and functions apart.
type Kind uint8

// The kinds.
const (
	Eval Kind = iota
	Function
)

// Wrote notes that the script has begun to change keys.
func (r *Run) Wrote() { r.wrote.Store(true) }

// HasWritten reports whether the script has changed keys.
func (r *Run) HasWritten() bool { return r.wrote.Load() }

var errWriteFlag = rediserr.New("Can not execute a script with write flag using *_ro command.")

// newRun checks what a script promises against how it was called.
func (s *Scripts) newRun(kind Kind, call Call, flags Flags) (*Run, error) {
	run := &Run{Call: call, Kind: kind, Started: s.clock.Now()}
	run.budget.Memory = memoryLimit
	run.NoWrites = flags&NoWrites != 0 || call.Access == ReadOnly
	run.AllowOOM = flags&AllowOOM != 0
	if flags&Undeclared != 0 {
		return run, nil
	}
	if call.Access == ReadOnly && flags&NoWrites == 0 {
		return nil, errWriteFlag
	}
	if call.OutOfMemory && flags&(AllowOOM|NoWrites) == 0 {
		return nil, rediserr.OOM
	}
	run.AllowOOM = true // the question has been answered for all of its commands
	return run, nil
}

// Run runs a script and writes its reply. The caller holds the locks of all keys.
func (s *Scripts) Run(script *Script, call Call) error {
	run, err := s.newRun(Eval, call, script.flags)
	if err != nil {
		return err
	}
	s.vm.Lock()
	defer s.vm.Unlock()
	if s.scripts == nil {
		s.scripts = newMachine(evalLibrary)
	}
	m := s.scripts
	fn, ok := m.loaded[script]
	if !ok {
		fn = m.vm.Load(script.chunk)
		m.remember(script, fn)
	}
	m.vm.Set("KEYS", m.words(call.Keys))
	m.vm.Set("ARGV", m.words(call.Args))
	return s.finish(run, m, fn)
}

// finish runs a loaded function and writes what it returns.
func (s *Scripts) finish(run *Run, m *machine, fn *lua.LFunction, args ...lua.LValue) error {
	s.running.Store(run)
	if s.stopped.Load() {
		run.budget.Stop(ErrAborted)
	}
	m.begin(run)
	result, failure := m.vm.Run(fn, &run.budget, args...)
	m.run = nil
	s.running.Store(nil)
	if run.budget.Stopped() != nil {
		s.discard(m)
	}
	if failure == nil {
		m.writeReply(run.Out, result)
		return nil
	}
	if run.budget.Stopped() == ErrAborted { //nolint:errorlint // it is given to Stop as it is
		return ErrAborted
	}
	return describe(failure, run.Name)
}

// describe makes the error of a script that failed.
func describe(failure *sandbox.Error, name string) error {
	text, coded := failure.Text()
	code := "ERR"
	if coded {
		if before, after, ok := strings.Cut(text, " "); ok {
			code, text = before, after
		} else {
			code, text = text, ""
		}
	}
	if failure.Line > 0 {
		text = joinWords(text, "script: "+name+", on @"+failure.Source+":"+itoa(failure.Line)+".")
	} else {
		text = joinWords(text, "script: "+name)
	}
	return rediserr.Coded(code, rediserr.OneLine(text))
}

func joinWords(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

// Errors with which a script is ended from outside, worded for its client.
var (
	errKilled         error = killedBy("SCRIPT KILL")
	errFunctionKilled error = killedBy("FUNCTION KILL")
)

// killedBy is the command that ended a script.
type killedBy string

// Error implements error.
func (k killedBy) Error() string { return "Script killed by user with " + string(k) + "..." }

// ErrAborted is how a script ends when the server ends: what it has changed must
// not be kept, since it is not whole.
var ErrAborted = errors.New("the script was ended with the server")
