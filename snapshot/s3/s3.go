// Package s3 is a client for the few things that snapshots need of storage that
// speaks the protocol of Amazon S3: put, get, list and delete objects.
//
// Every request is signed (signature version 4) over its headers and its body, and
// an object appears whole or not at all: a large one is sent in parts that become
// an object only when all are there.
package s3

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Addressing says where the name of the bucket stands in an address.
type Addressing uint8

// The ways of addressing.
const (
	ByPath Addressing = iota // in the path
	ByHost                   // before the host
)

// Options are where a bucket is and who may use it.
type Options struct {
	// Endpoint is the address of the service, such as https://s3.example.org.
	Endpoint string
	Region   string // empty: us-east-1
	Bucket   string
	// Prefix comes before the names of all objects.
	Prefix string
	// Key, Secret and Token are the credentials; Token may be empty.
	Key, Secret, Token string
	Addressing         Addressing
	// PartSize is the size from which an object is sent in parts, and of each but
	// the last, in bytes; 0: 8 MiB. The protocol wants 5 MiB at least.
	PartSize int64
	// Now tells the time.
	Now func() time.Time
	// HTTP makes the requests; nil: a client of its own.
	HTTP *http.Client
}

// Client is a bucket. It is safe for use by several goroutines.
type Client struct {
	opt  Options
	base *url.URL
}

// Object is a stored object.
type Object struct {
	Name    string // without the prefix
	Size    int64  // bytes
	Changed time.Time
}

// Error is what the service answered instead of doing what was asked.
type Error struct {
	Status        int
	Code, Message string
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("the storage answered %d %s: %.200s", e.Status, e.Code, e.Message)
}

// Is makes a missing object os.ErrNotExist.
func (e *Error) Is(target error) bool {
	return target == os.ErrNotExist && e.Status == http.StatusNotFound
}

const (
	defaultPart = 8 << 20
	maxReply    = 16 << 20 // of XML, in bytes
)

// New returns the client of a bucket. It makes no request.
func New(opt Options) (*Client, error) {
	base, err := url.Parse(opt.Endpoint)
	switch {
	case err != nil:
		return nil, fmt.Errorf("address of the storage: %w", err)
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, fmt.Errorf("address of the storage: %q has no scheme http or https", opt.Endpoint)
	case opt.Key == "" || opt.Secret == "":
		return nil, errors.New("the storage needs credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
	}
	if opt.Region == "" {
		opt.Region = "us-east-1"
	}
	if opt.PartSize == 0 {
		opt.PartSize = defaultPart
	}
	if opt.HTTP == nil {
		opt.HTTP = &http.Client{}
	}
	if opt.Addressing == ByHost {
		base.Host = opt.Bucket + "." + base.Host
	}
	return &Client{opt: opt, base: base}, nil
}

// address returns the URL of an object; of the bucket for "".
func (c *Client) address(name string, query url.Values) *url.URL {
	u := *c.base
	u.Path = strings.TrimSuffix(u.Path, "/") + "/"
	if c.opt.Addressing == ByPath {
		u.Path += c.opt.Bucket
		if name != "" {
			u.Path += "/"
		}
	}
	u.Path += name
	u.RawPath = escapePath(u.Path)
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return &u
}

// do makes a request and returns its answer, whose body the caller closes.
func (c *Client) do(ctx context.Context, method, name string, query url.Values, body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.address(name, query).String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	req.ContentLength = int64(len(body))
	c.sign(req, body)
	resp, err := c.opt.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	fault := &Error{Status: resp.StatusCode, Code: http.StatusText(resp.StatusCode)}
	var reply struct{ Code, Message string }
	if text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply)); err == nil && xml.Unmarshal(text, &reply) == nil {
		fault.Code, fault.Message = reply.Code, reply.Message
	}
	return nil, fault
}

// call is do for an answer that is XML, or of no interest if into is nil.
func (c *Client) call(ctx context.Context, method, name string, query url.Values, body []byte, into any) (http.Header, error) {
	resp, err := c.do(ctx, method, name, query, body, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err == nil && into != nil {
		err = xml.Unmarshal(text, into)
	}
	return resp.Header, err
}

// Get reads an object from an offset on. The caller closes it.
func (c *Client) Get(ctx context.Context, name string, offset int64) (io.ReadCloser, error) {
	header := http.Header{}
	if offset > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	resp, err := c.do(ctx, http.MethodGet, c.opt.Prefix+name, nil, nil, header)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", name, err)
	}
	if offset > 0 && resp.StatusCode != http.StatusPartialContent {
		resp.Body.Close()
		return nil, fmt.Errorf("get %s: the storage does not know ranges", name)
	}
	return resp.Body, nil
}

// Open reads an object from its beginning.
func (c *Client) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	return c.Get(ctx, name, 0)
}

// Delete removes an object; one that is not there is no fault.
func (c *Client) Delete(ctx context.Context, name string) error {
	_, err := c.call(ctx, http.MethodDelete, c.opt.Prefix+name, nil, nil, nil)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

// listing is an answer of ListObjectsV2.
type listing struct {
	IsTruncated           bool
	NextContinuationToken string
	Contents              []struct {
		Key          string
		Size         int64
		LastModified time.Time
	}
}

// List returns all objects, in the order of their names.
func (c *Client) List(ctx context.Context) (list []Object, err error) {
	query := url.Values{"list-type": {"2"}, "prefix": {c.opt.Prefix}}
	for {
		var page listing
		if _, err := c.call(ctx, http.MethodGet, "", query, nil, &page); err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
		for _, o := range page.Contents {
			if name, ok := strings.CutPrefix(o.Key, c.opt.Prefix); ok && name != "" {
				list = append(list, Object{Name: name, Size: o.Size, Changed: o.LastModified})
			}
		}
		if !page.IsTruncated || page.NextContinuationToken == "" {
			return list, nil
		}
		query.Set("continuation-token", page.NextContinuationToken)
	}
}
