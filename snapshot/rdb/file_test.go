package rdb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// fileOf makes a file of parts, with the right checksum.
func fileOf(head string, parts ...string) []byte {
	b := []byte(head + strings.Join(parts, "") + "\xff")
	return binary.LittleEndian.AppendUint64(b, ^crc64.Update(^uint64(0), jones, b))
}

// readAll returns the records of a file.
func readAll(t testing.TB, in io.Reader) ([]*Record, error) {
	t.Helper()
	f, err := NewFileReader(in)
	if err != nil {
		return nil, err
	}
	var list []*Record
	for {
		rec, err := f.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		list = append(list, rec)
	}
}

// sample is a file with every kind of record.
func sample() []byte {
	return fileOf("REDIS0010",
		"\xfa\x09redis-ver\x057.0.0",
		"\xf7\x81\x00\x00\x00\x00\x00\x00\x00\x01\x02\x02\x05\x03abc\x01\x07\x03\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00", // a module's own
		"\xf5\x04code",
		"\xfe\x00\xfb\x02\x01",
		"\x00\x01a\x01x",
		"\xfd\x02\x00\x00\x00\x00\x01b\xc0\x07",
		"\xfe\x03\xfb\x01\x01\xf4\x01\x02\x03",
		"\xfc\x39\x30\x00\x00\x00\x00\x00\x00\xf8\x05\x01\x01c\x02\x011\x012",
		"\xf9\x09\x02\x01d\x01\x01m",
	)
}

func TestFileRecords(t *testing.T) {
	for name, in := range map[string]io.Reader{
		"whole": bytes.NewReader(sample()), "byte by byte": iotest.OneByteReader(bytes.NewReader(sample())),
	} {
		list, err := readAll(t, in)
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		for _, r := range list {
			switch r.Kind {
			case Aux:
				got = append(got, fmt.Sprintf("aux %s=%s", r.Name, r.Text))
			case Function:
				got = append(got, fmt.Sprintf("function %s", r.Code))
			default:
				got = append(got, fmt.Sprintf("%d %s %d idle %d freq %d type %d", r.DB, r.Key, r.Expire, r.Idle, r.Freq, r.Value.Type))
			}
		}
		want := []string{
			"aux redis-ver=7.0.0", "function code",
			"0 a 0 idle -1 freq -1 type 1", "0 b 2000 idle -1 freq -1 type 1",
			"3 c 12345 idle 5 freq -1 type 2", "3 d 0 idle -1 freq 9 type 3",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s", name, strings.Join(got, "\n"))
		}
		for _, r := range list {
			if r.Kind == Key {
				if v, err := Decode(r.Payload(nil)); err != nil || v.Type != r.Value.Type {
					t.Errorf("the payload of %s: %v", r.Key, err)
				}
			}
		}
	}
}

// TestFileDamage cuts the file short at each byte and turns each of its bits.
func TestFileDamage(t *testing.T) {
	whole := sample()
	for cut := range whole {
		_, err := readAll(t, bytes.NewReader(whole[:cut]))
		if fault := (*FileError)(nil); !errors.As(err, &fault) || fault.Offset > int64(cut) {
			t.Fatalf("%d of %d bytes: %v", cut, len(whole), err)
		}
	}
	for i := range 8 * len(whole) {
		b := bytes.Clone(whole)
		b[i/8] ^= 1 << (i % 8)
		if _, err := readAll(t, bytes.NewReader(b)); err == nil {
			t.Fatalf("bit %d of byte %d turned: no error", i%8, i/8)
		}
	}
}

func TestFileRefusals(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "too short for an RDB file at offset 0"},
		{"REDIS00", "too short for an RDB file at offset 0"},
		{"GARBAGE10", "there is no RDB file (it would begin with REDIS or VALKEY) at offset 0"},
		{"REDIS0013\xff", "version of the format that is not known"},
		{"REDIS0000\xff", "version of the format that is not known"},
		{"VALKEY081\xff", "version of the format that is not known"},
		{"REDIS0010\xfe\x00\xc8", "opcode or type 200 is not known at offset 11"},
		{"REDIS0010\x06", "opcode or type 6 is not known at offset 9"},
		{"REDIS0010\x08", "opcode or type 8 is not known at offset 9"},
		{"REDIS0010\xf6", "opcode 246 is not supported at offset 9"},
		{"REDIS0010\x07\x01k\x01\x00", `the value of key "k": a value of the module type`},
		{"REDIS0010\x01\x01k\x00", `the value of key "k", of type 1, makes no sense at offset 9`},
		{"REDIS0010\x00\x01k\x81\x7f\xff\xff\xff\xff\xff\xff\xffabc", "the file ends in the middle of a record at offset 9"},
		{"REDIS0010\xff12345678", "the checksum does not match: the file is damaged at offset 9"},
	} {
		_, err := readAll(t, strings.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\n got %v\nwant %s", c.file, err, c.want)
		}
	}
	broken := errors.New("the disk is gone")
	if _, err := readAll(t, iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("an error of reading became %v", err)
	}
	if list, err := readAll(t, strings.NewReader("REDIS0010\x00\x01k\x01v\xff\x00\x00\x00\x00\x00\x00\x00\x00")); err != nil || len(list) != 1 {
		t.Errorf("a file without a checksum: %v", err)
	}
}

