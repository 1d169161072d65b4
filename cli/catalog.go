package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"cheval/assets"
	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models"
)

// newCatalogCmd is `cheval catalog`: the shop's products.
func newCatalogCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "catalog",
		Short: "List, search, import, export, verify and back up the shop's catalogue, and undo changes",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usagef("catalog: say what to do: list, search, import, export, verify, backup, restore, undo, redo or history")
		},
	}
	cmd.AddCommand(newCatalogListCmd(), newCatalogSearchCmd(), newCatalogImportCmd(), newCatalogExportCmd(), newCatalogVerifyCmd(), newCatalogBackupCmd(), newCatalogRestoreCmd(),
		newCatalogUndoCmd(), newCatalogRedoCmd(), newCatalogHistoryCmd())
	return cmd
}

// openShop opens the shop's catalogue, with the starter products if there is
// none yet. The caller closes it. What was saved of a damaged one, stderr says.
func openShop(cmd *cobra.Command) (*store.Store, error) {
	home, err := models.Home()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(home, store.Options{Seed: starterProducts})
	if err != nil {
		return nil, fmt.Errorf("catalog: %w", err)
	}
	tellRecovery(cmd, s)
	return s, nil
}

func tellRecovery(cmd *cobra.Command, s *store.Store) {
	if r := s.Recovered(); r != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: %v\n", r)
	}
}

// withShop runs do on the open catalogue.
func withShop(cmd *cobra.Command, do func(*store.Store) error) error {
	s, err := openShop(cmd)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// starterProducts is the catalogue that the program ships.
func starterProducts() (*catalog.Catalogue, error) { return catalog.Load(assets.Catalogue()) }

// narrowing are the flags that leave products out.
type narrowing struct {
	categories, brands, tags, colours, shapes, sizes []string
	state                                            string
	wearable                                         bool
}

func (n *narrowing) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&n.categories, "category", nil, "only of this `CATEGORY`, such as eyewear")
	f.StringSliceVar(&n.brands, "brand", nil, "only of this `BRAND`")
	f.StringSliceVar(&n.tags, "tag", nil, "only with this `TAG`")
	f.StringSliceVar(&n.colours, "colour", nil, "only in this `COLOUR`")
	f.StringSliceVar(&n.shapes, "shape", nil, "only of this `SHAPE`")
	f.StringSliceVar(&n.sizes, "size", nil, "only of this `SIZE`: narrow, medium or wide")
	f.StringVar(&n.state, "state", "", "only what is `published` or draft")
	f.BoolVar(&n.wearable, "wearable", false, "only what can be tried on")
}

// filter is the same for the catalogue.
func (n *narrowing) filter() (catalog.Filter, error) {
	f := catalog.Filter{Categories: n.categories, Brands: n.brands, Tags: n.tags, Colours: n.colours, Wearable: n.wearable}
	for _, s := range n.shapes {
		f.Shapes = append(f.Shapes, catalog.Shape(s))
	}
	for _, s := range n.sizes {
		f.Sizes = append(f.Sizes, catalog.Size(s))
	}
	switch n.state {
	case "":
	case "published":
		f.States = []catalog.State{catalog.Published}
	case "draft":
		f.States = []catalog.State{catalog.Draft}
	default:
		return f, usagef("catalog: --state is published or draft, not %q", n.state)
	}
	return f, nil
}

func newCatalogListCmd() *cobra.Command {
	var n narrowing
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the products in the shop's order",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := n.filter()
			if err != nil {
				return err
			}
			return withShop(cmd, func(s *store.Store) error {
				c, err := s.Catalogue()
				if err != nil {
					return err
				}
				var some []*catalog.Product
				for _, m := range c.Find(f) {
					some = append(some, m.Product)
				}
				return printProducts(cmd, some)
			})
		},
	}
	n.add(cmd)
	return cmd
}

// printProducts prints products for a person, or as an array of product files.
func printProducts(cmd *cobra.Command, products []*catalog.Product) error {
	if asJSON(cmd) {
		rows := make([]json.RawMessage, 0, len(products))
		for _, p := range products {
			row, err := catalog.AppendRecord(nil, p)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return printJSON(cmd, rows)
	}
	w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "id\tname\tbrand\tcategory\tsize\tprice\tvariants\tstate")
	for _, p := range products {
		size, state := "", "published"
		if p.Eyewear.LensWidth > 0 {
			size = p.Eyewear.Notation()
		}
		if p.State == catalog.Draft {
			state = "draft"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", p.ID, anyText(p.Name), p.Brand, p.Category, size, priceOf(p), len(p.Variants), state)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("catalog: write the list: %w", err)
	}
	return nil
}

// anyText is a text in English, or in whatever language there is.
func anyText(m map[string]string) string {
	if s := m["en"]; s != "" {
		return s
	}
	best := ""
	for lang := range m {
		if best == "" || lang < best {
			best = lang
		}
	}
	return m[best]
}

// priceOf is the lowest price of a product's variants.
func priceOf(p *catalog.Product) string {
	low := p.Variants[0].Price
	for _, v := range p.Variants {
		if v.Price.Minor < low.Minor {
			low = v.Price
		}
	}
	if low.Currency == "" {
		return "–"
	}
	return low.String()
}

func newCatalogVerifyCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Read every record and every picture of the catalogue, and check that each is whole",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(s *store.Store) error {
				r, err := s.Verify(cmd.Context(), nil)
				if err != nil {
					return err
				}
				if err := printReport(cmd, r); err != nil || r.OK {
					return err
				}
				return fmt.Errorf("catalog: verify: %s found; restore a backup, or import those products again", counted(len(r.Problems), "problem"))
			})
		},
	}
}

