package script

import (
	"time"

	"kvd/internal/rediserr"
)

var (
	errNotBusy    = rediserr.Coded("NOTBUSY", "No scripts in execution right now.")
	errUnkillable = rediserr.Coded("UNKILLABLE", "Sorry the script already executed write commands against the dataset. "+
		"You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
	errBusyScript = rediserr.Coded("BUSY", "Redis is busy running a script. "+
		"You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")
	errBusyFunction = rediserr.Coded("BUSY", "Redis is busy running a function. "+
		"You can only call FUNCTION KILL or SHUTDOWN NOSAVE.")
)

// Running reports whether a script runs now.
func (s *Scripts) Running() bool { return s.running.Load() != nil }

// Busy returns the error for other clients while a script has been running for
// longer than limit, and nil otherwise. A limit of 0 or less is none.
func (s *Scripts) Busy(limit time.Duration) error {
	run := s.running.Load()
	if run == nil || limit <= 0 || s.clock.Now().Sub(run.Started) < limit {
		return nil
	}
	return run.busy()
}

func (r *Run) busy() error {
	if r.Kind == Function {
		return errBusyFunction
	}
	return errBusyScript
}

// Kill ends the running script of a kind, unless it has changed keys.
func (s *Scripts) Kill(kind Kind) error {
	run := s.running.Load()
	switch {
	case run == nil:
		return errNotBusy
	case run.HasWritten():
		return errUnkillable
	case run.Kind != kind:
		return run.busy()
	case kind == Function:
		run.budget.Stop(errFunctionKilled)
	default:
		run.budget.Stop(errKilled)
	}
	return nil
}

// Abort ends the running script, whatever it has done, and all that follow: it is
// for the end of the server.
func (s *Scripts) Abort() {
	s.stopped.Store(true)
	if run := s.running.Load(); run != nil {
		run.budget.Stop(ErrAborted)
	}
}

// Wait returns when no script runs.
func (s *Scripts) Wait() {
	s.vm.Lock()
	defer s.vm.Unlock()
}

// discard throws a machine away that was stopped in the middle of something.
func (s *Scripts) discard(m *machine) {
	switch m {
	case s.scripts:
		s.scripts = nil
	case s.functions:
		s.functions = nil
		s.libraries.unload()
	}
}