// TestValkey: type 22 means another thing in a file of Valkey 9.
func TestValkey(t *testing.T) {
	at := "\x39\x30\x00\x00\x00\x00\x00\x00"
	never := strings.Repeat("\xff", 8)
	list, err := readAll(t, bytes.NewReader(fileOf("VALKEY080", "\x16\x01h\x02\x01a\x011"+at+"\x01b\x012"+never)))
	if err != nil {
		t.Fatal(err)
	}
	v, err := Decode(list[0].Payload(nil)) // as others write it
	if err != nil || len(v.Hash) != 2 || v.Hash[0].Expire != 12345 || v.Hash[1].Expire != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestLargeValues: a value may be much longer than what is read at once.
func TestLargeValues(t *testing.T) {
	var parts []string
	for i := range 5 {
		size := 100_000 * i
		head := binary.BigEndian.AppendUint32([]byte{0x80}, uint32(size))
		parts = append(parts, fmt.Sprintf("\x00\x01%d%s%s", i, head, strings.Repeat("v", size)))
	}
	list, err := readAll(t, iotest.HalfReader(bytes.NewReader(fileOf("REDIS0009", parts...))))
	if err != nil || len(list) != 5 {
		t.Fatal(len(list), err)
	}
	for i, r := range list {
		if len(r.Value.String) != 100_000*i || string(r.Key) != fmt.Sprint(i) {
			t.Errorf("key %q has %d bytes", r.Key, len(r.Value.String))
		}
	}
}

func TestFileWriter(t *testing.T) {
	var out bytes.Buffer
	w := NewFileWriter(&out, Version, "redis-ver", "7.2.5")
	payload := Encode(nil, &Value{Type: String, String: []byte("v")})
	expiring := Encode(nil, &Value{Type: Hash, Hash: []Field{{Name: []byte("f"), Value: []byte("v"), Expire: 5}}})
	for _, err := range []error{
		w.Function([]byte("code")), w.Select(2, 1, 1), w.Key([]byte("k"), payload, 77),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Key([]byte("h"), expiring, 0); !errors.Is(err, ErrVersion) {
		t.Errorf("fields that expire in version 10: %v", err)
	}
	if err := w.Key([]byte("h"), payload[:5], 0); !errors.Is(err, ErrChecksum) {
		t.Errorf("half a payload: %v", err)
	}
	if err := w.Close(); err != nil || w.Newest() != Version || w.Size() != int64(out.Len()) {
		t.Error(err, w.Newest(), w.Size(), out.Len())
	}
	list, err := readAll(t, &out)
	if err != nil || len(list) != 3 || string(list[2].Key) != "k" || list[2].Expire != 77 || list[2].DB != 2 {
		t.Errorf("%v, %v", list, err)
	}
	failing := NewFileWriter(failWriter{}, Version)
	if err := failing.Close(); !errors.Is(err, io.ErrClosedPipe) || !errors.Is(failing.Key(nil, payload, 0), io.ErrClosedPipe) {
		t.Errorf("a write that fails: %v", err)
	}
}

type failWriter struct{}

func (failWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// FuzzFile: no file makes the reader panic, or believe a length.
func FuzzFile(f *testing.F) {
	f.Add(sample())
	f.Add(fileOf("VALKEY080", "\x16\x01h\x01\x01a\x011\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("REDIS0011\x14\x01k\x0a\x0a\x00\x00\x00\x01\x00\x01\x01\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		list, err := readAll(t, bytes.NewReader(file))
		if fault := (*FileError)(nil); err != nil && !errors.As(err, &fault) {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.Kind != Key {
				continue
			}
			if _, err := Decode(r.Payload(nil)); err != nil {
				t.Fatalf("the payload of a value that was read: %v", err)
			}
		}
	})
}
