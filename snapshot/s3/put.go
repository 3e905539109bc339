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
	"strconv"
)

// Put makes the file at path an object.
func (c *Client) Put(ctx context.Context, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	part := make([]byte, c.opt.PartSize)
	n, err := io.ReadFull(f, part)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		_, err = c.call(ctx, http.MethodPut, c.opt.Prefix+name, nil, part[:n], nil)
	case err == nil:
		err = c.putParts(ctx, c.opt.Prefix+name, part, f)
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

// sentPart is a part as the list of all parts names it.
type sentPart struct {
	PartNumber int
	ETag       string
}

// putParts sends an object in parts, of which the first is in part and the others
// come from in. If that fails, the parts are removed.
func (c *Client) putParts(ctx context.Context, key string, part []byte, in io.Reader) error {
	var begun struct {
		UploadID string `xml:"UploadId"`
	}
	if _, err := c.call(ctx, http.MethodPost, key, url.Values{"uploads": {""}}, nil, &begun); err != nil {
		return err
	}
	err := c.sendParts(ctx, key, begun.UploadID, part, in)
	if err != nil {
		_, abortErr := c.call(context.WithoutCancel(ctx), http.MethodDelete, key, url.Values{"uploadId": {begun.UploadID}}, nil, nil)
		err = errors.Join(err, abortErr)
	}
	return err
}

func (c *Client) sendParts(ctx context.Context, key, upload string, part []byte, in io.Reader) error {
	var sent []sentPart
	for n := len(part); n > 0; {
		number := len(sent) + 1
		query := url.Values{"partNumber": {strconv.Itoa(number)}, "uploadId": {upload}}
		header, err := c.call(ctx, http.MethodPut, key, query, part[:n], nil)
		if err != nil {
			return err
		}
		sent = append(sent, sentPart{PartNumber: number, ETag: header.Get("ETag")})
		n, err = io.ReadFull(in, part)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
	}
	body, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"CompleteMultipartUpload"`
		Part    []sentPart
	}{Part: sent})
	if err != nil {
		return err
	}
	// The service may begin its answer before it knows whether all is well.
	var reply struct {
		XMLName       xml.Name
		Code, Message string
	}
	if _, err := c.call(ctx, http.MethodPost, key, url.Values{"uploadId": {upload}}, bytes.Clone(body), &reply); err != nil {
		return err
	}
	if reply.XMLName.Local == "Error" {
		return &Error{Status: http.StatusOK, Code: reply.Code, Message: reply.Message}
	}
	return nil
}
