package journal

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"kvd/internal/fail"
	"kvd/persist/codec"
	"kvd/persist/disk"
)

// The header of a segment (little endian), which is the same in all versions:
//
//	 0  magic    8 bytes
//	 8  version  4
//	12  salt     4  random; seeds the sums of the frames
//	16  number   8  that of the file name
//	24  nothing  4
//	28  sum      4  CRC32C of the bytes before
const (
	segmentMagic = "KVDJRNL\n"
	headerSize   = 32
	// Version is the newest format of segments that this package reads, and the
	// one that it writes.
	Version = 1
	suffix  = ".log"
)

// unlimited is the limit of a segment none of whose frames was taken back.
const unlimited = math.MaxUint64

var pointCreate = fail.New("journal.create")

// segment is one file of the journal.
type segment struct {
	num   uint64
	path  string
	salt  uint32
	file  *os.File // while it is written or waits for its sync
	end   int64    // where the last valid frame ends
	last  uint64   // the last number in it; 0: it has no frame
	limit uint64   // frames after this number have been taken back
}

// size is the length of its frames.
func (s *segment) size() int64 { return s.end - headerSize }

func segmentPath(dir string, num uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%08d%s", num, suffix))
}

// createSegment makes the file of a new segment, durably and in one step, with
// the frames that fill appends.
func createSegment(dir string, num uint64, fill func(*segment) error) (*segment, error) {
	if err := pointCreate.Err(); err != nil {
		return nil, fmt.Errorf("create journal segment: %w", err)
	}
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	s := &segment{num: num, path: segmentPath(dir, num), end: headerSize, limit: unlimited}
	s.salt = binary.LittleEndian.Uint32(random[:])
	err := disk.Create(s.path, func(f *os.File) error {
		s.file = f
		_, err := f.Write(s.header())
		return errors.Join(err, fill(s))
	})
	if err != nil {
		return nil, err
	}
	s.file, err = os.OpenFile(s.path, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open journal segment: %w", err)
	}
	return s, nil
}

// empty fills a segment with nothing.
func empty(*segment) error { return nil }

// append writes one frame to a segment that is not yet in use.
func (s *segment) append(h frame, rows []byte) error {
	if err := pointWrite.Err(); err != nil {
		return err
	}
	buf := append(make([]byte, frameSize, frameSize+len(rows)), rows...)
	h.seal(buf, s.salt)
	if _, err := s.file.WriteAt(buf, s.end); err != nil {
		return err
	}
	s.end += int64(len(buf))
	s.last = h.last
	return nil
}

func (s *segment) header() []byte {
	le := binary.LittleEndian
	h := append(make([]byte, 0, headerSize), segmentMagic...)
	h = le.AppendUint32(h, Version)
	h = le.AppendUint32(h, s.salt)
	h = le.AppendUint64(h, s.num)
	h = le.AppendUint32(h, 0)
	return le.AppendUint32(h, codec.Sum(0, h))
}

// readSegment checks the header in data and returns its segment, without
// frames.
func readSegment(path string, num uint64, data []byte) (*segment, error) {
	damaged := func(what string) error {
		return &codec.DamagedError{File: path, Offset: 0, What: what}
	}
	le := binary.LittleEndian
	if len(data) < headerSize || string(data[:len(segmentMagic)]) != segmentMagic {
		return nil, damaged("not a journal segment")
	}
	if codec.Sum(0, data[:headerSize-4]) != le.Uint32(data[headerSize-4:]) {
		return nil, damaged("its header does not match its checksum")
	}
	if v := le.Uint32(data[8:]); v > Version {
		return nil, fmt.Errorf("%s has journal format %d; this release reads up to %d: start a newer release", path, v, Version)
	}
	if got := le.Uint64(data[16:]); got != num {
		return nil, damaged(fmt.Sprintf("it is segment %d under another name", got))
	}
	return &segment{num: num, path: path, salt: le.Uint32(data[12:]), end: headerSize, limit: unlimited}, nil
}

// listSegments returns the numbers of the segments in dir, ascending.
func listSegments(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("list journal: %w", err)
	}
	var nums []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		num, err := strconv.ParseUint(name, 10, 64)
		if ok && err == nil {
			nums = append(nums, num)
		}
	}
	slices.Sort(nums)
	return nums, nil
}
