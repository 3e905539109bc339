package archive

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"kvd/persist/codec"
)

// Visitor is told what an archive has while it is read. Each function may be nil.
// What they are given is valid during the call.
type Visitor struct {
	// Metadata is called first. An error ends the reading, as with the others.
	Metadata func(*Metadata) error
	// Settings is called for each of the text members, with its name without the
	// ending.
	Settings func(name string, s Settings) error
	// Record is called for each record, with its line.
	Record func(r *Record, line []byte) error
}

// Contents is what a whole archive was found to be.
type Contents struct {
	Metadata Metadata
	Manifest Manifest
}

// Read reads an archive from its beginning to its end and checks all of it. It
// fails with UnsafeError, DamagedError, what in gives or what the visitor says.
// Only when it has returned without an error, what the visitor was told is sure.
// maxBytes is the most that it may have uncompressed.
func Read(in io.Reader, maxBytes int64, v Visitor) (*Contents, error) {
	src := &source{in: in}
	dec, err := zstd.NewReader(src, zstd.WithDecoderMaxWindow(MaxWindow), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	defer dec.Close()
	r := &reader{in: bufio.NewReaderSize(&frames{dec, src}, 256<<10), left: maxBytes, visit: v, step: -1}
	err = r.run()
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return nil, damaged("it is cut short")
	case err != nil:
		return nil, err
	}
	return &r.Contents, nil
}

// source remembers why it could not be read.
type source struct {
	in  io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// frames is what is uncompressed. Its errors say what is wrong with the archive.
type frames struct {
	dec *zstd.Decoder
	src *source
}

func (f *frames) Read(b []byte) (int, error) {
	n, err := f.dec.Read(b)
	switch {
	case err == nil, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
	case f.src.err != nil:
		err = fmt.Errorf("read archive: %w", f.src.err)
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		err = unsafe("it asks for more memory than %d bytes", MaxWindow)
	case errors.Is(err, zstd.ErrMagicMismatch), errors.Is(err, zstd.ErrUnknownDictionary):
		err = unsafe("it is not compressed with zstd")
	default:
		err = damaged("%v", err)
	}
	return n, err
}

type reader struct {
	Contents
	in      *bufio.Reader
	left    int64 // bytes that may still come
	visit   Visitor
	found   Manifest
	parser  Parser
	current Member
	block   [blockSize]byte
	lastRec struct {
		db     int
		stored []byte
		kind   Type
		more   bool
	}
	stored []byte
	files  int
	step   int
}

// order is what comes after what.
var order = [...]string{"metadata.json", "schemas.json", "collections.json", "migrations.json", "settings.json", "data/", "manifest.json"}

func (r *reader) run() error {
	for {
		if err := r.read(r.block[:]); err != nil {
			return err
		}
		name, size, err := readHeader(r.block[:])
		if err != nil {
			return err
		}
		if err := r.place(name); err != nil {
			return err
		}
		if size > r.left {
			return unsafe("member %q of %d bytes goes beyond the limit", name, size)
		}
		if name == "manifest.json" {
			return r.manifest(size)
		}
		if len(r.found.Members) >= MaxMembers {
			return unsafe("more than %d members", MaxMembers)
		}
		if err := r.member(name, size); err != nil {
			return err
		}
	}
}

// place checks that a member comes where it may.
func (r *reader) place(name string) error {
	if strings.HasPrefix(name, "data/") {
		r.files++
		if name != fmt.Sprintf("data/%06d.jsonl", r.files) {
			return unsafe("member %q is not the next one", name)
		}
		name = "data/"
	}
	i := slices.Index(order[:], name)
	switch {
	case r.step < 0 && i != 0:
		return unsafe("it does not begin with its metadata")
	case i < r.step || i == r.step && name != "data/":
		return unsafe("member %q is there twice or in the wrong place", name)
	}
	r.step = i
	return nil
}

// read fills b.
func (r *reader) read(b []byte) error {
	if int64(len(b)) > r.left {
		return unsafe("it goes beyond the limit of its size")
	}
	n, err := io.ReadFull(r.in, b)
	r.left -= int64(n)
	return err
}

// member reads one member that is not the manifest.
func (r *reader) member(name string, size int64) error {
	r.current = Member{Name: name, Bytes: size}
	var err error
	sum := sha256.New()
	if strings.HasPrefix(name, "data/") {
		err = r.lines(io.TeeReader(io.LimitReader(r.in, size), sum), size)
	} else {
		var text []byte
		if text, err = r.text(size); err == nil {
			sum.Write(text)
			err = r.settings(strings.TrimSuffix(name, ".json"), text)
		}
	}
	if err != nil {
		return err
	}
	r.current.SHA256 = hexSum(sum)
	r.found.add(r.current)
	return r.skip(padding(size))
}

// text reads a member that is not of data.
func (r *reader) text(size int64) ([]byte, error) {
	if size > MaxText {
		return nil, unsafe("a member of %d bytes that is no data", size)
	}
	var b bytes.Buffer // the size is not believed before the bytes are there
	n, err := io.CopyN(&b, r.in, size)
	r.left -= n
	return b.Bytes(), err
}

// skip reads padding, which is zero.
func (r *reader) skip(n int) error {
	if err := r.read(r.block[:n]); err != nil {
		return err
	}
	if !allZero(r.block[:n]) {
		return unsafe("there is something between the members")
	}
	return nil
}

func (r *reader) settings(name string, text []byte) error {
	if name == "metadata" {
		if err := json.Unmarshal(text, &r.Metadata); err != nil {
			return unsafe("metadata.json: %v", err)
		}
		if r.Metadata.FormatVersion != FormatVersion {
			return unsafe("unknown format_version %d", r.Metadata.FormatVersion)
		}
		r.found.SnapshotID = r.Metadata.SnapshotID
		if r.visit.Metadata != nil {
			return r.visit.Metadata(&r.Metadata)
		}
		return nil
	}
	s, err := decodeSettings(text)
	if err != nil {
		return unsafe("%s.json: %v", name, err)
	}
	if r.visit.Settings != nil {
		return r.visit.Settings(name, s)
	}
	return nil
}

// manifest reads the last member and the end, and compares.
func (r *reader) manifest(size int64) error {
	if r.lastRec.more {
		return damaged("the last value is not complete")
	}
	text, err := r.text(size)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &r.Manifest); err != nil {
		return unsafe("manifest.json: %v", err)
	}
	if err := r.skip(padding(size)); err != nil {
		return err
	}
	for range 2 {
		if err := r.skip(blockSize); err != nil {
			return err
		}
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = unsafe("there is something after its end")
		}
		return err
	}
	return r.Manifest.compare(&r.found)
}

