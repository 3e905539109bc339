package snapshot

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"kvd/internal/testkit"
	"kvd/snapshot/s3"
)

// stored lists the files of snapshots.
func stored(t *testing.T, s *testkit.Server) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.Dir(), "snapshots"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func file(s *testkit.Server, name string) string { return filepath.Join(s.Dir(), "snapshots", name) }

func TestFiles(t *testing.T) {
	s, c := start(t)
	c.Do("SET", "secret key", "secret value").OK()
	snap := id(t, c.Do("SNAP.CREATE", "DESC", "why", "TAG", "a", "TAG", "b"))
	if names := stored(t, s); len(names) != 2 || names[0] != snap+".tar.zst" || names[1] != snap+".tar.zst.meta.json" {
		t.Errorf("files %q", names)
	}
	side := file(s, snap+".tar.zst.meta.json")
	text, err := os.ReadFile(side)
	if err != nil || bytes.Contains(text, []byte("secret")) {
		t.Errorf("sidecar %s, %v", text, err)
	}
	before := c.Do("SNAP.INFO", snap).Text

	t.Run("a lost sidecar is made anew", func(t *testing.T) {
		if err := os.Remove(side); err != nil {
			t.Fatal(err)
		}
		c.Do("SNAP.INFO", snap).Want(before)
		if again, err := os.ReadFile(side); err != nil || !bytes.Equal(again, text) {
			t.Errorf("sidecar %s, %v", again, err)
		}
	})
	t.Run("a sidecar of another file is not believed", func(t *testing.T) {
		other := regexp.MustCompile(`"size": \d+`).ReplaceAll(text, []byte(`"size": 9`))
		if err := os.WriteFile(side, bytes.Replace(other, []byte(`"keys": 1`), []byte(`"keys": 9`), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := c.Do("SNAP.INFO", snap).Text; !strings.Contains(got, `"keys", (integer) 1,`) {
			t.Errorf("info %s", got)
		}
	})
	t.Run("a damaged file is broken and no error", func(t *testing.T) {
		path := file(s, snap+".tar.zst")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b[:len(b)-20], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := c.Do("SNAP.LIST").Text; !strings.Contains(got, `"state", "broken"`) {
			t.Errorf("list %s", got)
		}
		if got := c.Do("SNAP.RESTORE", snap, "FLUSH").Text; !strings.HasPrefix(got, "(error) CORRUPT ") {
			t.Errorf("restore: %s", got)
		}
		if got := c.Do("SNAP.VERIFY", snap).Text; !strings.Contains(got, `"ok", (integer) 0`) || !strings.Contains(got, "CORRUPT") {
			t.Errorf("verify: %s", got)
		}
		c.Do("GET", "secret key").Want(`"secret value"`)
	})
}

// Files that are no archives of ours are refused, and nothing is changed.
func TestHostileFiles(t *testing.T) {
	s, c := start(t)
	c.Do("SET", "k", "v").OK()
	id(t, c.Do("SNAP.CREATE"))
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(string) error{
		"rubbish_1_2.tar.zst": func(p string) error { return os.WriteFile(p, []byte("rubbish, and no archive at all"), 0o600) },
		"empty_1_2.tar.zst":   func(p string) error { return os.WriteFile(p, nil, 0o600) },
		"gzip_1_2.tar.gz":     func(p string) error { return os.WriteFile(p, []byte("\x1f\x8b rubbish"), 0o600) },
	} {
		if err := make(file(s, name)); err != nil {
			t.Fatal(err)
		}
		snap, _, _ := strings.Cut(name, ".")
		got := c.Do("SNAP.RESTORE", snap, "FLUSH").Text
		if !strings.HasPrefix(got, "(error) UNSAFE ") && !strings.HasPrefix(got, "(error) CORRUPT ") {
			t.Errorf("%s: %s", name, got)
		}
	}
	if err := os.Symlink(outside, file(s, "link_1_2.tar.zst")); err != nil {
		t.Fatal(err)
	}
	c.Do("SNAP.RESTORE", "link_1_2").Want("(error) NOTFOUND no snapshot 'link_1_2'")
	c.Do("SNAP.RESTORE", "../"+filepath.Base(outside)).Want("(error) NOTFOUND no snapshot '../outside'")
	c.Do("GET", "k").Want(`"v"`)
}

func TestEncryption(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	identity := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(identity, []byte(key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, c := start(t, "--snapshot-recipients", key.Recipient().String(), "--snapshot-identity-file", identity)
	c.Do("SET", "secret key", "secret value").OK()
	snap := id(t, c.Do("SNAP.CREATE"))
	b, err := os.ReadFile(file(s, snap+".tar.zst.age"))
	if err != nil || !bytes.HasPrefix(b, []byte("age-encryption.org/v1")) {
		t.Fatalf("%.40q, %v", b, err)
	}
	verified(t, c, snap, "DEEP")
	c.Do("FLUSHALL").OK()
	c.Do("SNAP.RESTORE", snap).Want(report(1, 0, 0, 0))
	c.Do("GET", "secret key").Want(`"secret value"`)
	plain := id(t, c.Do("SNAP.CREATE", "ENCRYPT", "no"))
	if _, err := os.Stat(file(s, plain+".tar.zst")); err != nil {
		t.Error(err)
	}

	other, oc := start(t)
	if err := os.MkdirAll(filepath.Join(other.Dir(), "snapshots"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file(other, snap+".tar.zst.age"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	oc.Do("SNAP.RESTORE", snap).Want("(error) ERR the snapshot is encrypted: reading it needs the setting snapshot-identity-file")
	oc.Do("SNAP.CREATE", "ENCRYPT", "yes").Want("(error) ERR ENCRYPT yes needs the setting snapshot-recipients")
}

// The seed's Python reads what is written for it, and what it writes is read.
func TestFormatOfTheSeed(t *testing.T) {
	s, c := start(t)
	c.Do("JSON.SET", "users", "$", `[{"id":1,"name":"Ann"}]`).OK()
	c.Do("JSON.SET", "settings", "$", `{"theme":"dark"}`).OK()
	c.Do("SET", "note", "é").OK()
	c.Do("RPUSH", "list", "a", "b").Want("(integer) 2")
	c.Do("HSET", "hash", "f", "v").Want("(integer) 1")
	c.Do("ZADD", "zset", "1.5", "m").Want("(integer) 1")
	snap := id(t, c.Do("SNAP.CREATE", "NAME", "app_state", "FORMAT", "SEED"))
	verified(t, c, snap)
	path := file(s, snap+".tar.gz")
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	script := `
import json, sys, tarfile
with tarfile.open(sys.argv[1], "r:gz") as tar:
    meta = json.loads(tar.extractfile("metadata.json").read())
    data = tar.extractfile("data.json").read()
assert meta["format_version"] == "1.0" and meta["data_size"] == len(data), meta
print(json.dumps(json.loads(data), sort_keys=True, ensure_ascii=False))
`
	out, err := exec.Command("python3", "-c", script, path).CombinedOutput()
	want := `{"hash": {"f": "v"}, "list": ["a", "b"], "note": "é", "settings": {"theme": "dark"}, "users": [{"id": 1, "name": "Ann"}], "zset": {"m": 1.5}}`
	if err != nil || strings.TrimSpace(string(out)) != want {
		t.Errorf("%v: %s", err, out)
	}

	script = `
import json, sys, tarfile, os, tempfile
with tempfile.TemporaryDirectory() as d:
    data = os.path.join(d, "data.json")
    with open(data, "w") as f:
        json.dump({"users": [1, 2.5], "settings": {"a": None}, "text": "plain"}, f, indent=2)
    meta = os.path.join(d, "metadata.json")
    with open(meta, "w") as f:
        json.dump({"backup_name": "old", "timestamp": "2026-01-02T03:04:05", "data_size": os.stat(data).st_size, "format_version": "1.0"}, f)
    with tarfile.open(sys.argv[1], "w:gz") as tar:
        tar.add(data, arcname="data.json")
        tar.add(meta, arcname="metadata.json")
`
	if out, err := exec.Command("python3", "-c", script, file(s, "app_state_20260102_030405.tar.gz")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c.Do("SNAP.RESTORE", "app_state_20260102_030405", "FLUSH", "SAFETY", "no").Want(report(3, 0, 0, 0))
	c.Do("JSON.GET", "users").Want(`"[1,2.5]"`)
	c.Do("JSON.GET", "settings").Want(`"{\"a\":null}"`)
	c.Do("GET", "text").Want(`"plain"`)
}

func TestTargets(t *testing.T) {
	fake := httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true), gofakes3.WithTimeSkewLimit(0)).Server())
	defer fake.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	dir := t.TempDir()
	_, c := start(t, "--snapshot-target", "remote s3 "+fake.URL+" bucket prefix kvd/", "--snapshot-target", "other dir "+dir)
	c.Do("SET", "k", strings.Repeat("v", 100_000)).OK()
	for _, target := range []string{"remote", "other"} {
		t.Run(target, func(t *testing.T) {
			snap := id(t, c.Do("SNAP.CREATE", "TARGET", target))
			if got := c.Do("SNAP.LIST", "TARGET", target).Text; !strings.Contains(got, snap) || !strings.Contains(got, `"target", "`+target+`"`) {
				t.Errorf("list %s", got)
			}
			verified(t, c, snap, "DEEP")
			c.Do("FLUSHALL").OK()
			c.Do("SNAP.RESTORE", snap).Want(report(1, 0, 0, 0))
			c.Do("STRLEN", "k").Want("(integer) 100000")
			c.Do("SNAP.DELETE", snap).Want("(integer) 1")
			c.Do("SNAP.LIST", "TARGET", target).Want(`["0", []]`)
		})
	}
	c.Do("SNAP.CREATE", "TARGET", "none").Want("(error) NOTFOUND no snapshot target 'none'")
}

// A large object goes in parts; ranges of it are read.
func TestPartsOfAnObject(t *testing.T) {
	fake := httptest.NewServer(gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true)).Server())
	defer fake.Close()
	client, err := s3.New(s3.Options{Endpoint: fake.URL, Bucket: "b", Prefix: "p q/", Key: "k", Secret: "s", PartSize: 5 << 20, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	body := bytes.Repeat([]byte("0123456789abcdef"), 13<<20/16)
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, body, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := client.Put(ctx, fmt.Sprintf("name %d", i), path); err != nil {
			t.Fatal(err)
		}
	}
	list, err := client.List(ctx)
	if err != nil || len(list) != 3 || list[0].Name != "name 0" || list[0].Size != int64(len(body)) {
		t.Fatalf("list %+v, %v", list, err)
	}
	for _, offset := range []int64{0, 6 << 20} {
		in, err := client.Get(ctx, "name 1", offset)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		_, err = got.ReadFrom(in)
		in.Close()
		if err != nil || !bytes.Equal(got.Bytes(), body[offset:]) {
			t.Errorf("%d bytes from %d on, %v", got.Len(), offset, err)
		}
	}
	if err := client.Delete(ctx, "name 1"); err != nil {
		t.Error(err)
	}
	if _, err := client.Open(ctx, "name 1"); !os.IsNotExist(err) && !strings.Contains(fmt.Sprint(err), "NoSuchKey") {
		t.Errorf("error %v", err)
	}
}
