package studio

import (
	"context"
	"image"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/embed"
	"cheval/studio/enhance"
	"cheval/studio/photo"
)

// Look says what a photo's product looks like. It is cut out first, unless the
// picture was before; where nothing is found, the photo itself is looked at.
func (s *Studio) Look(ctx context.Context, p *photo.Photo) (*embed.Seen, error) {
	cut, err := s.CutOut(ctx, p)
	if err != nil {
		return nil, err
	}
	m := cut.Image
	if enhance.Bounds(m).Empty() {
		m = &image.NRGBA{Pix: p.Image.Pix, Stride: p.Image.Stride, Rect: p.Image.Rect} // it is opaque
	}
	var seen *embed.Seen
	err = s.withEncoder(func(e *embed.Encoder) (err error) {
		seen, err = e.See(m)
		return err
	})
	return seen, err
}

// Embed makes the vector that the shop keeps of what a product looks like.
func (s *Studio) Embed(shop embed.Shop, p *catalog.Product) (v store.Vector, err error) {
	err = s.withEncoder(func(e *embed.Encoder) (err error) {
		v, err = e.Vector(shop, p)
		return err
	})
	return v, err
}

// withEncoder lends the encoder, which starts when it is first needed.
func (s *Studio) withEncoder(do func(*embed.Encoder) error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.used()
	if s.encoder == nil {
		if s.encoder, err = embed.Open(s.runtime); err != nil {
			return err
		}
	}
	return do(s.encoder)
}
