package exchange

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"cheval/catalog"
	"cheval/catalog/store"
)

// importHome in the environment makes this test binary a process that imports
// the file beside it there, and says how many products are saved.
const importHome = "CHEVAL_TEST_IMPORT"

func TestMain(m *testing.M) {
	if home := os.Getenv(importHome); home != "" {
		if err := importSaying(home, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func importSaying(home string, w io.Writer) (err error) {
	s, err := store.Open(home, store.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	f, err := Open(filepath.Join(home, "products.csv"), "")
	if err != nil {
		return err
	}
	_, err = f.Import(context.Background(), s.NewShelf(store.Import, "products.csv"), Options{
		batch: 40, Images: filepath.Join(home, "images"), Progress: func(p Progress) { fmt.Fprintln(w, p.Saved) }})
	return err
}

// manyProducts writes a file of n products with three rows each.
func manyProducts(t testing.TB, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sample := rowsOf(t, "testdata/shopify-export.csv")
	w := csv.NewWriter(f)
	rows := [][]string{sample[0]}
	for i := range n {
		for _, row := range sample[1:4] {
			row = append([]string(nil), row...)
			row[0] = fmt.Sprintf("product-%d", i)
			rows = append(rows, row)
		}
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
}

func rowsOf(t testing.TB, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestAKilledImportLosesNothingItReported kills an import with -9 at random
// moments. What it had reported as saved is there and whole; the same import
// then completes what is missing, as if it had never been killed.
func TestAKilledImportLosesNothingItReported(t *testing.T) {
	const products = 160
	clean := newShelf()
	sheet := filepath.Join(t.TempDir(), "products.csv")
	manyProducts(t, sheet, products)
	importInto(t, clean, sheet, Options{})
	midway := 0
	for range killRounds {
		home := t.TempDir()
		manyProducts(t, filepath.Join(home, "products.csv"), products)
		if err := os.Mkdir(filepath.Join(home, "images"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, "images", "product-7.png"), picturePNG(t, 7), 0o644); err != nil {
			t.Fatal(err)
		}
		reported := killedImport(t, home)
		if reported < products {
			midway++
		}
		s, err := store.Open(home, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Recovered() != nil {
			t.Fatalf("a kill damaged the store: %v", s.Recovered())
		}
		there := 0
		err = s.Each(t.Context(), func(p *catalog.Product) error {
			there++
			if len(p.Variants) != 3 || p.Sheet == nil || len(p.Sheet.Rows) != 3 {
				return fmt.Errorf("product %s is not whole", p.ID)
			}
			return nil
		})
		if err != nil || there < reported {
			t.Fatalf("%d products were reported, %d are there: %v", reported, there, err)
		}
		complete(t, s, home, clean)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d imports were killed midway", midway, killRounds)
}

// complete imports again, and compares with an import that was never killed.
func complete(t *testing.T, s *store.Store, home string, clean *shelf) {
	t.Helper()
	f, err := Open(filepath.Join(home, "products.csv"), "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Import(t.Context(), s.NewShelf(store.Import, "products.csv"), Options{Images: filepath.Join(home, "images")})
	if err != nil || r.Products != len(clean.products) {
		t.Fatalf("going on: %d products, %v", r.Products, err)
	}
	i := 0
	err = s.Each(t.Context(), func(p *catalog.Product) error {
		want := *clean.products[clean.order[i]]
		if p.ID == "product-7" {
			if len(p.Pictures) != len(want.Pictures)+1 {
				return fmt.Errorf("the picture is lost: %+v", p.Pictures)
			}
			p.Pictures = p.Pictures[:len(want.Pictures)]
		}
		p.Origin = want.Origin
		if !reflect.DeepEqual(*p, want) {
			return fmt.Errorf("%s differs:\n%+v\n%+v", p.ID, *p, want)
		}
		i++
		return nil
	})
	if err != nil || i != len(clean.order) {
		t.Fatalf("after product %d: %v", i, err)
	}
}

// killedImport runs an import in a process of its own, kills it, and returns
// how many products it had said are saved.
func killedImport(t *testing.T, home string) (reported int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), importHome+"="+home)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	enough := rand.IntN(3) // batches, then a moment more
	lines := bufio.NewScanner(out)
	for n := 0; n < enough && lines.Scan(); n++ {
		reported = number1(t, lines.Text())
	}
	time.Sleep(time.Duration(rand.IntN(40)) * time.Millisecond)
	_ = cmd.Process.Kill() // it may have ended
	for lines.Scan() {
		reported = number1(t, lines.Text())
	}
	_ = cmd.Wait() // killed
	return reported
}

func number1(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// BenchmarkImport is 10,000 rows into the real store, the commits included.
func BenchmarkImport(b *testing.B) {
	sheet := filepath.Join(b.TempDir(), "products.csv")
	manyProducts(b, sheet, 3334)
	for b.Loop() {
		s, err := store.Open(b.TempDir(), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		f, err := Open(sheet, "")
		if err != nil {
			b.Fatal(err)
		}
		r, err := f.Import(b.Context(), s.NewShelf(store.Import, "products.csv"), Options{})
		if err != nil || r.Rows != 10002 {
			b.Fatal(r.Rows, err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExport writes the same products as Shopify's CSV.
func BenchmarkExport(b *testing.B) {
	sheet := filepath.Join(b.TempDir(), "products.csv")
	manyProducts(b, sheet, 3334)
	s := newShelf()
	f, err := Open(sheet, "")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := f.Import(b.Context(), s, Options{}); err != nil {
		b.Fatal(err)
	}
	out := filepath.Join(b.TempDir(), "out.csv")
	for b.Loop() {
		if _, err := Export(b.Context(), out, Shopify, s.all); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCSV reads rows alone.
func BenchmarkCSV(b *testing.B) {
	sheet := filepath.Join(b.TempDir(), "products.csv")
	manyProducts(b, sheet, 3334)
	data, err := os.ReadFile(sheet)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r := newCSVReader(strings.NewReader(string(data)), ',')
		for {
			if _, err := r.next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
