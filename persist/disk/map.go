package disk

import (
	"fmt"
	"os"
)

// Map is a file as memory, for reading. Its bytes may fault when the file is
// cut short behind its back, so they are read under Guard.
type Map struct {
	data   []byte
	mapped bool
}

// MapFile maps the file at path as long as it is now.
func MapFile(path string) (*Map, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	if info.Size() == 0 {
		return &Map{}, nil
	}
	return mapFile(f, info.Size())
}

// Bytes are the contents; they are valid until Close.
func (m *Map) Bytes() []byte { return m.data }
