package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/currency"

	"cheval/catalog"
	"cheval/catalog/exchange"
	"cheval/catalog/store"
)

// importFlags are what `cheval catalog import` was asked.
type importFlags struct {
	images, currency, tab string
	mapped                []string
	dryRun, fetch         bool
}

func newCatalogImportCmd() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Bring products in from a spreadsheet",
		Long: `Brings products in from Shopify's product CSV, a product feed of Google's (.xml,
.tsv) or any other table (.csv, .tsv, .xlsx). What its columns mean is guessed
from their headers and from what stands in them; --map decides it. New products
are drafts. A product that is there already takes over what the file says.

A row that cannot be taken is listed with its field and the reason, and all
others go in. Import the same file again after an interruption: what is in
stays, the rest follows.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.currency != "" {
				unit, err := currency.ParseISO(f.currency)
				if err != nil {
					return usagef("catalog import: --currency is a code like CNY or EUR, not %q", f.currency)
				}
				f.currency = unit.String()
			}
			return importFile(cmd, args[0], f)
		},
	}
	cmd.Flags().StringVar(&f.images, "images", "", "take pictures from this `FOLDER or ZIP`, by file name, SKU or handle")
	cmd.Flags().StringArrayVar(&f.mapped, "map", nil, "a column's meaning, as `COLUMN=FIELD`; several times; an empty field for none")
	cmd.Flags().StringVar(&f.tab, "tab", "", "the `NAME` of the tab to read of an .xlsx; default the first")
	cmd.Flags().StringVar(&f.currency, "currency", "", "the `CODE` of prices that name no currency; default that of the catalogue")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be done and write nothing")
	cmd.Flags().BoolVar(&f.fetch, "fetch", false, "fetch pictures from their https addresses; off, they are kept as text")
	return cmd
}

func importFile(cmd *cobra.Command, path string, f importFlags) error {
	file, err := exchange.Open(path, f.tab)
	if file == nil {
		return fmt.Errorf("catalog: %w", err)
	}
	for _, m := range f.mapped {
		at := strings.LastIndexByte(m, '=')
		if at < 0 {
			return usagef("catalog import: --map is COLUMN=FIELD, not %q", m)
		}
		if err := file.Columns.Set(m[:at], exchange.Field(m[at+1:])); err != nil {
			return usagef("catalog import: --map %s: %v", m, err)
		}
	}
	tellFile(cmd.ErrOrStderr(), file)
	return withShop(cmd, func(s *store.Store) error {
		o := exchange.Options{Images: f.images, Currency: f.currency, DryRun: f.dryRun, Progress: tellImport(cmd.ErrOrStderr())}
		if o.Currency == "" {
			if o.Currency, err = usualCurrency(cmd.Context(), s); err != nil {
				return err
			}
		}
		if f.fetch {
			o.Fetch = exchange.NewFetcher()
			defer o.Fetch.Close()
		}
		result, err := file.Import(cmd.Context(), s.NewShelf(store.Import, filepath.Base(path)), o)
		if err != nil {
			return fmt.Errorf("catalog: %w", err)
		}
		return reportImport(cmd, f, result)
	})
}

// tellFile says on stderr how a file is read.
func tellFile(w io.Writer, f *exchange.File) {
	var mapped []string
	for _, c := range f.Columns {
		if c.Field != exchange.None {
			mapped = append(mapped, fmt.Sprintf("%s=%s", c.Header, c.Field))
		}
	}
	fmt.Fprintf(w, "import: %s is read as %s", filepath.Base(f.Path), map[exchange.Format]string{
		exchange.Shopify: "Shopify's products", exchange.Feed: "a product feed", exchange.Table: "a table"}[f.Format])
	if f.Encoding != "" {
		fmt.Fprintf(w, " in %s", f.Encoding)
	}
	if len(f.Tabs) > 1 {
		fmt.Fprintf(w, ", tab %q of %q", f.Tab, f.Tabs)
	}
	fmt.Fprintln(w)
	if f.Format == exchange.Table {
		fmt.Fprintf(w, "import: its columns mean %s\n", strings.Join(mapped, ", "))
	}
}

// tellImport says every two seconds how far an import is.
func tellImport(w io.Writer) func(exchange.Progress) {
	last := time.Now()
	return func(p exchange.Progress) {
		if time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintf(w, "import: %d of %d rows, %d products saved\n", p.Rows, p.Of, p.Saved)
		}
	}
}

// errEnough ends a walk over the catalogue early.
var errEnough = errors.New("enough was seen")

// usualCurrency is the one that most prices are in of the products that stand
// first in the shop.
func usualCurrency(ctx context.Context, s *store.Store) (string, error) {
	counts, best, seen := map[string]int{}, "", 0
	err := s.Each(ctx, func(p *catalog.Product) error {
		if code := p.Variants[0].Price.Currency; code != "" {
			if counts[code]++; counts[code] > counts[best] {
				best = code
			}
		}
		if seen++; seen == 500 {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return "", err
	}
	return best, nil
}

func reportImport(cmd *cobra.Command, f importFlags, r exchange.Result) error {
	if asJSON(cmd) {
		return printJSON(cmd, r)
	}
	out := cmd.OutOrStdout()
	verb := "imported"
	if f.dryRun {
		verb = "would import"
	}
	fmt.Fprintf(out, "%s %d products with %d variants and %d images from %d rows\n", verb, r.Products, r.Variants, r.Images, r.Rows)
	for _, p := range r.Problems {
		fmt.Fprintf(out, "  %s\n", p)
	}
	return nil
}

func newCatalogExportCmd() *cobra.Command {
	var format string
	var starter bool
	cmd := &cobra.Command{
		Use:   "export FILE",
		Short: "Write the products to a spreadsheet",
		Long: `Writes the catalogue to FILE: as Shopify's product CSV (.csv), as a product feed
