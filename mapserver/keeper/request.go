package keeper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// maxReply bounds an answer: a world of 64 MiB and what is around it.
const maxReply = 80 << 20

// podHeader tells the keeper which pod asks.
const podHeader = "X-Overworld-Pod"

// post sends body as JSON and reads the answer into reply. doing opens the texts
// of errors.
func (c *Client) post(ctx context.Context, doing, path string, body, reply any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s: writing request: %w", doing, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.key)
	if c.pod != "" {
		req.Header.Set(podHeader, c.pod)
	}
	text, err := c.do(req, doing)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return fmt.Errorf("%s: reading answer: %w: %w", doing, ErrUnavailable, err)
	}
	return nil
}

// do sends a request and returns the body of an answer that is 200.
func (c *Client) do(req *http.Request, doing string) ([]byte, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", doing, ErrUnavailable, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, fmt.Errorf("%s: reading answer: %w: %w", doing, ErrUnavailable, err)
	}
	if len(text) > maxReply {
		return nil, fmt.Errorf("%s: the answer is larger than %d MiB: %w", doing, maxReply>>20, ErrRefused)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %w", doing, refusal(resp, text))
	}
	return text, nil
}

// refusal makes an error of an answer that is not 200. Answers without a code of
// the keeper come from something between: they are taken for an absence.
func refusal(resp *http.Response, text []byte) *Error {
	var body struct {
		Code  string `json:"code"`
		Error string `json:"error"`
	}
	e := &Error{RetryAfter: retryAfter(resp.Header.Get("Retry-After"))}
	if json.Unmarshal(text, &body) == nil && kinds[body.Code] != nil {
		e.Message, e.kind = body.Error, kinds[body.Code]
		return e
	}
	e.Message = fmt.Sprintf("the keeper does not answer as it should: HTTP status %s", resp.Status)
	e.kind = ErrUnavailable
	return e
}

func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 || seconds > 86400 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
