package exchange

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// seeds adds the files beside the tests.
func seeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}

// FuzzImport holds that no file brings an import down, that what goes in is
// valid, and that every row is in or listed.
func FuzzImport(f *testing.F) {
	seeds(f)
	f.Add([]byte("Handle,Title,Variant Price\n\"a,A,5\nb,B,6\n"))
	f.Add([]byte("sep=;\nSKU;Title;Price\n1;A;\"5\n"))
	f.Add([]byte("\xff\xfeS\x00K\x00U\x00,\x00"))
	f.Add([]byte("SKU,Title\n\xb0\xa1,\xd1\xdb\xbe\xb5\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			return // excelize's
		}
		path := filepath.Join(t.TempDir(), "a.csv")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := Open(path, "")
		if err != nil {
			return
		}
		s := newShelf()
		r, err := file.Import(t.Context(), s, Options{})
		if err != nil {
			return
		}
		variants := 0
		for _, p := range s.products {
			if err := p.Validate(); err != nil {
				t.Error(err)
			}
			variants += len(p.Variants)
		}
		if r.Products != len(s.products) || r.Variants != variants {
			t.Errorf("it says %d products and %d variants, there are %d and %d", r.Products, r.Variants, len(s.products), variants)
		}
		if r.Rows > 0 && r.Products == 0 && len(r.Problems) == 0 {
			t.Errorf("%d rows were dropped silently", r.Rows)
		}
		out := filepath.Join(t.TempDir(), "out.csv")
		if _, err := Export(t.Context(), out, Shopify, s.all); err != nil {
			t.Error(err)
		}
	})
}

// FuzzCSV holds that a row's bytes come back, whatever stands in it.
func FuzzCSV(f *testing.F) {
	f.Add("a", "b\"c", "d\r\ne")
	f.Add("", "", "")
	f.Add("=1+1", "\ufeff", " lead")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if !utf8.ValidString(a+b+c) || a+b+c == "" {
			return
		}
		var out bytes.Buffer
		w := csvRows(&out, ',')
		if err := w.row([]string{a, b, c}); err != nil {
			t.Fatal(err)
		}
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
		row, err := newCSVReader(&out, ',').next()
		if err != nil || len(row.Cells) != 3 || row.Cells[0] != a || row.Cells[1] != b || row.Cells[2] != c {
			t.Errorf("%q, %q, %q came back as %q, %v", a, b, c, row.Cells, err)
		}
	})
}

// FuzzFeed holds that a feed is read to its end or refused.
func FuzzFeed(f *testing.F) {
	seeds(f)
	f.Add([]byte("<rss><item><a><b><c>x</c></b></a></item></rss>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		header, err := feedHeader(bytes.NewReader(data))
		if err != nil {
			return
		}
		r := newFeedReader(bytes.NewReader(data), header)
		for {
			if _, err := r.next(); err == io.EOF {
				return
			} else if err != nil {
				if _, small := err.(*rowError); !small {
					t.Fatalf("the header was read, but then: %v", err)
				}
			}
		}
	})
}

// FuzzText holds that a description has no markup left that hides text.
func FuzzText(f *testing.F) {
	f.Add("<p>a</p><script>b</script>")
	f.Add("<!-- <b>x")
	f.Add("&lt;script&gt;")
	f.Fuzz(func(t *testing.T, s string) {
		out := plainText(s)
		if strings.ContainsAny(out, "\r\x00") || strings.Contains(out, "\n\n") || out != strings.TrimSpace(out) {
			t.Errorf("%q became %q", s, out)
		}
	})
}

// FuzzPrice holds that a price is never below zero, and that one that was
// written is read again.
func FuzzPrice(f *testing.F) {
	for _, s := range []string{"1,299.00", "1.299,00 €", "¥899", "-5", "(5)", "12,-", "EUR 1'299.50", "１２３元", "1e5", "..", "$"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, comma bool) {
		m, err := money(s, "CNY", comma)
		if err != nil {
			return
		}
		if m.Minor < 0 {
			t.Errorf("%q is %v", s, m)
		}
		again, err := money(amountFor(Feed, m), "CNY", false)
		if err != nil || again != m {
			t.Errorf("%q is %v, written %q it is %v, %v", s, m, amountFor(Feed, m), again, err)
		}
	})
}

// FuzzZIP holds that no ZIP leads out of itself.
func FuzzZIP(f *testing.F) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"../a.png", "a/b.png", "/c.png"} {
		w, err := z.Create(name)
		if err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write([]byte("x")); err != nil {
			f.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		im := &images{}
		if err := im.addZip(r, &problems{}); err != nil {
			return
		}
		for _, file := range im.files {
			if strings.Contains(file.name, "..") && (strings.HasPrefix(file.name, "../") || strings.Contains(file.name, "/../")) {
				t.Errorf("%q leads out", file.name)
			}
			if data, err := file.read(); err == nil && len(data) > maxImageBytes {
				t.Errorf("%q has %d bytes", file.name, len(data))
			}
		}
	})
}
