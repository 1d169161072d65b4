package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"cheval/catalog"
	"cheval/catalog/search"
	"cheval/catalog/store"
)

func newCatalogSearchCmd() *cobra.Command {
	var n narrowing
	var limit int
	var picture string
	cmd := &cobra.Command{
		Use:   "search TEXT | --picture FILE",
		Short: "Find products by words in English or Chinese, typos forgiven, or by what a picture shows",
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 0) == (picture == "") {
				return usagef("catalog search: say in words what to look for, or name a picture with --picture, not both")
			}
			f, err := n.filter()
			if err != nil {
				return err
			}
			if limit < 1 || limit > 1000 {
				return usagef("catalog: --limit is 1 to 1000, not %d", limit)
			}
			if picture != "" {
				return searchByPicture(cmd, picture, f, limit)
			}
			q := search.Query{Text: strings.Join(args, " "), Filter: f, Limit: limit}
			return withShop(cmd, func(s *store.Store) error { return searchShop(cmd, s, q) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "at most `N` products")
	cmd.Flags().StringVar(&picture, "picture", "", "find what looks like the product on this `FILE`, the likest first")
	addDevice(cmd)
	n.add(cmd)
	return cmd
}

// searchShop brings the index up to date and prints what it finds, the best
// first.
func searchShop(cmd *cobra.Command, s *store.Store, q search.Query) (err error) {
	x, err := openIndex(cmd.Context(), cmd, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	r, err := x.Find(cmd.Context(), q)
	if err != nil {
		return err
	}
	if r.Partly && len(r.Hits) > 0 {
		fmt.Fprintln(cmd.ErrOrStderr(), "cheval: catalog: no product has all of these words; these have some")
	}
	products := make([]*catalog.Product, len(r.Hits))
	for i, h := range r.Hits {
		products[i] = h.Product
	}
	return printProducts(cmd, products)
}

// openIndex opens the shop's index, up to date. The caller closes it.
func openIndex(ctx context.Context, cmd *cobra.Command, s *store.Store) (*search.Index, error) {
	c, err := s.Catalogue()
	if err != nil {
		return nil, err
	}
	x, err := search.Open(filepath.Join(s.Home(), search.FolderName))
	if err != nil {
		return nil, err
	}
	err = x.Sync(ctx, c, func(done, of int) {
		if of > 2000 {
			fmt.Fprintf(cmd.ErrOrStderr(), "catalog: indexed %d of %d products\n", done, of)
		}
	})
	if err != nil {
		return nil, errors.Join(err, x.Close())
	}
	return x, nil
}
