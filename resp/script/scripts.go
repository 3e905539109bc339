// Package script runs scripts and functions in Lua as redis-server 7.0 does.
//
// Invariants: one script runs at a time, since whoever runs one holds the locks of
// all keys; its commands reach the server through a Host only; and what it leaves
// behind is its reply and what its commands have changed.
package script

import (
	"container/list"
	"crypto/sha1"
	"encoding/hex"
	"sync"
	"sync/atomic"

	"kvd/internal/clock"
	"kvd/internal/rediserr"
	"kvd/resp/script/sandbox"
)

// maxEvaluated is how many scripts are kept that were sent with EVAL; those that
// were loaded stay until SCRIPT FLUSH.
const maxEvaluated = 500

// Scripts is the scripts and functions of a server.
type Scripts struct {
	clock   clock.Clock
	running atomic.Pointer[Run]
	stopped atomic.Bool

	mu        sync.Mutex // guards the cache
	byDigest  map[string]*Script
	evaluated *list.List // of digests, oldest use first

	vm        sync.Mutex // guards what follows
	scripts   *machine
	functions *machine
	libraries libraries

	published atomic.Pointer[[]*Library]
	version   atomic.Uint64 // of the stored libraries that these are
}

// Script is a compiled script of the cache.
type Script struct {
	Digest string
	flags  Flags
	chunk  *sandbox.Chunk
	place  *list.Element // in evaluated; nil if it was loaded
}

// New returns an empty store of scripts.
func New(c clock.Clock) *Scripts {
	s := &Scripts{clock: c}
	s.Flush()
	s.libraries.reset()
	return s
}

var errNoScript = rediserr.Coded("NOSCRIPT", "No matching script. Please use EVAL.")

// Digest returns the name of a script: the SHA-1 of its text, in hexadecimal.
func Digest(source []byte) string {
	sum := sha1.Sum(source)
	return hex.EncodeToString(sum[:])
}

// Load compiles a script and keeps it until Flush.
func (s *Scripts) Load(source []byte) (*Script, error) { return s.add(source, true) }

// Evaluate returns the script with this text, compiled; it may be forgotten when
// many others have come.
func (s *Scripts) Evaluate(source []byte) (*Script, error) { return s.add(source, false) }

func (s *Scripts) add(source []byte, keep bool) (*Script, error) {
	digest := Digest(source)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.byDigest[digest]; ok {
		if keep && known.place != nil {
			s.evaluated.Remove(known.place)
			known.place = nil
		}
		s.used(known)
		return known, nil
	}
	script, err := compile(string(source), digest)
	if err != nil {
		return nil, err
	}
	s.byDigest[digest] = script
	if !keep {
		script.place = s.evaluated.PushBack(digest)
		s.forgetOldest()
	}
	return script, nil
}

// forgetOldest keeps the number of scripts of EVAL in bounds.
func (s *Scripts) forgetOldest() {
	if s.evaluated.Len() <= maxEvaluated {
		return
	}
	oldest := s.evaluated.Front()
	s.evaluated.Remove(oldest)
	delete(s.byDigest, oldest.Value.(string))
}

func (s *Scripts) used(script *Script) {
	if script.place != nil {
		s.evaluated.MoveToBack(script.place)
	}
}

// Get returns the script with this digest, in any case of letters. The error is
// the one of EVALSHA.
func (s *Scripts) Get(digest []byte) (*Script, error) {
	var lower [2 * sha1.Size]byte
	if len(digest) != len(lower) {
		return nil, errNoScript
	}
	for i, ch := range digest {
		if ch >= 'A' && ch <= 'F' {
			ch |= 0x20
		}
		lower[i] = ch
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	script, ok := s.byDigest[string(lower[:])]
	if !ok {
		return nil, errNoScript
	}
	s.used(script)
	return script, nil
}

// Flush forgets all scripts.
func (s *Scripts) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byDigest, s.evaluated = make(map[string]*Script), list.New()
}

// Len returns how many scripts are kept.
func (s *Scripts) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byDigest)
}

// chunkOfScript is how positions in scripts begin.
const chunkOfScript = "user_script"

func compile(source, digest string) (*Script, error) {
	flags, body, err := parseShebang(source)
	if err != nil {
		return nil, err
	}
	chunk, err := sandbox.Compile(body, chunkOfScript)
	if err != nil {
		return nil, rediserr.Newf("Error compiling script (new function): %s", err)
	}
	return &Script{Digest: digest, flags: flags, chunk: chunk}, nil
}
