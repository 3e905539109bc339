package app

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"kvd/internal/clock"
	"kvd/internal/config"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, next: 1}
	a.cert, a.key = a.sign("authority")
	return a
}

// sign makes a certificate; the first one signs itself.
func (a *authority) sign(name string) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.next++
	form := &x509.Certificate{
		SerialNumber: big.NewInt(a.next), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: a.cert == nil, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	parent, signer := form, key
	if a.cert != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, form, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// write signs a certificate and writes it and its key.
func (a *authority) write(name, certFile, keyFile string) {
	a.t.Helper()
	cert, key := a.sign(name)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	writePEM(a.t, certFile, "CERTIFICATE", cert.Raw)
	writePEM(a.t, keyFile, "PRIVATE KEY", secret)
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// logText is a log that a test reads.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), text)
}

// tlsTest is a server with TLS.
type tlsTest struct {
	t         *testing.T
	app       *App
	ca        *authority
	clock     *clock.Manual
	log       *logText
	dir, addr string
}

func startTLSTest(t *testing.T, options ...string) *tlsTest {
	t.Helper()
	s := &tlsTest{t: t, ca: newAuthority(t), clock: clock.NewManual(time.Now()), log: &logText{}, dir: t.TempDir()}
	writePEM(t, s.file("ca.pem"), "CERTIFICATE", s.ca.cert.Raw)
	s.ca.write("first", s.file("cert.pem"), s.file("key.pem"))
	port := freePort(t)
	s.addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	cfg, err := config.Load(append([]string{
		"--appendonly", "no", "--port", "0", "--bind", "127.0.0.1", "--tls-port", strconv.Itoa(port),
		"--enable-protected-configs", "yes", "--tls-ca-cert-file", s.file("ca.pem"),
		"--tls-cert-file", s.file("cert.pem"), "--tls-key-file", s.file("key.pem"), "--tls-auth-clients", "no",
	}, options...))
	if err != nil {
		t.Fatal(err)
	}
	s.app, err = Open(Options{Config: cfg, Clock: s.clock, Log: zerolog.New(s.log)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.app.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *tlsTest) file(name string) string { return filepath.Join(s.dir, name) }

// set is CONFIG SET.
func (s *tlsTest) set(pairs ...[2]string) error {
	return s.app.live.Set(pairs, config.Local)
}

// dial connects, sends PING, and returns the name in the server's certificate.
func (s *tlsTest) dial(cfg *tls.Config) (string, error) {
	cfg.RootCAs = x509.NewCertPool()
	cfg.RootCAs.AddCert(s.ca.cert)
	conn, err := tls.Dial("tcp", s.addr, cfg)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprint(conn, "PING\r\n"); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && line != "+PONG\r\n" {
		err = fmt.Errorf("PING replied %q", line)
	}
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, err
}

func (s *tlsTest) wantName(want string) {
	s.t.Helper()
	if name, err := s.dial(&tls.Config{}); err != nil || name != want {
		s.t.Errorf("connected to %q, %v; want %q", name, err, want)
	}
}

func TestCertificateFilesAreWatched(t *testing.T) {
	s := startTLSTest(t)
	s.wantName("first")
	s.ca.write("second, longer than the first", s.file("cert.pem"), s.file("key.pem"))
	s.wantName("first")
	s.clock.Advance(watchEvery)
	s.wantName("second, longer than the first")

	if err := os.WriteFile(s.file("key.pem"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(3 * watchEvery)
	s.wantName("second, longer than the first")
	if n := s.log.count("stay as they were"); n != 1 {
		t.Errorf("a bad pair was logged %d times, want once", n)
	}
	s.app.ReloadTLS()
	s.wantName("second, longer than the first")
	s.ca.write("third", s.file("cert.pem"), s.file("key.pem"))
	s.app.ReloadTLS()
	s.wantName("third")
}

func TestCertificateByConfigSet(t *testing.T) {
	s := startTLSTest(t)
	s.ca.write("other", s.file("cert2.pem"), s.file("key2.pem"))
	err := s.set([2]string{"tls-cert-file", s.file("cert2.pem")})
	if want := "ERR CONFIG SET failed (possibly related to argument 'tls-cert-file') - Unable to update TLS configuration. Check server logs."; err == nil || err.Error() != want {
		t.Errorf("a certificate without its key: %v", err)
	}
	s.wantName("first")
	if s.log.count("the TLS settings stay as they were") != 1 {
		t.Error("what is wrong is not in the log")
	}
	if err := s.set([2]string{"tls-cert-file", s.file("cert2.pem")}, [2]string{"tls-key-file", s.file("key2.pem")}); err != nil {
		t.Error(err)
	}
	s.wantName("other")
	s.ca.write("renewed", s.file("cert2.pem"), s.file("key2.pem"))
	if err := s.set([2]string{"tls-cert-file", s.file("cert2.pem")}); err != nil {
		t.Error(err)
	}
	s.wantName("renewed")
}

func TestClientCertificates(t *testing.T) {
	s := startTLSTest(t, "--tls-auth-clients", "yes")
	s.ca.write("client", s.file("client.pem"), s.file("client-key.pem"))
	good, err := tls.LoadX509KeyPair(s.file("client.pem"), s.file("client-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	foreign := newAuthority(t)
	foreign.write("stranger", s.file("bad.pem"), s.file("bad-key.pem"))
	bad, err := tls.LoadX509KeyPair(s.file("bad.pem"), s.file("bad-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		auth                 string
		without, with, wrong bool
	}{
		{"yes", false, true, false},
		{"optional", true, true, false},
		{"no", true, true, true},
	} {
		if err := s.set([2]string{"tls-auth-clients", tt.auth}); err != nil {
			t.Fatal(err)
		}
		for cert, want := range map[*tls.Certificate]bool{nil: tt.without, &good: tt.with, &bad: tt.wrong} {
			cfg := &tls.Config{GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if cert == nil {
					return &tls.Certificate{}, nil
				}
				return cert, nil
			}}
			if _, err := s.dial(cfg); (err == nil) != want {
				t.Errorf("tls-auth-clients %s: %v, want success: %t", tt.auth, err, want)
			}
		}
	}
}

func TestProtocolsAndCiphers(t *testing.T) {
	s := startTLSTest(t, "--tls-protocols", "TLSv1.2", "--tls-ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384")
	const wanted, other = tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	works := func(want bool, cfg *tls.Config) {
		t.Helper()
		if _, err := s.dial(cfg); (err == nil) != want {
			t.Errorf("%v, want success: %t", err, want)
		}
	}
	works(true, &tls.Config{})
	works(false, &tls.Config{MinVersion: tls.VersionTLS13})
	works(true, &tls.Config{CipherSuites: []uint16{wanted}, MaxVersion: tls.VersionTLS12})
	works(false, &tls.Config{CipherSuites: []uint16{other}, MaxVersion: tls.VersionTLS12})
	if err := s.set([2]string{"tls-protocols", "TLSv1.3"}); err != nil {
		t.Fatal(err)
	}
	works(true, &tls.Config{})
	works(false, &tls.Config{MaxVersion: tls.VersionTLS12})
	works(false, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	if err := s.set([2]string{"tls-ciphers", "RC4-MD5"}); err == nil {
		t.Error("a list that leaves no cipher was taken")
	}
}

func TestCipherSuites(t *testing.T) {
	for list, want := range map[string]int{
		"":                            0,
		"ECDHE-RSA-CHACHA20-POLY1305": 1,
		"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:NOSUCH": 2,
		"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, ECDHE-RSA-AES128-SHA":       1,
		"DEFAULT:!ECDHE-RSA-AES128-SHA:-ECDHE-RSA-AES256-SHA":            len(suitesNamed("ALL")) - 2,
	} {
		if got, err := cipherSuites(list); err != nil || len(got) != want {
			t.Errorf("%q: %d suites, %v; want %d", list, len(got), err, want)
		}
	}
	if _, err := cipherSuites("!ALL"); err == nil {
		t.Error("an empty choice was taken")
	}
}

// TestOpenKey opens keys that openssl has written, all with the password "secret".
func TestOpenKey(t *testing.T) {
	for _, name := range []string{"pbes2-aes256.pem", "pbes2-aes128-sha1.pem", "pbes2-des3.pem", "legacy.pem"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if key, err := openKey(text, "secret"); err != nil || !bytes.Contains(key, []byte("PRIVATE KEY")) || bytes.Contains(key, []byte("ENCRYPTED")) {
			t.Errorf("%s: %v\n%s", name, err, key)
		}
		if _, err := openKey(text, "wrong"); err == nil {
			t.Errorf("%s was opened with another password", name)
		}
	}
	for _, damaged := range []string{"", "MA==", "MIIBBAD="} {
		text := "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + damaged + "\n-----END ENCRYPTED PRIVATE KEY-----\n"
		if _, err := openKey([]byte(text), "secret"); err == nil && damaged == "MA==" {
			t.Errorf("%q was opened", damaged)
		}
	}
}
