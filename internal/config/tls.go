package config

import "math"

// AuthClients says whether a TLS client needs a certificate.
type AuthClients string

// The values of tls-auth-clients.
const (
	AuthClientsYes      AuthClients = "yes"      // it must send a valid one
	AuthClientsNo       AuthClients = "no"       // none is asked for
	AuthClientsOptional AuthClients = "optional" // it may send one, which must be valid
)

// TLS is how connections are encrypted.
type TLS struct {
	TLSPort        int    // 0: no TLS
	TLSCertFile    string // PEM
	TLSKeyFile     string // PEM
	TLSKeyFilePass string
	TLSCACertFile  string // PEM; authorities that client certificates are checked against
	TLSCACertDir   string // directory of such files
	TLSAuthClients AuthClients
	TLSProtocols   []string // "TLSv1.2", "TLSv1.3"; empty: both
	TLSCiphers     string   // for TLS 1.2, in OpenSSL's notation; empty: all secure ones
}

var tlsParams = in(SectionTLS,
	Param{
		Name: "tls-port", Default: "0", Change: Restart,
		Doc: "TCP port with TLS; 0 turns it off. It needs a certificate and its key.",
		set: at(integer(0, 65535), func(c *Config) *int { return &c.TLSPort }),
	},
	Param{
		Name: "tls-cert-file", Default: "", Change: Protected,
		Doc: "Certificate of the server, with its chain, in PEM form.",
		set: at(text, func(c *Config) *string { return &c.TLSCertFile }),
	},
	Param{
		Name: "tls-key-file", Default: "", Change: Protected,
		Doc: "Private key of the certificate, in PEM form.",
		set: at(text, func(c *Config) *string { return &c.TLSKeyFile }),
	},
	Param{
		Name: "tls-key-file-pass", Default: "", Change: Protected, Secret: true,
		Doc: "Password of the private key.",
		set: at(text, func(c *Config) *string { return &c.TLSKeyFilePass }),
	},
	Param{
		Name: "tls-ca-cert-file", Default: "", Change: Protected,
		Doc: "Authorities whose client certificates are accepted, in PEM form.",
		set: at(text, func(c *Config) *string { return &c.TLSCACertFile }),
	},
	Param{
		Name: "tls-ca-cert-dir", Default: "", Change: Protected,
		Doc: "Directory of such files.",
		set: at(text, func(c *Config) *string { return &c.TLSCACertDir }),
	},
	Param{
		Name: "tls-auth-clients", Default: "yes", Change: AnyTime,
		Doc: "Whether clients have to show a certificate.",
		set: at(enum(AuthClientsNo, AuthClientsYes, AuthClientsOptional), func(c *Config) *AuthClients { return &c.TLSAuthClients }),
	},
	Param{
		Name: "tls-protocols", Default: "", Change: AnyTime,
		Doc: "Versions offered. TLS 1.0 and 1.1 are not available.",
		set: many(tlsVersions, func(c *Config) *[]string { return &c.TLSProtocols }),
	},
	Param{
		Name: "tls-ciphers", Default: "", Change: AnyTime,
		Doc: "Ciphers for TLS 1.2, with OpenSSL's names and colons between them; empty for all secure ones.",
		set: at(text, func(c *Config) *string { return &c.TLSCiphers }),
	},
)

const reasonTLSLibrary = "Go's TLS library chooses ciphers of TLS 1.3, key exchange and session tickets by itself and has no insecure choice."

var tlsInert = append(
	noEffect(SectionTLS, reasonTLSLibrary,
		inert("tls-ciphersuites", "", AnyTime, text, "Ciphers for TLS 1.3."),
		inert("tls-prefer-server-ciphers", "no", AnyTime, yesNo, "Whether the server's order of ciphers counts."),
		inert("tls-dh-params-file", "", AnyTime, text, "Parameters for Diffie-Hellman."),
		inert("tls-session-caching", "yes", AnyTime, yesNo, "Whether sessions can be resumed."),
		inert("tls-session-cache-size", "20480", AnyTime, integer(0, math.MaxInt32), "Sessions remembered."),
		inert("tls-session-cache-timeout", "300", AnyTime, integer(0, math.MaxInt32), "Seconds for which they are."),
	),
	noEffect(SectionTLS, "kvd opens no connections to other servers.",
		inert("tls-client-cert-file", "", AnyTime, text, "Certificate for outgoing connections."),
		inert("tls-client-key-file", "", AnyTime, text, "Its key."),
		secret(inert("tls-client-key-file-pass", "", AnyTime, text, "The password of that key.")),
		inert("tls-replication", "no", AnyTime, yesNo, "TLS towards the primary."),
		inert("tls-cluster", "no", AnyTime, yesNo, "TLS between the nodes of a cluster."),
	)...,
)

// secret marks a row as one whose value is not shown.
func secret(p Param) Param {
	p.Secret = true
	return p
}
