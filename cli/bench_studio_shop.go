package cli

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cheval/catalog"
	"cheval/catalog/exchange"
	"cheval/catalog/search"
	"cheval/catalog/store"
)

//go:embed bench_studio.py
var isnetScript []byte

// pipe is a process that answers each line with a line.
type pipe struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// startPipe starts one and waits for its first line.
func startPipe(ctx context.Context, program string, args ...string) (*pipe, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &pipe{cmd, in, bufio.NewScanner(out)}
	if !p.out.Scan() {
		p.close()
		return nil, errors.New("it ended at once")
	}
	return p, nil
}

func (p *pipe) ask(line string) (string, error) {
	if _, err := io.WriteString(p.in, line+"\n"); err != nil {
		return "", err
	}
	if !p.out.Scan() {
		return "", io.ErrUnexpectedEOF
	}
	return p.out.Text(), nil
}

func (p *pipe) close() {
	p.in.Close()
	p.cmd.Wait() // its end is all that matters
}

// benchRows is the size of the spreadsheet that is timed.
const benchRows = 10_000

// spreadsheet times an import of Shopify's CSV into a store of its own.
func (b *studioBench) spreadsheet() (err error) {
	b.say("%d rows of a spreadsheet", benchRows)
	path := filepath.Join(b.dir, "products.csv")
	if err := writeBenchCSV(path); err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	s, err := store.Open(filepath.Join(b.dir, "home"), store.Options{})
	if err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	began := time.Now()
	file, err := exchange.Open(path, "")
	if file == nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	result, err := file.Import(b.cmd.Context(), s.NewShelf(store.Import, "bench"), exchange.Options{Currency: "EUR"})
	if err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	b.figures["csv_10000_rows_s"] = time.Since(began).Seconds()
	b.figures["csv_products"] = float64(result.Products)
	return nil
}

// writeBenchCSV writes products of two variants, as Shopify exports them.
func writeBenchCSV(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	w.Write(strings.Split("Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Image Position,Status", ","))
	for i := range benchRows {
		p := i / 2
		handle := fmt.Sprintf("frame-%05d", p)
		row := []string{handle, "", "", "", "", "", "", "", []string{"Black", "Brown"}[i%2], fmt.Sprintf("F%05d-%d", p, i%2), "7", "129.00", "", "", ""}
		if i%2 == 0 {
			copy(row, []string{handle, fmt.Sprintf("Frame %d", p), "<p>A frame of acetate, made by hand. <b>Light</b>.</p>", "Maison", "Eyewear", "new, acetate", "TRUE", "Colour"})
			row[12], row[13], row[14] = fmt.Sprintf("https://shop.example/%s.jpg", handle), "1", "active"
		}
		w.Write(row)
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}

// search times searches as people type them over many products.
func (b *studioBench) search() (err error) {
	n := b.flags.products
	if n == 0 {
		return nil
	}
	b.say("an index of %d products (a minute or so)", n)
	shelf, err := manyProducts(n)
	if err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	x, err := search.Open(filepath.Join(b.dir, "search"))
	if err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	began := time.Now()
	if err := x.Sync(b.cmd.Context(), shelf, nil); err != nil {
		return fmt.Errorf("bench studio: %w", err)
	}
	b.figures["search_index_s"] = time.Since(began).Seconds()
	var times []float64
	for range 10 {
		for _, text := range []string{
			"corso", "vintage", "black round", "tortoise aviator", "sunglases", "featherlite", "maison 17", "minimal heritage",
			"CORSO-000002", "cat-eye gold", "aviatr gold", "墨镜", "复古 圆框", "轻盈日常", "wide metal frame",
		} {
			began := time.Now()
			if _, err := x.Find(b.cmd.Context(), search.Query{Text: text}); err != nil {
				return fmt.Errorf("bench studio: %w", err)
			}
			times = append(times, milliseconds(time.Since(began)))
		}
	}
	slices.Sort(times)
	b.figures["search_100k_p50_ms"] = times[len(times)/2]
	b.figures["search_100k_p95_ms"] = times[len(times)*95/100]
	return nil
}

// manyProducts are the starters over and over, with names and texts of their
// own.
func manyProducts(n int) (*catalog.Catalogue, error) {
	starters, err := starterProducts()
	if err != nil {
		return nil, err
	}
	some := starters.All()
	random := rand.New(rand.NewPCG(3, 5))
	en := strings.Fields("featherlight hand-polished vintage bold slim everyday weekend coastal urban sculpted minimal studio heritage modern oversized petite evening matte glossy layered")
	zh := []string{"轻盈", "复古", "经典", "纤细", "日常", "周末", "海岸", "都市", "极简", "现代"}
	words := func(from []string, n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = from[random.IntN(len(from))]
		}
		return strings.Join(out, " ")
	}
	products := make([]*catalog.Product, n)
	for i := range products {
		p := *some[i%len(some)]
		p.ID = fmt.Sprintf("%s-%06d", p.ID, i)
		p.Brand = fmt.Sprint("Maison ", random.IntN(400))
		p.Name = map[string]string{"en": p.Name["en"] + " " + words(en, 2), "zh": words(zh, 2)}
		p.Text = map[string]string{"en": words(en, 25), "zh": words(zh, 20)}
		p.Variants = slices.Clone(p.Variants)
		for v := range p.Variants {
			p.Variants[v].SKU = fmt.Sprintf("%s-%d", p.ID, v)
		}
		products[i] = &p
	}
	return catalog.Of(products)
}
