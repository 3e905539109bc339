package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// opened is the tar file of an archive.
func opened(t testing.TB, b []byte) []byte {
	t.Helper()
	dec, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer dec.Close()
	out, err := dec.DecodeAll(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func closed(t testing.TB, b []byte) []byte {
	t.Helper()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer enc.Close()
	return enc.EncodeAll(b, nil)
}

// files are the members of a good archive.
func files(t testing.TB) (list []tar.Header, bodies map[string][]byte) {
	t.Helper()
	bodies = make(map[string][]byte)
	in := tar.NewReader(bytes.NewReader(opened(t, written(t, samples()...))))
	for {
		h, err := in.Next()
		if err != nil {
			return list, bodies
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(in); err != nil {
			t.Fatal(err)
		}
		list = append(list, tar.Header{Name: h.Name, Mode: 0o600, Size: h.Size, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR})
		bodies[h.Name] = b.Bytes()
	}
}

// packed makes an archive of members.
func packed(t testing.TB, list []tar.Header, bodies map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i := range list {
		h := &list[i]
		if body, ok := bodies[h.Name]; ok && h.Size > 0 {
			h.Size = int64(len(body))
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write(bodies[h.Name]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return closed(t, out.Bytes())
}

func refused(t *testing.T, archive []byte, want string) {
	t.Helper()
	_, err := Read(bytes.NewReader(archive), limit, Visitor{})
	var unsafe *UnsafeError
	if !errors.As(err, &unsafe) || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v; want an unsafe archive: %s", err, want)
	}
}

func TestHostileMembers(t *testing.T) {
	extra := func(h tar.Header) func([]tar.Header) []tar.Header {
		h.Mode, h.Format = 0o600, tar.FormatUnknown
		return func(list []tar.Header) []tar.Header {
			return append(append(list[:len(list)-1:len(list)-1], h), list[len(list)-1])
		}
	}
	tests := []struct {
		name   string
		change func([]tar.Header) []tar.Header
		want   string
	}{
		{"link", extra(tar.Header{Name: "data/000002.jsonl", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), "not a regular file"},
		{"hard link", extra(tar.Header{Name: "data/000002.jsonl", Typeflag: tar.TypeLink, Linkname: "metadata.json"}), "not a regular file"},
		{"device", extra(tar.Header{Name: "data/000002.jsonl", Typeflag: tar.TypeChar, Devmajor: 1}), "not a regular file"},
		{"pipe", extra(tar.Header{Name: "data/000002.jsonl", Typeflag: tar.TypeFifo}), "not a regular file"},
		{"directory", extra(tar.Header{Name: "data/", Typeflag: tar.TypeDir}), "not a regular file"},
		{"extended header", extra(tar.Header{Name: "data/000002.jsonl", Typeflag: tar.TypeReg, PAXRecords: map[string]string{"KVD.x": "y"}}), "not a regular file"},
		{"parent", extra(tar.Header{Name: "../000002.jsonl", Typeflag: tar.TypeReg}), "name that is not allowed"},
		{"parent inside", extra(tar.Header{Name: "data/../../x", Typeflag: tar.TypeReg}), "name that is not allowed"},
		{"absolute", extra(tar.Header{Name: "/data/000002.jsonl", Typeflag: tar.TypeReg}), "name that is not allowed"},
		{"another name", extra(tar.Header{Name: "data/x.jsonl", Typeflag: tar.TypeReg}), "name that is not allowed"},
		{"prefix", extra(tar.Header{Name: strings.Repeat("d/", 60) + "x", Typeflag: tar.TypeReg}), ""},
		{"duplicate", extra(tar.Header{Name: "data/000001.jsonl", Typeflag: tar.TypeReg}), "not the next one"},
		{"left out", extra(tar.Header{Name: "data/000003.jsonl", Typeflag: tar.TypeReg}), "not the next one"},
		{"settings twice", extra(tar.Header{Name: "settings.json", Typeflag: tar.TypeReg}), "there twice"},
		{"no metadata", func(l []tar.Header) []tar.Header { return l[1:] }, "does not begin with its metadata"},
		{"metadata later", func(l []tar.Header) []tar.Header { return append([]tar.Header{l[1]}, l...) }, "does not begin with its metadata"},
		{"undeclared", extra(tar.Header{Name: "data/000002.jsonl", Typeflag: tar.TypeReg}), "not in the manifest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, bodies := files(t)
			refused(t, packed(t, tt.change(list), bodies), tt.want)
		})
	}
}

func TestHostileSizes(t *testing.T) {
	good := written(t, samples()...)
	if _, err := Read(bytes.NewReader(good), 3000, Visitor{}); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("error %v", err)
	}
	t.Run("declared beyond the limit", func(t *testing.T) {
		raw := append(header("metadata.json", limit+1, 0), make([]byte, 2*blockSize)...)
		refused(t, closed(t, raw), "beyond the limit")
	})
	t.Run("longer than declared", func(t *testing.T) {
		list, bodies := files(t)
		bodies["data/000001.jsonl"] = append(bodies["data/000001.jsonl"], `{"db":3,"k":"z","t":"string","v":""}`+"\n"...)
		refused(t, packed(t, list, bodies), "longer than declared")
	})
	t.Run("window", func(t *testing.T) {
		var out bytes.Buffer
		enc, err := zstd.NewWriter(&out, zstd.WithWindowSize(128<<20), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := enc.Write(opened(t, good)); err != nil {
			t.Fatal(err)
		}
		if err := enc.Flush(); err != nil { // no size is known, so that the window counts
			t.Fatal(err)
		}
		if err := enc.Close(); err != nil {
			t.Fatal(err)
		}
		refused(t, out.Bytes(), "more memory")
	})
	t.Run("depth", func(t *testing.T) {
		for _, line := range []string{
			`{"k":"a","t":"json","v":` + strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth) + "}",
			`{"k":"a","t":"json","meta":` + strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200) + `,"v":1}`,
		} {
			var p Parser
			var unsafe *UnsafeError
			if _, err := p.Parse([]byte(line)); !errors.As(err, &unsafe) {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("rubbish after the end", func(t *testing.T) {
		refused(t, closed(t, append(opened(t, good), 1)), "after its end")
	})
	t.Run("another format", func(t *testing.T) {
		refused(t, []byte("PK\x03\x04 this is a zip file"), "not compressed with zstd")
	})
	t.Run("format version", func(t *testing.T) {
		list, bodies := files(t)
		bodies["metadata.json"] = bytes.Replace(bodies["metadata.json"], []byte(`"format_version": 1`), []byte(`"format_version": 2`), 1)
		refused(t, packed(t, list, bodies), "unknown format_version 2")
	})
	t.Run("a key twice", func(t *testing.T) {
		r := Record{Key: []byte("k"), Type: String}
		refused(t, written(t, r, r), "there twice")
	})
}

// A bomb of nothing but zeros is small and is stopped at the limit, without memory
// for what it pretends to be.
func TestBomb(t *testing.T) {
	var out bytes.Buffer
	enc, err := zstd.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	const pretended = 40 << 20
	for _, chunk := range [][]byte{header("metadata.json", pretended, 0), make([]byte, pretended)} {
		if _, err := enc.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := enc.Close(); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 100_000 {
		t.Fatalf("the bomb has %d bytes", out.Len())
	}
	_, err = Read(bytes.NewReader(out.Bytes()), 1<<20, Visitor{})
	var unsafe *UnsafeError
	if !errors.As(err, &unsafe) {
		t.Errorf("error %v", err)
	}
}

// readPlain reads the tar file of an archive.
func readPlain(b []byte) error {
	r := &reader{in: bufio.NewReader(bytes.NewReader(b)), left: limit, step: -1}
	return r.run()
}

// Every way to cut an archive short is noticed, and every byte of a member that is
// changed.
func TestDamage(t *testing.T) {
	good := written(t, samples()...)
	const near = 200 // the bytes at both ends are tried one by one
	for n := 0; n < len(good); n++ {
		if n > near && n < len(good)-near {
			n += 6
		}
		if _, err := Read(bytes.NewReader(good[:n]), limit, Visitor{}); err == nil {
			t.Fatalf("%d of %d bytes were read as an archive", n, len(good))
		}
	}
	raw := opened(t, good)
	for n := range 2 * blockSize {
		if err := readPlain(raw[:n]); err == nil {
			t.Fatalf("%d bytes of the header were read as an archive", n)
		}
	}
	at := bytes.Index(raw, []byte("data/000001.jsonl"))
	for i := at; i < at+blockSize+400; i++ {
		bad := bytes.Clone(raw)
		bad[i] ^= 1
		if err := readPlain(bad); err == nil {
			t.Errorf("the changed byte %d (%q) was not noticed", i, raw[i])
		}
	}
}

func TestManifestThatLies(t *testing.T) {
	for _, change := range []struct {
		name string
		do   func(*Manifest)
	}{
		{"sum", func(m *Manifest) { m.Members[5].SHA256 = strings.Repeat("0", 64) }},
		{"records", func(m *Manifest) { m.Members[5].Records++ }},
		{"root", func(m *Manifest) { m.Root = "" }},
		{"keys", func(m *Manifest) { m.Keys++ }},
		{"more members", func(m *Manifest) { m.Members = append(m.Members, Member{Name: "data/000002.jsonl"}) }},
		{"of another", func(m *Manifest) { m.SnapshotID = "other" }},
		{"version", func(m *Manifest) { m.FormatVersion = 9 }},
	} {
		t.Run(change.name, func(t *testing.T) {
			list, bodies := files(t)
			var m Manifest
			if err := json.Unmarshal(bodies["manifest.json"], &m); err != nil {
				t.Fatal(err)
			}
			change.do(&m)
			text, err := json.Marshal(&m)
			if err != nil {
				t.Fatal(err)
			}
			bodies["manifest.json"] = text
			if _, err := Read(bytes.NewReader(packed(t, list, bodies)), limit, Visitor{}); err == nil {
				t.Error("it was believed")
			}
		})
	}
}

func TestLinesThatAreNoRecords(t *testing.T) {
	var p Parser
	for _, line := range []string{
		``, `{}`, `[]`, `{"k":"a"}`, `{"k":"a","t":"string"}`, `{"k":"a","v":"x"}`, `{"k":"a","t":"other","v":"x"}`,
		`{"k":"a","t":"string","v":"x"} x`, `{"k":"a","t":"string","v":"x","v":"y"}`, `{"k":"a","t":"string","v":1}`,
		`{"k":"a","t":"list","v":[]}`, `{"k":"a","t":"list","v":["x"`, `{"k":"a","t":"zset","v":[["m","nan"]]}`,
		`{"k":"a","t":"zset","v":[["m",1e999]]}`, `{"k":"a","t":"hash","v":[["f"]]}`, `{"k":"a","t":"hash","v":[["f","v",-1]]}`,
		`{"k":"a","t":"string","px":-1,"v":""}`, `{"k":"a","t":"string","db":-1,"v":""}`, `{"k64":"*","t":"string","v":""}`,
		`{"k":"\u12","t":"string","v":""}`, `{"k":"\ud800","t":"string","v":""}`, `{"k":"\ud800\u0041","t":"string","v":""}`,
		`{"k":"a\x","t":"string","v":""}`, "{\"k\":\"a\x01\",\"t\":\"string\",\"v\":\"\"}", `{"k":"a","t":"json","v":{"a"}}`,
		`{"k":"a","t":"json","v":`, `{"k":"a","t":"stream","v":[]}`, `{"k":"a","t":"stream","v":[["e","1-1",[]]]}`,
		`{"k":"a","t":"stream","v":[["e","1",["f","v"]]]}`, `{"k":"a","t":"stream","v":[["?"]]}`, `{"k":"a","t":"json","more":true,"v":1}`,
	} {
		if r, err := p.Parse([]byte(line)); err == nil {
			t.Errorf("%s was read as %+v", line, r)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, r := range samples() {
		f.Add(AppendRecord(nil, &r))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var p Parser
		r, err := p.Parse(line)
		if err != nil {
			return
		}
		again := AppendRecord(nil, r)
		var q Parser
		s, err := q.Parse(again)
		if err != nil {
			t.Fatalf("%q became %q: %v", line, again, err)
		}
		if last := AppendRecord(nil, s); !bytes.Equal(last, again) {
			t.Fatalf("%q became %q", again, last)
		}
	})
}

func FuzzRead(f *testing.F) {
	raw := opened(f, written(f, samples()...))
	f.Add(raw)
	f.Add(raw[:blockSize])
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &reader{in: bufio.NewReader(bytes.NewReader(b)), left: 1 << 20, step: -1}
		err := r.run()
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return
		}
		var unsafe *UnsafeError
		var damage *DamagedError
		if err != nil && !errors.As(err, &unsafe) && !errors.As(err, &damage) {
			t.Fatalf("error %v", err)
		}
		if err == nil && r.Manifest.FormatVersion != FormatVersion {
			t.Fatal("an unknown version was read")
		}
	})
}