// lines reads the records of a data member.
func (r *reader) lines(in io.Reader, size int64) error {
	buf := bufio.NewReaderSize(in, 64<<10)
	var long []byte
	for done := int64(0); done < size; {
		line, err := buf.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) || len(long) > 0 {
			if len(long)+len(line) > MaxRecord {
				return unsafe("a record of more than %d bytes", MaxRecord)
			}
			long = append(long, line...)
			if errors.Is(err, bufio.ErrBufferFull) {
				done += int64(len(line))
				continue
			}
		}
		done += int64(len(line))
		r.left -= int64(len(line))
		if err != nil {
			if errors.Is(err, io.EOF) && done == size {
				return damaged("the last line of member %q is not complete", r.current.Name)
			}
			return err
		}
		if len(long) > 0 {
			line = long
		}
		if err := r.record(line); err != nil {
			return err
		}
		long = nil
	}
	return nil
}

func (r *reader) record(line []byte) error {
	rec, err := r.parser.Parse(line)
	if err != nil {
		if errors.Is(err, errRecord) {
			err = damaged("line %d of member %q is not a record", r.current.Records+1, r.current.Name)
		}
		return err
	}
	if err := r.follow(rec); err != nil {
		return err
	}
	r.current.Records++
	if r.visit.Record != nil {
		return r.visit.Record(rec, line)
	}
	return nil
}

// follow checks that records are in order, so that no key is there twice.
func (r *reader) follow(rec *Record) error {
	last := &r.lastRec
	r.stored = codec.StoredKey(r.stored[:0], rec.Key)
	order := 1
	if r.found.Keys > 0 {
		if order = rec.DB - last.db; order == 0 {
			order = bytes.Compare(r.stored, last.stored)
		}
	}
	switch {
	case last.more && (order != 0 || rec.Type != last.kind):
		return damaged("a value is not complete")
	case !last.more && order <= 0:
		return unsafe("key %.64q is there twice or in the wrong place", rec.Key)
	case !last.more:
		r.found.Keys++
	}
	last.db, last.kind, last.more = rec.DB, rec.Type, rec.More
	last.stored, r.stored = r.stored, last.stored
	return nil
}
