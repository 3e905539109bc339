package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Writer writes an archive. It holds one member in memory.
type Writer struct {
	out      io.Writer
	offset   int64
	enc      *zstd.Encoder
	time     int64
	manifest Manifest
	data     []byte // of the member under way
	current  Member
	last     []byte // the key of the last record
	lastDB   int
	files    int
	frame    []byte
}

// NewWriter begins an archive with its metadata. Level is from 1, the fastest, to
// 4.
func NewWriter(out io.Writer, level int, meta *Metadata) (*Writer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevel(level)),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	w := &Writer{
		out: out, enc: enc, time: meta.CreatedAt.Unix(),
		manifest: Manifest{FormatVersion: FormatVersion, SnapshotID: meta.SnapshotID},
	}
	return w, w.json("metadata.json", meta)
}

// Settings writes the members schemas, collections, migrations and settings, in
// this order, before the first record.
func (w *Writer) Settings(name string, s Settings) error {
	text, err := s.encode()
	if err != nil {
		return err
	}
	return w.member(Member{Name: name + ".json"}, text)
}

func (w *Writer) json(name string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return w.member(Member{Name: name}, append(text, '\n'))
}

// Record writes a record.
func (w *Writer) Record(r *Record) error {
	before := len(w.data)
	w.data = AppendRecord(w.data, r)
	if len(w.data) > memberBytes && before > 0 {
		line := bytes.Clone(w.data[before:])
		w.data = w.data[:before]
		if err := w.flush(); err != nil {
			return err
		}
		w.data = append(w.data, line...)
	}
	w.note(r)
	return nil
}

// note counts a record that was added to the member.
func (w *Writer) note(r *Record) {
	if w.current.Records == 0 {
		w.current.First = append(Text(nil), r.Key...)
	}
	if w.manifest.Keys == 0 || r.DB != w.lastDB || !bytes.Equal(r.Key, w.last) {
		w.manifest.Keys++
	}
	w.lastDB = r.DB
	w.last = append(w.last[:0], r.Key...)
	w.current.Records++
}

// flush writes the data member under way.
func (w *Writer) flush() error {
	if len(w.data) == 0 {
		return nil
	}
	w.files++
	m := w.current
	m.Name, m.Last = fmt.Sprintf("data/%06d.jsonl", w.files), append(Text(nil), w.last...)
	err := w.member(m, w.data)
	w.current, w.data = Member{}, w.data[:0]
	return err
}

// member writes a member as a frame of its own.
func (w *Writer) member(m Member, body []byte) error {
	sum := sha256.Sum256(body)
	m.Bytes, m.SHA256, m.Offset = int64(len(body)), hex.EncodeToString(sum[:]), w.offset
	if err := w.write(m.Name, body, nil); err != nil {
		return err
	}
	w.manifest.add(m)
	return nil
}

func (w *Writer) write(name string, body, end []byte) error {
	raw := make([]byte, 0, blockSize+len(body)+blockSize+len(end))
	raw = append(raw, header(name, int64(len(body)), w.time)...)
	raw = append(raw, body...)
	raw = append(raw, make([]byte, padding(int64(len(body))))...)
	w.frame = w.enc.EncodeAll(append(raw, end...), w.frame[:0])
	n, err := w.out.Write(w.frame)
	w.offset += int64(n)
	return err
}

// Keys is how many keys have been written.
func (w *Writer) Keys() int64 { return w.manifest.Keys }

// Close writes the rest, ends the archive and returns its manifest. It does not
// close what it writes to.
func (w *Writer) Close() (*Manifest, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	w.manifest.Root = root(w.manifest.Members)
	text, err := json.MarshalIndent(&w.manifest, "", " ")
	if err != nil {
		return nil, err
	}
	if err := w.write("manifest.json", append(text, '\n'), make([]byte, 2*blockSize)); err != nil {
		return nil, err
	}
	return &w.manifest, w.enc.Close()
}