of Google's (.xml, .tsv) or as a table for people (.xlsx, .csv, .tsv). Products
that came from a spreadsheet keep what Cheval does not know of them; only cells
whose meaning was changed differ from what came in. Pictures go out by their
addresses.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f := exchange.Format(format)
			if format == "" {
				var err error
				if f, err = exchange.FormatOf(args[0]); err != nil {
					return usageError{err}
				}
			}
			if !slices.Contains([]exchange.Format{exchange.Shopify, exchange.Feed, exchange.Table}, f) {
				return usagef("catalog export: --format is shopify, feed or table, not %q", format)
			}
			return withShop(cmd, func(s *store.Store) error { return exportFile(cmd, s, args[0], f, starter) })
		},
	}
	cmd.Flags().StringVar(&format, "format", "", "shopify, feed or table; default by the file's ending: .csv `shopify`, .xml feed, .xlsx and .tsv table")
	cmd.Flags().BoolVar(&starter, "starter", false, "also write the products that came with Cheval")
	return cmd
}

func exportFile(cmd *cobra.Command, s *store.Store, path string, f exchange.Format, starter bool) error {
	products, left, err := toExport(cmd.Context(), s, starter)
	if err != nil {
		return err
	}
	result, err := exchange.Export(cmd.Context(), path, f, products)
	if err != nil {
		return fmt.Errorf("catalog: %w", err)
	}
	if n := left(); n > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "export: %d products that came with Cheval are left out; --starter writes them too\n", n)
	}
	if asJSON(cmd) {
		return printJSON(cmd, result)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "wrote %d products in %d rows to %s\n", result.Products, result.Rows, path)
	for _, p := range result.Problems {
		fmt.Fprintf(out, "  %s\n", p)
	}
	return nil
}

// toExport are the shop's products; those that came with Cheval only if they
// are asked for, or if there are no others. left counts what is left out.
func toExport(ctx context.Context, s *store.Store, starter bool) (products exchange.Products, left func() int, err error) {
	shipped, err := starterProducts()
	if err != nil {
		return nil, nil, err
	}
	own := func(p *catalog.Product) bool {
		return p.Origin.Source != "" && p.Origin.Source != "starter" || shipped.Product(p.ID) == nil
	}
	err = s.Each(ctx, func(p *catalog.Product) error {
		if own(p) {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, nil, err
	}
	if starter || err == nil { // asked for, or nothing else is there
		return s.Each, func() int { return 0 }, nil
	}
	n := 0
	return func(ctx context.Context, visit func(*catalog.Product) error) error {
		n = 0
		return s.Each(ctx, func(p *catalog.Product) error {
			if !own(p) {
				n++
				return nil
			}
			return visit(p)
		})
	}, func() int { return n }, nil
}
