package app

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
)

// Errors of keys that are protected by a password.
var (
	errKeyPass   = errors.New("the key can't be opened with tls-key-file-pass")
	errKeyScheme = errors.New("the key is encrypted in a way that is not known; PBES2 with PBKDF2 and AES or triple DES is")
)

// openKey returns a private key in PEM form without its password, if it has one.
func openKey(text []byte, password string) ([]byte, error) {
	block, _ := pem.Decode(text)
	switch {
	case block == nil, password == "":
		return text, nil
	case block.Type == "ENCRYPTED PRIVATE KEY":
		der, err := decryptKey(block.Bytes, password)
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
	case x509.IsEncryptedPEMBlock(block): //nolint:staticcheck // old, and still what some tools write
		der, err := x509.DecryptPEMBlock(block, []byte(password)) //nolint:staticcheck // see above
		if err != nil {
			return nil, errKeyPass
		}
		return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), nil
	}
	return text, nil
}

// The structures of an encrypted key: RFC 5958 section 3, RFC 8018 appendix A.
type (
	encryptedKey struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	schemeParams struct {
		Derivation, Encryption pkix.AlgorithmIdentifier
	}
	derivationParams struct {
		Salt       []byte
		Iterations int
		KeyLength  int                      `asn1:"optional"`
		PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
	}
)

// The algorithms, by their identifiers in RFC 8018 appendix C.
const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
)

// prf returns the hash of a pseudo-random function.
func prf(id asn1.ObjectIdentifier) func() hash.Hash {
	switch id.String() {
	case "", "1.2.840.113549.2.7":
		return sha1.New
	case "1.2.840.113549.2.9":
		return sha256.New
	case "1.2.840.113549.2.11":
		return sha512.New
	}
	return nil
}

// blockCipher returns a cipher, which is used in CBC mode, and the length of its
// key in bytes; 0 for one that is not known.
func blockCipher(id asn1.ObjectIdentifier) (key int, open func([]byte) (cipher.Block, error)) {
	switch id.String() {
	case "2.16.840.1.101.3.4.1.2":
		return 16, aes.NewCipher
	case "2.16.840.1.101.3.4.1.22":
		return 24, aes.NewCipher
	case "2.16.840.1.101.3.4.1.42":
		return 32, aes.NewCipher
	case "1.2.840.113549.3.7":
		return 24, des.NewTripleDESCipher // old, and still what "openssl req" writes
	}
	return 0, nil
}

// maxIterations bounds what a file can make the server calculate.
const maxIterations = 10_000_000

// decryptKey opens an encrypted key in PKCS#8 form.
func decryptKey(der []byte, password string) ([]byte, error) {
	var key encryptedKey
	var scheme schemeParams
	var derive derivationParams
	var iv []byte
	if err := errors.Join(
		unmarshal(der, &key),
		unmarshal(key.Algorithm.Parameters.FullBytes, &scheme),
		unmarshal(scheme.Derivation.Parameters.FullBytes, &derive),
		unmarshal(scheme.Encryption.Parameters.FullBytes, &iv),
	); err != nil {
		return nil, fmt.Errorf("%w: %w", errKeyScheme, err)
	}
	hash := prf(derive.PRF.Algorithm)
	length, open := blockCipher(scheme.Encryption.Algorithm)
	known := key.Algorithm.Algorithm.String() == oidPBES2 && scheme.Derivation.Algorithm.String() == oidPBKDF2
	if !known || hash == nil || length == 0 || derive.Iterations < 1 || derive.Iterations > maxIterations {
		return nil, errKeyScheme
	}
	secret, err := pbkdf2.Key(hash, password, derive.Salt, derive.Iterations, length)
	if err != nil {
		return nil, err
	}
	block, err := open(secret)
	if err != nil {
		return nil, err
	}
	return decryptCBC(block, iv, key.Data)
}

func unmarshal(der []byte, into any) error {
	_, err := asn1.Unmarshal(der, into)
	return err
}

// decryptCBC decrypts data and takes off the padding, by which a wrong key is
// known.
func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size {
		return nil, errKeyScheme
	}
	if len(data) == 0 || len(data)%size != 0 {
		return nil, errKeyPass
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	n := int(plain[len(plain)-1])
	if n < 1 || n > size || !bytes.Equal(plain[len(plain)-n:], bytes.Repeat([]byte{byte(n)}, n)) {
		return nil, errKeyPass
	}
	return plain[:len(plain)-n], nil
}
