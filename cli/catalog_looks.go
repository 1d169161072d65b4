package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cheval/catalog"
	"cheval/catalog/search"
	"cheval/catalog/store"
	"cheval/models"
	"cheval/studio"
	"cheval/studio/embed"
	"cheval/studio/photo"
)

// searchByPicture prints the products that look like the one on a picture, the
// likest first.
func searchByPicture(cmd *cobra.Command, file string, f catalog.Filter, limit int) error {
	p, err := photo.Read(file)
	if err != nil {
		return err
	}
	return withShop(cmd, func(s *store.Store) (err error) {
		_, runtime, err := openRuntime(cmd)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, runtime.Close()) }()
		products, err := missingLooks(s)
		if err == nil {
			err = updateLooks(cmd, s, runtime, products)
		}
		if err = tellUnseen(cmd, "found", err); err != nil {
			return err
		}
		st := studio.Open(runtime, "")
		defer func() { err = errors.Join(err, st.Close()) }()
		seen, err := st.Look(cmd.Context(), p)
		if err != nil {
			return err
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "catalog: the picture looks like %s; seen on %s\n", seen.Class, runtime.Provider().Ran)
		found, err := likest(s, seen.Embedding, f, limit)
		if err != nil {
			return err
		}
		return printProducts(cmd, found)
	})
}

// likest are the products that a filter lets through whose pictures are nearest
// to an embedding.
func likest(s *store.Store, e embed.Embedding, f catalog.Filter, limit int) ([]*catalog.Product, error) {
	c, err := s.Catalogue()
	if err != nil {
		return nil, err
	}
	space := &search.Space{}
	if err := space.Load(s, store.PictureVectors, embed.Width); err != nil {
		return nil, err
	}
	near, err := space.Nearest(e, limit, func(id string) bool {
		p := c.Product(id)
		return p != nil && f.Variant(p) >= 0
	})
	if err != nil {
		return nil, err
	}
	out := make([]*catalog.Product, len(near))
	for i, n := range near {
		out[i] = c.Product(n.Key)
	}
	return out, nil
}

// tellUnseen says what went wrong while products were looked at, which does not
// keep the others from being used: how, in a word. An interruption is returned.
func tellUnseen(cmd *cobra.Command, how string, err error) error {
	if err != nil && cmd.Context().Err() == nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "cheval: some products are %s without their pictures: %v\n", how, err)
		return nil
	}
	return err
}

// updateLooks embeds the pictures of products that are new or were changed.
func updateLooks(cmd *cobra.Command, s *store.Store, r *models.Runtime, products []*catalog.Product) (err error) {
	if len(products) == 0 {
		return nil
	}
	e, err := embed.Open(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	return e.Update(cmd.Context(), s, products, func(done int) {
		if done%100 == 0 || done == len(products) {
			fmt.Fprintf(cmd.ErrOrStderr(), "catalog: looked at %d of %d products\n", done, len(products))
		}
	})
}

func missingLooks(s *store.Store) ([]*catalog.Product, error) {
	c, err := s.Catalogue()
	if err != nil {
		return nil, err
	}
	return embed.Missing(s, c.All())
}

// pictureVectors are what the products' pictures look like. Those that are
// missing are made first, on the CPU; where that fails, it is said, and those
// that there are count.
func pictureVectors(cmd *cobra.Command, s *store.Store) (map[string][]float32, error) {
	if err := tellUnseen(cmd, "ranked", makeLooks(cmd, s)); err != nil {
		return nil, err
	}
	out := map[string][]float32{}
	err := s.Vectors(store.PictureVectors, func(v store.Vector) { out[v.Key] = embed.Whole(v) })
	return out, err
}

func makeLooks(cmd *cobra.Command, s *store.Store) (err error) {
	products, err := missingLooks(s)
	if err != nil || len(products) == 0 {
		return err
	}
	files, err := models.OpenHome()
	if err != nil {
		return err
	}
	runtime, err := models.OpenRuntime(files, models.CPU)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, runtime.Close()) }()
	return updateLooks(cmd, s, runtime, products)
}
