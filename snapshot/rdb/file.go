package rdb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A file is a magic word with the version of the format in digits, records, the
// byte opEOF and a CRC64 of all before. A record is one of the opcodes, or the
// type of a key's value, the key and the value; what is special about a key
// stands before it.
const (
	opSlotImport  = 243 // of Valkey's clusters
	opSlotInfo    = 244
	opFunction    = functionLibrary
	opFunctionOld = 246 // of a release candidate, with name and engine apart
	opModuleAux   = 247
	opIdle        = 248
	opFreq        = 249
	opAux         = 250
	opResizeDB    = 251
	opExpireMS    = 252
	opExpire      = 253
	opSelectDB    = 254
	opEOF         = 255
)

const (
	magicRedis    = "REDIS"
	magicValkey   = "VALKEY"
	headerSize    = 9  // of both: the version has the digits that are left
	sumVersion    = 5  // the first version with a checksum
	valkeyVersion = 80 // of Valkey 9; 8 writes REDIS0011
)

// Types of which the file has values that RESTORE never sees.
const (
	typeModuleOld = 6 // can't be told from what follows it
	typeModule    = 7
)

// The most that a file may say.
const (
	maxDatabase = math.MaxInt32
	maxMillis   = math.MaxInt64 / 2
	maxIdle     = math.MaxInt64 / 1000
)

// FileError says that a file is no dump of the kind that FileReader reads, and
// where that shows.
type FileError struct {
	Offset int64 // in bytes
	What   string
}

// Error implements error.
func (e *FileError) Error() string { return fmt.Sprintf("RDB: %s at offset %d", e.What, e.Offset) }

// Kind is the kind of a Record.
type Kind uint8

// The kinds.
const (
	// Key is a key with its value.
	Key Kind = iota + 1
	// Function is the code of a function library.
	Function
	// Aux is a fact about the file or the server that wrote it.
	Aux
)

// Unset is the Idle or Freq of a key of which the file has none.
const Unset = -1

// Record is a part of a file. Its slices stay valid.
type Record struct {
	Kind Kind
	// Offset is where the record begins, in bytes.
	Offset int64

	DB     int
	Key    []byte
	Expire int64 // unix time in milliseconds; 0: never
	Idle   int64 // in seconds, or Unset
	Freq   int   // the counter of an LFU policy, 0 to 255, or Unset
	Value  *Value

	// Dump is the value as DUMP gave it, for a record that no FileReader made.
	Dump []byte

	Code []byte // of a Function

	Name, Text []byte // of an Aux

	body    []byte // the value as the file has it, the byte of its type in front
	version uint16 // of the format of body; 0: Payload encodes Value
}

// Payload appends the value of a Key to dst in the form of DUMP, in the oldest
// version of the format that has its encoding, but none below 6.
func (r *Record) Payload(dst []byte) []byte {
	switch {
	case r.Dump != nil:
		return append(dst, r.Dump...)
	case r.version == 0:
		return Encode(dst, r.Value)
	}
	start := len(dst)
	return seal(append(dst, r.body...), start, r.version)
}

// FileReader reads the records of a file. It holds one value in memory at a time.
type FileReader struct {
	r       *reader
	version int
	db      int
	rec     Record // the marks of the key to come
}

