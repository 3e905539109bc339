package snapshot

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kvd/engine"
	"kvd/engine/doc"
	"kvd/internal/rediserr"
	"kvd/persist"
	"kvd/snapshot/archive"
)

// The format of the seed is a gzipped tar file of data.json, one JSON value, and
// metadata.json, in this order. Here the value is an object of the keys of
// database 0: a string is a string, a document what it is, a list or a set an
// array, a hash an object, a sorted set an object of scores. Streams have no place
// in it. When it is read, a member that is a string becomes a string and any other
// a document; a value that is no object becomes one document, named as the backup.

// seedMetadata is metadata.json of the seed.
type seedMetadata struct {
	BackupName    string          `json:"backup_name"`
	Timestamp     json.RawMessage `json:"timestamp"`
	DataSize      int64           `json:"data_size"`
	FormatVersion string          `json:"format_version"`
}

const seedVersion = "1.0"

var errSeedText = rediserr.New("FORMAT SEED takes keys and values that are UTF-8, of database 0 and of all types but streams, with finite scores")

// writeSeed writes a snapshot in the format of the seed. It is built in memory: the
// format wants the size before the data.
func (s *Service) writeSeed(t *task, out io.Writer, view *persist.View, info *Info, o CreateOptions) error {
	settings, spaces, err := settingsOf(view, s.opt.Engine.Databases())
	if err != nil {
		return err
	}
	keys, _, err := resolve(o.Scopes, settings)
	if err != nil {
		return err
	}
	var w seedWriter
	src := source{view: view, now: info.Time.UnixMilli(), scope: keys, emit: func(r *archive.Record) error {
		if err := w.add(r); err != nil {
			return err
		}
		return t.step(len(r.Key) + len(r.Value))
	}}
	if err := src.run(spaces); err != nil {
		return err
	}
	data := w.finish()
	meta, err := json.MarshalIndent(seedMetadata{
		BackupName: info.ID, Timestamp: json.RawMessage(info.Time.Format(`"2006-01-02T15:04:05.000000"`)),
		DataSize: int64(len(data)), FormatVersion: seedVersion,
	}, "", "  ")
	if err != nil {
		return err
	}
	info.Keys, info.Records, info.Bytes, info.Members = w.keys, w.keys, int64(len(data)), 2
	zip := gzip.NewWriter(out)
	pack := tar.NewWriter(zip)
	for _, m := range []struct {
		name string
		body []byte
	}{{"data.json", data}, {"metadata.json", meta}} {
		h := tar.Header{Name: m.name, Mode: 0o600, Size: int64(len(m.body)), ModTime: info.Time.Truncate(time.Second), Format: tar.FormatUSTAR}
		if err := pack.WriteHeader(&h); err != nil {
			return err
		}
		if _, err := pack.Write(m.body); err != nil {
			return err
		}
	}
	return errors.Join(pack.Close(), zip.Close())
}

// seedWriter makes the object of data.json.
type seedWriter struct {
	b     doc.Builder
	begun bool
	keys  int64
	more  bool
	text  []byte
}

func (w *seedWriter) add(r *archive.Record) error {
	if !w.begun {
		w.b = *doc.NewBuilder(nil)
		w.b.BeginObject()
		w.begun = true
	}
	if r.DB != 0 || r.Type == archive.Stream || !isText(r) {
		return errSeedText
	}
	if !w.more {
		w.keys++
		w.b.Name(string(r.Key))
		switch r.Type {
		case archive.List, archive.Set:
			w.b.BeginArray()
		case archive.Hash, archive.ZSet:
			w.b.BeginObject()
		}
	}
	w.more = r.More
	switch r.Type {
	case archive.String:
		if w.text = append(w.text, r.Value...); !r.More {
			w.b.String(string(w.text))
			w.text = w.text[:0]
		}
		return nil
	case archive.JSON:
		w.b.Value(r.Doc)
		return nil
	}
	for _, it := range r.Items {
		switch r.Type {
		case archive.Hash:
			w.b.Name(string(it.Name))
			w.b.String(string(it.Value))
		case archive.ZSet:
			if math.IsInf(it.Score, 0) {
				return errSeedText
			}
			w.b.Name(string(it.Name))
			w.b.Value(doc.AppendNumber(nil, doc.AppendFloat(nil, it.Score)))
		default:
			w.b.String(string(it.Name))
		}
	}
	if !r.More {
		w.b.End()
	}
	return nil
}

func (w *seedWriter) finish() []byte {
	if !w.begun {
		return []byte("{}\n")
	}
	w.b.End()
	var text doc.Writer
	text.Format = doc.Format{Indent: "  ", Newline: "\n", Space: " "}
	text.Value(doc.Value(w.b.Bytes()))
	return append(text.Buf, '\n')
}

// maxSeed is the size of the largest data.json that is read, in bytes: it is one
// JSON value.
const maxSeed = 256 << 20

