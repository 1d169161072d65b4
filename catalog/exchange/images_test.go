package exchange

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/tls"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// picturePNG is a small picture, another for each shade.
func picturePNG(t *testing.T, shade uint8) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 8, 6))
	for i := range img.Pix {
		img.Pix[i] = shade
	}
	img.SetGray(0, 0, color.Gray{255 - shade})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// folder writes files below a new folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const pictured = `Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src
alto,Alto,Color,Black,AL-1,5,https://cdn.example.com/files/alto-hero.png?v=12
alto,,,Gold,AL-12,5,
alto-sun,Alto Sun,Title,Default Title,AS 9,5,Front View.PNG
lune,Lune,Title,Default Title,LU-1,5,
`

func TestPicturesFindTheirProducts(t *testing.T) {
	files := map[string][]byte{
		"alto-hero.png": picturePNG(t, 1), "AL-12_2.png": picturePNG(t, 2), "al-1.png": picturePNG(t, 3),
		"alto-sun-side.png": picturePNG(t, 4), "front view.png": picturePNG(t, 5), "as_9 (3).png": picturePNG(t, 6),
		"2026/Lune/DSC0001.png": picturePNG(t, 7), "other.png": picturePNG(t, 8), "alto_back.png": picturePNG(t, 9),
		"notes.txt": []byte("hello"), "lune.heic": append([]byte("\x00\x00\x00\x18ftypheic"), make([]byte, 20)...),
		"lune-broken.png": []byte("no picture"), ".DS_Store": []byte("x"),
	}
	for kind, from := range map[string]string{"folder": folder(t, files), "ZIP": zipped(t, files)} {
		t.Run(kind, func(t *testing.T) {
			s, r := imported(t, file(t, "a.csv", pictured), Options{Images: from})
			names := func(id string) (out []string) {
				for _, p := range s.products[id].Pictures {
					if p.Hash == "" || s.pictures[p.Hash] == nil || p.Width != 8 || p.Height != 6 {
						t.Errorf("%s: %+v has no file", id, p)
					}
					out = append(out, p.Name+" "+p.SKU)
				}
				return out
			}
			if got := names("alto"); !slices.Equal(got, []string{"alto-hero.png ", "AL-12_2.png AL-12", "al-1.png AL-1", "alto_back.png "}) {
				t.Errorf("alto has %q", got)
			}
			if got := names("alto-sun"); !slices.Equal(got, []string{"Front View.PNG ", "alto-sun-side.png ", "as_9 (3).png "}) {
				t.Errorf("alto-sun has %q", got)
			}
			if got := names("lune"); !slices.Equal(got, []string{"DSC0001.png "}) {
				t.Errorf("lune has %q", got)
			}
			if r.Images != 8 {
				t.Errorf("%d images", r.Images)
			}
			find1(t, r, 0, "images", "other.png belongs to no product")
			find1(t, r, 0, "images", "1 files are no pictures")
			find1(t, r, 0, "images", "lune.heic is a HEIC")
			find1(t, r, 0, "images", "lune-broken.png is no picture")
		})
	}
}

func TestADryRunFindsPicturesToo(t *testing.T) {
	s, r := imported(t, file(t, "a.csv", pictured), Options{DryRun: true, Images: folder(t, map[string][]byte{"Front View.PNG": picturePNG(t, 1)})})
	if r.Images != 2 || len(s.pictures) != 0 {
		t.Errorf("%d images, %d were kept", r.Images, len(s.pictures))
	}
}

func TestPicturesStayWhenTheSheetComesAgain(t *testing.T) {
	path := file(t, "a.csv", pictured)
	s, before := imported(t, path, Options{Images: folder(t, map[string][]byte{"alto-hero.png": picturePNG(t, 1), "front view.png": picturePNG(t, 5)})})
	after := importInto(t, s, path, Options{})
	if before.Images != after.Images || s.products["alto"].Pictures[0].Hash == "" || s.products["alto-sun"].Pictures[0].Hash == "" {
		t.Errorf("%d images became %d", before.Images, after.Images)
	}
}

// zipped is a ZIP of files.
func zipped(t *testing.T, files map[string][]byte) string {
	t.Helper()
	return zipOf(t, func(z *zip.Writer) {
		for name, data := range files {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func zipOf(t *testing.T, fill func(*zip.Writer)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "images.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	fill(z)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAHostileZIPIsHeldInBounds(t *testing.T) {
	path := zipOf(t, func(z *zip.Writer) {
		add := func(h *zip.FileHeader, data []byte) {
			w, err := z.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"../lune.png", "/lune.png", `..\lune.png`, "a/../../lune.png", "C:lune.png"} {
			add(&zip.FileHeader{Name: name}, picturePNG(t, 1))
		}
		link := &zip.FileHeader{Name: "lune-link.png"}
		link.SetMode(fs.ModeSymlink | 0o777)
		add(link, []byte("/etc/passwd"))
		gbk, err := simplifiedchinese.GB18030.NewEncoder().String("lune-正面.png")
		if err != nil {
			t.Fatal(err)
		}
		add(&zip.FileHeader{Name: gbk, NonUTF8: true}, picturePNG(t, 2))
		bomb(t, z, "lune-bomb.png", 10<<30, 10<<30)
		bomb(t, z, "lune-liar.png", 200<<20, 1000)
	})
	s, r := imported(t, file(t, "a.csv", pictured), Options{Images: path})
	if p := s.products["lune"].Pictures; len(p) != 1 || p[0].Name != "lune-正面.png" {
		t.Errorf("lune has %+v", p)
	}
	leads := 0
	for _, p := range r.Problems {
		if strings.Contains(p.Why, "leads out of the ZIP") {
			leads++
		}
	}
	if leads != 5 {
		t.Errorf("%d names lead out: %v", leads, r.Problems)
	}
	find1(t, r, 0, "images", "lune-link.png is a link")
	find1(t, r, 0, "images", "lune-bomb.png has 10240 MB")
	find1(t, r, 0, "images", "lune-liar.png cannot be read")
}

// bomb adds n zeros that say they are fewer. Ten gigabytes of them pack into
// ten megabytes; so many are not even packed here: a deflated block of 8 MB is
// written again and again, which is what packing gives.
func bomb(t *testing.T, z *zip.Writer, name string, n, says int64) {
	t.Helper()
	const block = 8 << 20
	var one bytes.Buffer
	c, err := flate.NewWriter(&one, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(make([]byte, block)); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil { // ends at a byte's end, so that blocks can follow
		t.Fatal(err)
	}
	blocks := n / block
	packed := int64(one.Len())*blocks + 5
	w, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: uint64(says), CompressedSize64: uint64(packed)})
	if err != nil {
		t.Fatal(err)
	}
	for range blocks {
		if _, err := w.Write(one.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	end := []byte{1, 0, 0, 0, 0} // the last block, stored, empty
	binary.LittleEndian.PutUint16(end[3:], 0xffff)
	if _, err := w.Write(end); err != nil {
		t.Fatal(err)
	}
}

func TestLinksInAFolderLeadNowhere(t *testing.T) {
	secret := folder(t, map[string][]byte{"secret.png": picturePNG(t, 1)})
	dir := folder(t, map[string][]byte{"lune.png": picturePNG(t, 2)})
	for name, to := range map[string]string{"lune-link.png": filepath.Join(secret, "secret.png"), "lune": secret} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s, r := imported(t, file(t, "a.csv", pictured), Options{Images: dir})
	if p := s.products["lune"].Pictures; len(p) != 1 {
		t.Errorf("lune has %+v", p)
	}
	find1(t, r, 0, "images", "lune-link.png is a link")
}

func TestAnAddressIsKeptAndNotFetched(t *testing.T) {
	s, r := imported(t, "testdata/shopify-export.csv", Options{})
	find1(t, r, 2, "Image Src", "7 image addresses are kept as text and were not fetched")
	if p := s.products["aria-panto"].Pictures[0]; !strings.HasPrefix(p.URL, "https://cdn.example.com/") || p.Hash != "" {
		t.Errorf("the picture is %+v", p)
	}
}

// fetching is a server and a fetcher that may go to it.
func fetching(t *testing.T, h http.HandlerFunc) (*httptest.Server, *Fetcher) {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	f := newFetcher(func(netip.Addr) bool { return true }, func(tr *http.Transport) {
		tr.TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	})
	t.Cleanup(f.Close)
	return server, f
}

func TestPicturesAreFetchedWhereItIsSwitchedOn(t *testing.T) {
	data := picturePNG(t, 1)
	server, f := fetching(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone.png" {
			http.NotFound(w, r)
			return
		}
		w.Write(data)
	})
	sheet := "Handle,Title,Variant Price,Image Src\na,A,5," + server.URL + "/a.png\nb,B,5," + server.URL + "/gone.png\n"
	s, r := imported(t, file(t, "a.csv", sheet), Options{Fetch: f})
	if p := s.products["a"].Pictures[0]; !bytes.Equal(s.pictures[p.Hash], data) || p.Width != 8 || p.URL == "" {
		t.Errorf("the picture is %+v", p)
	}
	find1(t, r, 3, "Image Src", "404")
	find1(t, r, 3, "Image Src", "were not fetched")
}

func TestAFetcherKeepsToHTTPSAndTheOpenInternet(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer server.Close()
	f := NewFetcher()
	defer f.Close()
	for address, says := range map[string]string{
		"http://example.com/a.png":                               "not https",
		"file:///etc/passwd":                                     "not https",
		"https://user:pass@example.com/a.png":                    "a name or a password",
		"https:///a.png":                                         "names no host",
		server.URL + "/a.png":                                    "not a public address",
		strings.Replace(server.URL, "127.0.0.1", "localhost", 1): "not a public address",
		"https://10.0.0.1/a.png":                                 "not a public address",
		"https://192.168.1.1/a.png":                              "not a public address",
		"https://169.254.169.254/latest/meta-data/":              "not a public address",
		"https://[::1]/a.png":                                    "not a public address",
		"https://[fe80::1]/a.png":                                "not a public address",
		"https://[fd00::1]/a.png":                                "not a public address",
		"https://[::ffff:127.0.0.1]/a.png":                       "not a public address",
		"https://[64:ff9b::7f00:1]/a.png":                        "not a public address",
		"https://0.0.0.0/a.png":                                  "not a public address",
		"https://100.64.0.1/a.png":                               "not a public address",
		"https://2130706433/a.png":                               "",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		if _, err := f.Fetch(ctx, address); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", address, err)
		}
		cancel()
	}
	if !public(netip.MustParseAddr("93.184.215.14")) || !public(netip.MustParseAddr("2606:2800:21f:cb07:6820:80da:af6b:8b2c")) {
		t.Error("the open internet is refused")
	}
}

func TestARedirectIsCheckedLikeAnAddress(t *testing.T) {
	server, f := fetching(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/plain":
			http.Redirect(w, r, "http://example.com/a.png", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	})
	for path, says := range map[string]string{"/plain": "not https", "/round": "more than 5 times"} {
		if _, err := f.Fetch(t.Context(), server.URL+path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
	// One that leads into the shop's network is stopped when it is dialled.
	inner := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer inner.Close()
	outer, g := fetching(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inner.URL, http.StatusFound) })
	dialled := 0
	limited := newFetcher(func(netip.Addr) bool { dialled++; return dialled == 1 }, func(tr *http.Transport) {
		tr.TLSClientConfig = g.client.Transport.(*http.Transport).TLSClientConfig
	})
	defer limited.Close()
	if _, err := limited.Fetch(t.Context(), outer.URL); err == nil || !strings.Contains(err.Error(), "not a public address") {
		t.Errorf("got %v", err)
	}
}

func TestAFetchIsBounded(t *testing.T) {
	server, f := fetching(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/said" {
			w.Header().Set("Content-Length", "999999999")
			return
		}
		io.Copy(w, endless("", 2<<20, ""))
	})
	f.most = 1 << 20
	for _, path := range []string{"/said", "/sent"} {
		if _, err := f.Fetch(t.Context(), server.URL+path); err == nil || !strings.Contains(err.Error(), "MB") {
			t.Errorf("%s: %v", path, err)
		}
	}
	f.client.Timeout = 50 * time.Millisecond
	slow, g := fetching(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	g.client.Timeout = 50 * time.Millisecond
	if _, err := g.Fetch(t.Context(), slow.URL); err == nil || !strings.Contains(err.Error(), "in time") {
		t.Errorf("got %v", err)
	}
}