// NewFileReader begins to read a file: of the versions 1 to MaxVersion, or of
// Valkey's 80. It reads ahead.
func NewFileReader(from io.Reader) (*FileReader, error) {
	f := &FileReader{r: &reader{in: newInput(from), expanded: minExpanded}}
	head := f.r.take(headerSize)
	if head == nil {
		f.r.short = false
		return nil, f.fault(0, "it is too short for an RDB file")
	}
	digits := ""
	switch {
	case string(head[:len(magicRedis)]) == magicRedis:
		digits = string(head[len(magicRedis):])
	case string(head[:len(magicValkey)]) == magicValkey:
		digits, f.r.valkey = string(head[len(magicValkey):]), true
	default:
		return nil, &FileError{What: "there is no RDB file (it would begin with REDIS or VALKEY)"}
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	f.version = int(n)
	known := f.version >= 1 && f.version <= MaxVersion
	if f.r.valkey {
		known = f.version == valkeyVersion
	}
	if err != nil || !known {
		return nil, &FileError{What: fmt.Sprintf("%q is a version of the format that is not known, up to REDIS%04d and VALKEY%03d", head, MaxVersion, valkeyVersion)}
	}
	return f, nil
}

// Version is the version of the format.
func (f *FileReader) Version() int { return f.version }

// Offset is how many bytes have been read of the file, for showing progress.
func (f *FileReader) Offset() int64 { return f.r.offset() }

// Next returns the next record, and io.EOF after the last one if the checksum is
// right. Other errors are *FileError, or of reading.
func (f *FileReader) Next() (*Record, error) {
	f.rec = Record{Idle: Unset, Freq: Unset}
	for {
		start := f.r.offset()
		op := f.r.byte()
		if f.r.bad {
			return nil, f.fault(start, "no end")
		}
		rec, err := f.record(op, start)
		if rec != nil || err != nil {
			return rec, err
		}
	}
}

// record reads what one opcode or type begins. What is no record of its own gives
// nil.
func (f *FileReader) record(op byte, start int64) (*Record, error) {
	r, rec := f.r, &f.rec
	switch op {
	case opEOF:
		return nil, f.end(start)
	case opSelectDB:
		f.db = int(min(r.number(), maxDatabase))
	case opResizeDB:
		r.number()
		r.number()
	case opExpireMS:
		rec.Expire = int64(min(r.fixed(), maxMillis))
	case opExpire:
		if b := r.take(4); b != nil {
			rec.Expire = int64(binary.LittleEndian.Uint32(b)) * 1000
		}
	case opIdle:
		rec.Idle = int64(min(r.number(), maxIdle))
	case opFreq:
		rec.Freq = int(r.byte())
	case opSlotInfo:
		r.number()
		r.number()
		r.number()
	case opAux, opFunction, opModuleAux:
		return f.other(op, start)
	case opFunctionOld, opSlotImport:
		return nil, f.fault(start, fmt.Sprintf("opcode %d is not supported", op))
	default:
		return f.key(op, start)
	}
	if r.bad {
		return nil, f.fault(start, fmt.Sprintf("opcode %d makes no sense", op))
	}
	return nil, nil
}

// other reads a record that is no key.
func (f *FileReader) other(op byte, start int64) (*Record, error) {
	rec := &Record{Offset: start, DB: f.db}
	switch op {
	case opAux:
		rec.Kind, rec.Name, rec.Text = Aux, f.r.string(), f.r.string()
	case opFunction:
		rec.Kind, rec.Code = Function, f.r.string()
	case opModuleAux:
		f.r.skipModuleAux()
		rec = nil
	}
	if f.r.bad {
		return nil, f.fault(start, fmt.Sprintf("opcode %d makes no sense", op))
	}
	return rec, nil
}

// key reads a key with its value.
func (f *FileReader) key(kind byte, start int64) (*Record, error) {
	if kind > typeHashPackTTL || kind == typeModuleOld || kind > typeModule && kind < typeHashZipmap {
		return nil, f.fault(start, fmt.Sprintf("opcode or type %d is not known", kind))
	}
	r, rec := f.r, f.rec
	rec.Kind, rec.Offset, rec.DB, rec.Key = Key, start, f.db, r.string()
	if r.bad {
		return nil, f.fault(start, "a key makes no sense")
	}
	r.expanded = minExpanded
	r.in.keep = len(r.in.buf) - len(r.src)
	rec.Value = r.valueOf(kind)
	if r.bad || !rec.Value.sound() {
		return nil, f.fault(start, f.wrongValue(kind, rec.Key))
	}
	if rec.version = f.payloadVersion(kind); rec.version != 0 {
		body := r.in.buf[r.in.keep : len(r.in.buf)-len(r.src)]
		rec.body = append(append(make([]byte, 0, 1+len(body)), kind), body...)
	}
	r.in.keep = -1
	return &rec, nil
}

func (f *FileReader) wrongValue(kind byte, key []byte) string {
	if f.r.foreign != nil {
		return fmt.Sprintf("the value of key %.64q: %v", key, f.r.foreign)
	}
	return fmt.Sprintf("the value of key %.64q, of type %d, makes no sense", key, kind)
}

// payloadVersion is the version of the format in which DUMP has an encoding, or 0
// if only Valkey has it.
func (f *FileReader) payloadVersion(kind byte) uint16 {
	const oldVersion, setListpack, expiringFields = 9, 11, 12
	switch {
	case kind >= typeHashTTLEarly && f.r.valkey:
		return 0
	case kind >= typeHashTTLEarly:
		return expiringFields
	case kind >= typeSetListpack:
		return setListpack
	case kind >= typeHashListpack:
		return Version
	}
	return oldVersion
}

// end looks at what follows the last record.
func (f *FileReader) end(start int64) error {
	r := f.r
	if f.version < sumVersion {
		return io.EOF
	}
	r.in.addSum(len(r.in.buf) - len(r.src))
	is := ^r.in.sum
	says := r.fixed()
	switch {
	case r.bad:
		return f.fault(start, "the checksum is missing")
	case says != 0 && says != is: // 0: the server was told to write none
		return f.fault(start, "the checksum does not match: the file is damaged")
	}
	return io.EOF
}

// fault is the error for what is wrong at a place, or for not being able to read
// it.
func (f *FileReader) fault(at int64, what string) error {
	switch err := f.r.in.err; {
	case err == nil:
	case errors.Is(err, io.EOF) && f.r.short:
		what = "the file ends in the middle of a record"
	case !errors.Is(err, io.EOF):
		return fmt.Errorf("reading an RDB file: %w", err)
	}
	return &FileError{Offset: at, What: what}
}