// readSeed reads an archive of the seed and gives its keys in the order of storage.
func (s *Service) readSeed(in io.Reader, info *Info, maxBytes int64, v archive.Visitor) error {
	members, err := seedMembers(in, min(maxBytes, maxSeed))
	if err != nil {
		return err
	}
	var meta seedMetadata
	if err := json.Unmarshal(members["metadata.json"], &meta); err != nil {
		return &archive.UnsafeError{What: fmt.Sprintf("metadata.json: %v", err)}
	}
	data := members["data.json"]
	switch {
	case meta.FormatVersion != seedVersion:
		return &archive.UnsafeError{What: fmt.Sprintf("unknown format_version %.40q", meta.FormatVersion)}
	case meta.DataSize != int64(len(data)):
		return &archive.DamagedError{What: "data.json is not as long as declared"}
	}
	parser := doc.Parser{Limits: doc.Limits{Bytes: maxSeed}}
	value, err := parser.Append(nil, data)
	if err != nil {
		return &archive.UnsafeError{What: fmt.Sprintf("data.json: %v", err)}
	}
	info.Bytes, info.Members = int64(len(data)), 2
	if v.Metadata != nil {
		if err := v.Metadata(&archive.Metadata{SnapshotID: info.ID, Name: info.Name, Scope: []archive.Scope{{Kind: ScopePrefix}}}); err != nil {
			return err
		}
	}
	list := seedRecords(doc.Value(value), meta.BackupName)
	info.Keys, info.Records = int64(len(list)), int64(len(list))
	for i := range list {
		if v.Record != nil {
			if err := v.Record(&list[i], archive.AppendRecord(nil, &list[i])); err != nil {
				return err
			}
		}
	}
	return nil
}

// seedRecords turns the value of data.json into keys.
func seedRecords(value doc.Value, name string) []archive.Record {
	one := func(key []byte, v doc.Value) archive.Record {
		if v.Kind() == doc.String {
			return archive.Record{Key: key, Type: archive.String, Value: v.Text()}
		}
		return archive.Record{Key: key, Type: archive.JSON, Doc: v, Info: engine.DocumentInfo{Version: 1}}
	}
	if value.Kind() != doc.Object {
		return []archive.Record{one([]byte(name), value)}
	}
	var list []archive.Record
	for it := value.Items(); it.Next(); {
		list = append(list, one(it.Name(), it.Value()))
	}
	slices.SortFunc(list, func(a, b archive.Record) int { return persist.CompareKeys(a.Key, b.Key) })
	return list
}

// seedMembers reads the two files of an archive of the seed, whatever else would
// do harm.
func seedMembers(in io.Reader, maxBytes int64) (map[string][]byte, error) {
	zip, err := gzip.NewReader(bufio.NewReader(in))
	if err != nil {
		return nil, seedFault(err)
	}
	found, left := make(map[string][]byte), maxBytes
	pack := tar.NewReader(io.LimitReader(zip, maxBytes+1<<20))
	for {
		h, err := pack.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, seedFault(err)
		}
		if err := plainMember(h, found, left); err != nil {
			return nil, err
		}
		var b bytes.Buffer
		n, err := io.CopyN(&b, pack, h.Size)
		if err != nil {
			return nil, seedFault(err)
		}
		left -= n
		found[h.Name] = b.Bytes()
	}
	if len(found) != 2 {
		return nil, &archive.DamagedError{What: "data.json or metadata.json is missing"}
	}
	return found, nil
}

// plainMember refuses what is not one of the two files.
func plainMember(h *tar.Header, found map[string][]byte, left int64) error {
	refuse := func(format string, args ...any) error {
		return &archive.UnsafeError{What: fmt.Sprintf(format, args...)}
	}
	if h.Typeflag != tar.TypeReg || h.Linkname != "" {
		return refuse("member %.100q is not a regular file", h.Name)
	}
	if h.Name != "data.json" && h.Name != "metadata.json" {
		return refuse("member %.100q has a name that is not allowed", h.Name)
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse") {
			return refuse("member %.100q is sparse", h.Name)
		}
	}
	switch _, twice := found[h.Name]; {
	case twice:
		return refuse("member %q is there twice", h.Name)
	case h.Size > left:
		return refuse("member %q of %d bytes goes beyond the limit", h.Name, h.Size)
	}
	return nil
}

// seedFault says what an error of gzip or tar means.
func seedFault(err error) error {
	var known *rediserr.Error
	if errors.Is(err, context.Canceled) || errors.As(err, &known) {
		return err
	}
	return &archive.DamagedError{What: err.Error()}
}

// isText reports whether all of a record is UTF-8.
func isText(r *archive.Record) bool {
	ok := utf8.Valid(r.Key) && utf8.Valid(r.Value)
	for i := range r.Items {
		ok = ok && utf8.Valid(r.Items[i].Name) && utf8.Valid(r.Items[i].Value)
	}
	return ok
}