func printReport(cmd *cobra.Command, r *store.Report) error {
	if asJSON(cmd) {
		return printJSON(cmd, r)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s (%s), %s, %s with spreadsheet rows, %s waiting, %s to undo\n", counted(r.Products, "product"),
		counted(r.Drafts, "draft"), counted(r.Pictures, "picture"), counted(r.Sheets, "product"), counted(r.Jobs, "job"), counted(r.Changes, "change"))
	if r.Swept > 0 {
		fmt.Fprintf(out, "removed %s that nothing referred to\n", counted(r.Swept, "file"))
	}
	for _, p := range r.Problems {
		fmt.Fprintf(out, "%s %s: %s\n", p.What, p.ID, p.Why)
	}
	if r.OK {
		fmt.Fprintln(out, "all whole")
	}
	return nil
}

// savedBackup is the result of a backup or of restoring one, for programs.
type savedBackup struct {
	File string `json:"file"`
	store.Backup
	SetAside string `json:"set_aside,omitempty"`
}

func newCatalogBackupCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the catalogue with its pictures to one file (.zip), checked as it is read",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !strings.EqualFold(filepath.Ext(args[0]), ".zip") {
				return usagef("catalog: backup: the file's name must end in .zip")
			}
			return withShop(cmd, func(s *store.Store) error {
				b, err := s.WriteBackup(cmd.Context(), args[0], nil)
				if err != nil {
					return err
				}
				for _, hash := range b.Missing {
					fmt.Fprintf(cmd.ErrOrStderr(), "cheval: catalog: picture %.12s… is damaged or gone, and not in the backup\n", hash)
				}
				return printBackup(cmd, savedBackup{File: args[0], Backup: b}, "backed up")
			})
		},
	}
}

func newCatalogRestoreCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the catalogue what a backup holds; what is there now is set aside",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			home, err := models.Home()
			if err != nil {
				return err
			}
			b, aside, err := store.Restore(cmd.Context(), home, args[0], nil)
			if err != nil {
				return fmt.Errorf("catalog: %w", err)
			}
			return printBackup(cmd, savedBackup{args[0], b, aside}, "restored")
		},
	}
}

func printBackup(cmd *cobra.Command, b savedBackup, did string) error {
	if asJSON(cmd) {
		return printJSON(cmd, b)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s %s and %s: %s\n", did, counted(b.Products, "product"), counted(b.Pictures, "picture"), b.File)
	if b.SetAside != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "what was there is set aside as %s\n", b.SetAside)
	}
	return err
}

func newCatalogUndoCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "undo",
		Short: "Take back the last change of the catalogue",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(s *store.Store) error {
				c, err := s.Undo(cmd.Context())
				return printChange(cmd, c, err, "undone")
			})
		},
	}
}

func newCatalogRedoCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "redo",
		Short: "Do again what was undone last",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(s *store.Store) error {
				c, err := s.Redo(cmd.Context())
				return printChange(cmd, c, err, "done again")
			})
		},
	}
}

func printChange(cmd *cobra.Command, c store.Change, err error, did string) error {
	if errors.Is(err, store.ErrNothing) {
		return fmt.Errorf("catalog: %w", store.ErrNothing)
	}
	if err != nil {
		return err
	}
	if asJSON(cmd) {
		return printJSON(cmd, c)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", did, describe(c))
	return err
}

// describe says a change in English.
func describe(c store.Change) string {
	s := fmt.Sprintf("%s of %s, %s", c.Kind, counted(c.Products, "product"), c.At.Local().Format(time.DateTime))
	if c.Note != "" {
		s += " (" + c.Note + ")"
	}
	return s
}

func newCatalogHistoryCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "history",
		Short: "List the changes that can be undone, the newest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(s *store.Store) error {
				all, err := s.Changes()
				if err != nil {
					return err
				}
				if asJSON(cmd) {
					return printJSON(cmd, append([]store.Change{}, all...))
				}
				for _, c := range all {
					fmt.Fprintln(cmd.OutOrStdout(), describe(c))
				}
				return nil
			})
		},
	}
}
