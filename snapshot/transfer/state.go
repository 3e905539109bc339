package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// State is how far a copy from a running server has got, in a file, so that it can
// go on after it was interrupted. It has no secret in it.
type State struct {
	path string

	Source string `json:"source"`
	// Run is the process of the source: another one has other cursors.
	Run    string `json:"run_id"`
	DB     int    `json:"db"`
	Cursor string `json:"cursor"`
	Counts Counts `json:"counts"`
}

// ReadState reads the state at path of a copy from a source; one that is not there,
// or is of another source, is that of a copy that has not begun. Without a path
// nothing is kept.
func ReadState(path, source string) (*State, error) {
	s := &State{path: path, Source: source}
	if path == "" {
		return s, nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the state of the import: %w", err)
	}
	var old State
	if err := json.Unmarshal(text, &old); err != nil {
		return nil, fmt.Errorf("the state of the import, %s: %w; remove the file to begin anew", path, err)
	}
	if old.Source != source {
		return nil, fmt.Errorf("the state of the import, %s, is that of a copy from %s; remove the file to begin anew", path, old.Source)
	}
	old.path = path
	return &old, nil
}

// begin reports whether the copy goes on where it was interrupted: the source must
// be the same process.
func (s *State) begin(run string) (resumed bool) {
	if s.Run != "" && s.Run == run {
		return true
	}
	s.Run, s.DB, s.Cursor, s.Counts = run, 0, "", Counts{}
	return false
}

// save notes how far the copy has got.
func (s *State) save(db int, cursor string, counts Counts) error {
	s.DB, s.Cursor, s.Counts = db, cursor, counts
	if s.path == "" {
		return nil
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temp := s.path + ".tmp"
	if err := os.WriteFile(temp, text, 0o600); err != nil {
		return fmt.Errorf("the state of the import: %w", err)
	}
	return os.Rename(temp, s.path)
}

// end removes the state of a copy that is complete.
func (s *State) end() error {
	if s.path == "" {
		return nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
