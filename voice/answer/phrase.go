package answer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cheval/voice/understand"
)

// Model is a language model behind an OpenAI-compatible address, which may put
// answers into other words. Any goroutine may use it.
type Model struct {
	endpoint, name string
	client         *http.Client
}

// ErrNotHere is of an address that is not on this machine, where staff have
// not allowed that.
var ErrNotHere = errors.New("the address is not on this machine")

// NewModel makes a client of the model name at an address such as
// "http://127.0.0.1:8080/v1". Addresses that are not this machine's are
// refused (ErrNotHere) unless elsewhere is true, which is for staff to say:
// what shoppers ask would leave the machine. Redirects are never followed.
func NewModel(address, name string, elsewhere bool) (*Model, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("answer: %.80q is no address of a language model, like http://127.0.0.1:8080/v1", address)
	}
	if !elsewhere && !loopback(u.Hostname()) {
		return nil, fmt.Errorf("answer: %s: %w; staff can allow it in settings", u.Host, ErrNotHere)
	}
	transport := &http.Transport{Proxy: nil, DialContext: (&net.Dialer{Timeout: time.Second}).DialContext}
	return &Model{strings.TrimSuffix(address, "/") + "/chat/completions", name, &http.Client{
		Transport: transport, Timeout: modelPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// modelPatience is how long a shopper waits for other words.
const modelPatience = 1500 * time.Millisecond

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Phrase asks for the answer in other words. The caller checks what comes back
// (Faithful).
func (m *Model) Phrase(ctx context.Context, lang understand.Language, heard, answer string) (string, error) {
	system := "You rephrase a shop assistant's answer in a friendly spoken way, in one or two short sentences, in " +
		map[understand.Language]string{understand.English: "English", understand.Chinese: "Simplified Chinese"}[lang] +
		". Keep every number, price and name exactly. Add no facts, numbers or names."
	body, err := json.Marshal(map[string]any{
		"model": m.name, "temperature": 0.3, "max_tokens": 120,
		"messages": []map[string]string{{"role": "system", "content": system},
			{"role": "user", "content": "Question: " + heard + "\nAnswer: " + answer}},
	})
	if err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.endpoint, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("answer: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := m.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("answer: ask the language model: %w", err)
	}
	defer res.Body.Close()
	var reply struct {
		Choices []struct {
			Message struct{ Content string }
		}
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&reply); err != nil {
		return "", fmt.Errorf("answer: the language model's reply: %w", err)
	}
	if res.StatusCode != http.StatusOK || len(reply.Choices) == 0 {
		return "", fmt.Errorf("answer: the language model answered %s", res.Status)
	}
	return reply.Choices[0].Message.Content, nil
}
