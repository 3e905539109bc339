package s3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// sign signs a request with AWS Signature Version 4, as "Authenticating Requests
// (AWS Signature Version 4)" in the reference of the S3 interface describes it.
func (c *Client) sign(req *http.Request, body []byte) {
	now := c.opt.Now().UTC()
	stamp, day := now.Format("20060102T150405Z"), now.Format("20060102")
	sum := sha256.Sum256(body)
	payload := hex.EncodeToString(sum[:])
	req.Header.Set("X-Amz-Date", stamp)
	req.Header.Set("X-Amz-Content-Sha256", payload)
	if c.opt.Token != "" {
		req.Header.Set("X-Amz-Security-Token", c.opt.Token)
	}

	names, lines := signedHeaders(req)
	canonical := strings.Join([]string{
		req.Method, escapePath(req.URL.Path), req.URL.RawQuery, lines, names, payload,
	}, "\n")
	hashed := sha256.Sum256([]byte(canonical))
	scope := day + "/" + c.opt.Region + "/s3/aws4_request"
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + hex.EncodeToString(hashed[:])

	key := []byte("AWS4" + c.opt.Secret)
	for _, word := range []string{day, c.opt.Region, "s3", "aws4_request", text} {
		key = mac(key, word)
	}
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%x",
		c.opt.Key, scope, names, key))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// signedHeaders returns the names of the headers that are signed and their lines.
func signedHeaders(req *http.Request) (names, lines string) {
	values := map[string]string{"host": req.URL.Host}
	for name := range req.Header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "x-amz-") || lower == "range" {
			values[lower] = strings.TrimSpace(req.Header.Get(name))
		}
	}
	var list []string
	for name := range values {
		list = append(list, name)
	}
	slices.Sort(list)
	for _, name := range list {
		lines += name + ":" + values[name] + "\n"
	}
	return strings.Join(list, ";"), lines
}

// escapePath escapes a path as the signature wants it: all but letters, digits and
// - . _ ~ /.
func escapePath(path string) string {
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
