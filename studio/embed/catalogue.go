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
	"math"
	"slices"

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

// Vector is what a product looks like, for store.PictureVectors: the embeddings
// of its views, one after the other. A product without a picture has none: an
// error.
func (e *Encoder) Vector(shop Shop, p *catalog.Product) (store.Vector, error) {
	of := subject(p)
	if of == "" {
		return store.Vector{}, fmt.Errorf("embed: %s has no picture", p.ID)
	}
	pictures, err := views(shop, p)
	if err != nil {
		return store.Vector{}, fmt.Errorf("embed: the picture of %s: %w", p.ID, unreadable{err})
	}
	v := store.Vector{Key: p.ID, Of: e.mark + " " + of}
	for _, m := range pictures {
		seen, err := e.See(m)
		if err != nil {
			return store.Vector{}, err
		}
		v.Values = append(v.Values, seen.Embedding...)
	}
	return v, nil
}

// unreadable is an error of a product's own pictures.
type unreadable struct{ error }

func (u unreadable) Unwrap() error { return u.error }

// Views are the embeddings in a product's vector.
func Views(v store.Vector) (out []Embedding) {
	for at := 0; at+Width <= len(v.Values); at += Width {
		out = append(out, v.Values[at:at+Width])
	}
	return out
}

// Whole is one embedding of a product's views: their mean, of length 1; nil
// where there is none.
func Whole(v store.Vector) Embedding {
	views := Views(v)
	out := make(Embedding, Width)
	var length float64
	for i := range out {
		for _, view := range views {
			out[i] += view[i]
		}
		length += float64(out[i]) * float64(out[i])
	}
	if length == 0 {
		return nil
	}
	for i := range out {
		out[i] /= float32(math.Sqrt(length))
	}
	return out
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
		switch {
		case err == nil:
			made = append(made, v)
		case errors.As(err, &unreadable{}):
			left = append(left, err)
		default:
			return errors.Join(err, shop.PutVectors(ctx, store.PictureVectors, made...))
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

// subject names what a product is seen by: its pictures, or what it is drawn
// from; "" where there is nothing to see.
func subject(p *catalog.Product) string {
	var of any = best(p)
	if p.Wearable() {
		var looks []any
		for _, v := range drawable(p) {
			front := ""
			if v.Front != nil {
				front, v.Front = v.Front.Hash, nil
			}
			looks = append(looks, []any{v.Frame, v.Temples, v.Tips, v.Metalwork, v.Lens, front})
		}
		of = []any{p.Eyewear, looks}
	} else if len(best(p)) == 0 {
		return ""
	}
	b, err := json.Marshal(of)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// mostViews bounds the pictures, or the colourways, by which a product is known.
const mostViews = 8

// best are the hashes of the pictures that show a product alone, as far as
// there are such.
func best(p *catalog.Product) (out []string) {
	for _, x := range p.PicturesOf(catalog.CutOut, catalog.Enhanced, catalog.Original) {
		out = append(out, x.Hash)
	}
	return out[:min(len(out), mostViews)]
}

func drawable(p *catalog.Product) []catalog.Variant {
	return p.Variants[:min(len(p.Variants), mostViews)]
}

// views show a product: what can be worn is drawn on white, as the encoder
// learned it, of all else the best pictures are read.
func views(shop Shop, p *catalog.Product) (out []*image.NRGBA, err error) {
	if p.Wearable() {
		return drawn(shop, p)
	}
	for _, hash := range best(p) {
		data, err := shop.Picture(hash)
		if err != nil {
			return nil, err
		}
		m, err := camera.DecodeImage(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		cut := image.NewNRGBA(m.Bounds())
		draw.Draw(cut, cut.Rect, m, m.Bounds().Min, draw.Src)
		out = append(out, cut)
	}
	return out, nil
}

// angles are yaw and pitch, in degrees, at which eyewear is seen: from the
// front, and as a photo for a shop shows it.
var angles = [][2]float32{{0, 0}, {-28, -6}}

// drawn draws a product's variants.
func drawn(shop Shop, p *catalog.Product) (out []*image.NRGBA, err error) {
	one := *p
	one.Variants = slices.Clone(drawable(p))
	for i := range one.Variants {
		if f := one.Variants[i].Front; f != nil {
			own := *f
			one.Variants[i].Front = &own
		}
	}
	if err := catalog.LoadFronts(&one, func(f *catalog.FrontPhoto) ([]byte, error) { return shop.Picture(f.Hash) }); err != nil {
		return nil, err
	}
	mesh, err := eyewear.Build(p.Eyewear)
	if err != nil {
		return nil, err
	}
	for i := range one.Variants {
		for _, at := range angles {
			out = append(out, render.Picture(mesh, p.Eyewear, &one.Variants[i], render.PictureOptions{
				W: Edge, H: Edge, Yaw: at[0], Pitch: at[1], Background: color.NRGBA{255, 255, 255, 255}, Bare: true}))
		}
	}
	return out, nil
}
