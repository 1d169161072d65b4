package app

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"cheval/catalog"
	"cheval/catalog/store"
)

// A frame that wears its own photo is drawn in its colours at once, and with
// the photo when that is read; the catalogue's own product holds no pixels.
func TestAFrameWearsItsPhotoWhenItIsRead(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 140, 50))); err != nil {
		t.Fatal(err)
	}
	hash, err := b.store.PutPicture(&file)
	if err != nil {
		t.Fatal(err)
	}
	p := *b.shopper.all[0]
	p.ID = "photographed"
	p.Variants = []catalog.Variant{p.Variants[0]}
	p.Variants[0].Front = &catalog.FrontPhoto{Hash: hash, PxPerMM: 1, Centre: [2]float32{70, 25}}
	if _, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Publish, Put: []*catalog.Product{&p}}); err != nil {
		t.Fatal(err)
	}
	b.until(t, "it is in stock", func() bool { return b.shopper.stock.Product("photographed") != nil })
	own := b.shopper.stock.Product("photographed")
	b.wear(own)
	if b.still.looks[0].Product != own {
		t.Error("nothing is worn until the photo is read")
	}
	b.until(t, "it wears its photo", func() bool {
		f := b.still.looks[0].Product.Variants[0].Front
		return b.still.looks[0].Product.ID == "photographed" && f.Image != nil
	})
	if own.Variants[0].Front.Image != nil {
		t.Error("the catalogue's own product was changed")
	}
	worn := b.still.looks[0].Product
	b.step(1)
	b.step(-1)
	if b.still.looks[0].Product != worn {
		t.Error("worn again, it is another product to the mirror, which would build it anew")
	}
}
