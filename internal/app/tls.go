package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"kvd/internal/config"
)

// tlsSettings reads the certificates that the settings name.
func tlsSettings(cfg *config.Config) (*tls.Config, error) {
	pair, err := serverPair(cfg)
	if err != nil {
		return nil, fmt.Errorf("options tls-cert-file and tls-key-file: %w", err)
	}
	out := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if len(cfg.TLSProtocols) > 0 && !slices.Contains(cfg.TLSProtocols, "TLSv1.2") {
		out.MinVersion = tls.VersionTLS13
	}
	if len(cfg.TLSProtocols) > 0 && !slices.Contains(cfg.TLSProtocols, "TLSv1.3") {
		out.MaxVersion = tls.VersionTLS12
	}
	if out.CipherSuites, err = cipherSuites(cfg.TLSCiphers); err != nil {
		return nil, fmt.Errorf("option tls-ciphers: %w", err)
	}
	switch cfg.TLSAuthClients {
	case config.AuthClientsNo:
		return out, nil
	case config.AuthClientsOptional:
		out.ClientAuth = tls.VerifyClientCertIfGiven
	default:
		out.ClientAuth = tls.RequireAndVerifyClientCert
	}
	out.ClientCAs, err = authorities(cfg)
	return out, err
}

// serverPair reads the certificate of the server and its key.
func serverPair(cfg *config.Config) (tls.Certificate, error) {
	cert, err := os.ReadFile(cfg.TLSCertFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := os.ReadFile(cfg.TLSKeyFile)
	if err != nil {
		return tls.Certificate{}, err
	}
	if key, err = openKey(key, cfg.TLSKeyFilePass); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

// authorities reads the certificates that client certificates are checked
// against.
func authorities(cfg *config.Config) (*x509.CertPool, error) {
	files, err := authorityFiles(cfg)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("option tls-auth-clients: client certificates need tls-ca-cert-file or tls-ca-cert-dir")
	}
	pool := x509.NewCertPool()
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("option tls-ca-cert-file: %w", err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("option tls-ca-cert-file: %s holds no certificate", name)
		}
	}
	return pool, nil
}

// authorityFiles are the files of tls-ca-cert-file and tls-ca-cert-dir.
func authorityFiles(cfg *config.Config) (files []string, err error) {
	if cfg.TLSCACertFile != "" {
		files = append(files, cfg.TLSCACertFile)
	}
	if cfg.TLSCACertDir != "" {
		more, err := filepath.Glob(filepath.Join(cfg.TLSCACertDir, "*"))
		if err != nil {
			return nil, fmt.Errorf("option tls-ca-cert-dir: %w", err)
		}
		files = append(files, more...)
	}
	return files, nil
}
