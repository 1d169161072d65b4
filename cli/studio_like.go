package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/recommender"
	"cheval/studio"
	"cheval/studio/generate"
	"cheval/studio/photo"

	"github.com/spf13/cobra"
)

// liked reads the styles that designs are to take after: of --like and of what
// the person of --profile liked.
func (f *generateFlags) liked(cmd *cobra.Command, s *studio.Studio, d *generate.Designer) ([]generate.Liked, error) {
	var out []generate.Liked
	for _, name := range f.like {
		p, err := f.likedPhoto(cmd, name)
		if err != nil {
			return nil, err
		}
		style, err := styleOf(cmd, s, d, p)
		if err != nil {
			return nil, fmt.Errorf("studio generate: --like %s: %w", name, err)
		}
		out = append(out, generate.Liked{Name: name, Style: style, Weight: 1})
	}
	if f.profile == "" {
		return out, nil
	}
	more, err := f.profileLikes(cmd, s, d)
	return append(out, more...), err
}

// styleOf reads the style of a photo's product.
func styleOf(cmd *cobra.Command, s *studio.Studio, d *generate.Designer, p *photo.Photo) (generate.Style, error) {
	cut, err := s.CutOut(cmd.Context(), p)
	if err != nil {
		return generate.Style{}, err
	}
	return d.Read(cut.Image)
}

// likedPhoto finds a picture by a product's ID or a file's path; an ID comes
// first.
func (f *generateFlags) likedPhoto(cmd *cobra.Command, name string) (p *photo.Photo, err error) {
	err = withShop(cmd, func(shop *store.Store) error {
		p, err = productPhoto(shop, name)
		return err
	})
	if p != nil || err != nil {
		return p, err
	}
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("studio generate: --like %s: there is neither a product with this ID nor such a picture; `cheval catalog list` shows the products", filepath.Base(name))
	}
	return photo.Read(name)
}

// productPhoto is a product's best picture for reading a style; nil where
// there is no such product.
func productPhoto(shop *store.Store, id string) (*photo.Photo, error) {
	product, err := shop.Product(id)
	if errors.Is(err, store.ErrAbsent) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	pictures := product.PicturesOf(catalog.CutOut, catalog.Enhanced, catalog.Original)
	if len(pictures) == 0 {
		return nil, fmt.Errorf("studio generate: %s has %w: add a photo, or name another product", id, errNoPicture)
	}
	b, err := shop.Picture(pictures[0].Hash)
	if err != nil {
		return nil, fmt.Errorf("studio generate: the picture of %s: %w", id, err)
	}
	return photo.Decode(b)
}

var errNoPicture = errors.New("no picture that designs could take after")

// profileLikes are the products that a person liked, kept or bought, newest
// first, at most twelve; those without a picture are left out.
func (f *generateFlags) profileLikes(cmd *cobra.Command, s *studio.Studio, d *generate.Designer) (out []generate.Liked, err error) {
	ids, err := profileLikedIDs(cmd, f.profile)
	if err != nil {
		return nil, err
	}
	err = withShop(cmd, func(shop *store.Store) error {
		for _, id := range ids {
			p, err := productPhoto(shop, id)
			if errors.Is(err, errNoPicture) || err == nil && p == nil {
				continue // drawn by measures, as eyewear is, or gone since
			}
			if err != nil {
				return err
			}
			style, err := styleOf(cmd, s, d, p)
			if err != nil {
				return err
			}
			out = append(out, generate.Liked{Name: id, Style: style, Weight: 1})
		}
		return nil
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("studio generate: the profile %s has liked no product with a photo yet; name one with --like", f.profile)
	}
	return out, err
}

// mostLiked bounds how many products a profile brings in.
const mostLiked = 12

func likedIDs(events []recommender.Event) (ids []string) {
	for _, e := range slices.Backward(events) {
		liked := e.Kind == recommender.Like || e.Kind == recommender.Keep || e.Kind == recommender.Buy
		if liked && !slices.Contains(ids, e.Product) && len(ids) < mostLiked {
			ids = append(ids, e.Product)
		}
	}
	return ids
}
