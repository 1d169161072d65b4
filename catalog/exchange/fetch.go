package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Fetcher gets pictures from their addresses: over https only, never from an
// address of this machine or of a network that is not public, and within
// limits. Nothing makes one unless a person has switched fetching on.
type Fetcher struct {
	client *http.Client
	most   int64
}

// Limits of one picture that is fetched.
const (
	maxFetched   = 32 << 20
	fetchTime    = 30 * time.Second
	maxRedirects = 5
)

// NewFetcher makes a fetcher. The caller closes it.
func NewFetcher() *Fetcher { return newFetcher(public, nil) }

// newFetcher makes one that goes to the addresses that allowed lets through.
// trust is the transport's TLS configuration; nil: the machine's.
func newFetcher(allowed func(netip.Addr) bool, configure func(*http.Transport)) *Fetcher {
	dialer := &net.Dialer{
		Timeout: 10 * time.Second,
		// Called with the address that the name led to, for redirects too, so
		// that no name can lead into the shop's own network.
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !allowed(at.Addr().Unmap()) {
				return fmt.Errorf("%s is not a public address", address)
			}
			return nil
		},
	}
	transport := &http.Transport{
		DialContext: dialer.DialContext, Proxy: nil, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: 15 * time.Second, MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 4,
		IdleConnTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
	}
	if configure != nil {
		configure(transport)
	}
	return &Fetcher{most: maxFetched, client: &http.Client{
		Transport: transport, Timeout: fetchTime,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) >= maxRedirects {
				return errors.New("it leads on more than 5 times")
			}
			return secure(r.URL)
		},
	}}
}

func secure(u *url.URL) error {
	switch {
	case u.Scheme != "https":
		return errors.New("it is not https")
	case u.User != nil:
		return errors.New("it has a name or a password in it")
	case u.Hostname() == "":
		return errors.New("it names no host")
	}
	return nil
}

// public says whether an address is one of the internet.
func public(a netip.Addr) bool {
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || a.Zone() != "" {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// reserved are the networks of IANA's special-purpose registries that netip
// does not tell: shared, documentation, benchmarking, future use, and IPv6
// that carries an IPv4 address within (which could be a private one).
var reserved = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16",
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// Fetch returns the bytes at an address, at most 32 MB, within 30 seconds.
func (f *Fetcher) Fetch(ctx context.Context, address string) ([]byte, error) {
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("it is no address")
	}
	if err := secure(u); err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("it is no address")
	}
	req.Header.Set("Accept", "image/*")
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, fetchError(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answers %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	case resp.ContentLength > f.most:
		return nil, fmt.Errorf("it has %d MB, but a picture may have %d", resp.ContentLength>>20, f.most>>20)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, f.most+1))
	switch {
	case err != nil:
		return nil, fetchError(err)
	case int64(len(data)) > f.most:
		return nil, fmt.Errorf("it has over %d MB", f.most>>20)
	}
	return data, nil
}

// fetchError says why without repeating the address.
func fetchError(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		if u.Timeout() {
			return errors.New("the server does not answer in time")
		}
		return u.Err
	}
	return err
}

// Close ends connections that are kept open.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }
