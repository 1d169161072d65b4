package embed

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"

	"cheval/camera"
	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/models/weights"
	"cheval/tryon/eyewear"
	"cheval/tryon/render"
)

// Shop keeps products' pictures and what they look like; store.Store is one.
type Shop interface {
	Vectors(name string, visit func(store.Vector)) error
	PutVectors(ctx context.Context, name string, vectors ...store.Vector) error
	Picture(hash string) ([]byte, error)
}

// Missing are the products whose embedding the shop does not have, or has of
// another picture or encoder. One without a picture is none of them.
func Missing(shop Shop, products []*catalog.Product) ([]*catalog.Product, error) {
	have := map[string]string{}
	if err := shop.Vectors(store.PictureVectors, func(v store.Vector) { have[v.Key] = v.Of }); err != nil {
		return nil, fmt.Errorf("embed: %w", err)
	}
	encoder, err := weights.Mark("encoder.onnx")
	if err != nil {
		return nil, fmt.Errorf("embed: %w", err)
	}
	var out []*catalog.Product
	for _, p := range products {
		if of := subject(p); of != "" && have[p.ID] != encoder+" "+of {
			out = append(out, p)
		}
	}
	return out, nil
}

// Vector is what a product looks like, for store.PictureVectors. A product
// without a picture has none: an error.
func (e *Encoder) Vector(shop Shop, p *catalog.Product) (store.Vector, error) {
	of := subject(p)
	if of == "" {
		return store.Vector{}, fmt.Errorf("embed: %s has no picture", p.ID)
	}
	m, err := picture(shop, p)
	if err != nil {
		return store.Vector{}, fmt.Errorf("embed: the picture of %s: %w", p.ID, err)
	}
	seen, err := e.See(m)
	if err != nil {
		return store.Vector{}, err
	}
	return store.Vector{Key: p.ID, Of: e.mark + " " + of, Values: seen.Embedding}, nil
}

// together is how many embeddings are written at once.
const together = 16

// Update makes the products' embeddings and keeps them; progress, where not
// nil, is told how many are done. Pictures that cannot be read are left out and
// joined in the error; what else goes wrong ends it. When ctx ends, what was
// done is kept.
func (e *Encoder) Update(ctx context.Context, shop Shop, products []*catalog.Product, progress func(done int)) error {
	var left []error
	var made []store.Vector
	for i, p := range products {
		if err := ctx.Err(); err != nil {
			return errors.Join(err, shop.PutVectors(context.WithoutCancel(ctx), store.PictureVectors, made...))
		}
		v, err := e.Vector(shop, p)
		if err != nil {
			left = append(left, err)
		} else {
			made = append(made, v)
		}
		if len(made) == together || i == len(products)-1 {
			if err := shop.PutVectors(ctx, store.PictureVectors, made...); err != nil {
				return fmt.Errorf("embed: %w", err)
			}
			made = made[:0]
		}
		if progress != nil {
			progress(i + 1)
		}
	}
	return errors.Join(left...)
}

// subject names what a product is seen by: the hash of its picture, or of what
// it is drawn from; "" where there is nothing to see.
func subject(p *catalog.Product) string {
	if !p.Wearable() {
		return best(p)
	}
	v := p.Variants[0]
	front := ""
	if v.Front != nil {
		front, v.Front = v.Front.Hash, nil
	}
	b, err := json.Marshal([]any{p.Eyewear, v.Frame, v.Temples, v.Tips, v.Metalwork, v.Lens, front})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// best is the hash of the picture that shows a product alone, as far as there is
// one; "" where there is no picture.
func best(p *catalog.Product) string {
	for _, role := range []catalog.Role{catalog.CutOut, catalog.Enhanced, catalog.Original} {
		for _, x := range p.Pictures {
			if x.Role == role && x.Hash != "" {
				return x.Hash
			}
		}
	}
	return ""
}

// picture shows a product: what can be worn is drawn, from the front and on
// white as the encoder learned it, of all else the best picture is read.
func picture(shop Shop, p *catalog.Product) (*image.NRGBA, error) {
	if p.Wearable() {
		return drawn(shop, p)
	}
	data, err := shop.Picture(best(p))
	if err != nil {
		return nil, err
	}
	m, err := camera.DecodeImage(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out := image.NewNRGBA(m.Bounds())
	draw.Draw(out, out.Rect, m, m.Bounds().Min, draw.Src)
	return out, nil
}

// drawn draws a product's first variant.
func drawn(shop Shop, p *catalog.Product) (*image.NRGBA, error) {
	one := *p
	one.Variants = []catalog.Variant{p.Variants[0]}
	if f := one.Variants[0].Front; f != nil {
		own := *f
		one.Variants[0].Front = &own
	}
	if err := catalog.LoadFronts(&one, func(f *catalog.FrontPhoto) ([]byte, error) { return shop.Picture(f.Hash) }); err != nil {
		return nil, err
	}
	mesh, err := eyewear.Build(p.Eyewear)
	if err != nil {
		return nil, err
	}
	return render.Picture(mesh, p.Eyewear, &one.Variants[0], render.PictureOptions{
		W: Edge, H: Edge, Background: color.NRGBA{255, 255, 255, 255}, Bare: true}), nil
}
