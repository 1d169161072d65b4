package publish

import (
	"context"
	"image"
	"image/color"
	"image/draw"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"cheval/assets"
	"cheval/catalog"
	"cheval/models"
)

func starter(t *testing.T, id string) *catalog.Product {
	t.Helper()
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	p := shop.Product(id)
	if p == nil {
		t.Fatalf("the starter catalogue has no %s", id)
	}
	return p
}

// shopPicture is a dark bar on white, within margins.
func shopPicture(w, h int, ground, bar color.Color, box image.Rectangle) Shot {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	draw.Draw(m, box, image.NewUniform(bar), image.Point{}, draw.Src)
	return Shot{Name: "front.png", Image: m}
}

func rulesOf(fs []Finding) []string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Rule)
		if f.Why == "" || strings.Contains(f.Why, "%!") {
			out = append(out, "(no reason: "+f.Why+")")
		}
	}
	return out
}

func TestAGoodProductMayBePublished(t *testing.T) {
	p := starter(t, "aria")
	shot := shopPicture(1200, 900, color.White, color.Black, image.Rect(100, 300, 1100, 600))
	if fs := Check(p, []Shot{shot}, nil); len(fs) > 0 {
		t.Errorf("findings %v", rulesOf(fs))
	}
}

func TestEachRuleStopsWhatItIsFor(t *testing.T) {
	good := image.Rect(100, 300, 1100, 600)
	black, white := color.Color(color.Black), color.Color(color.White)
	for name, c := range map[string]struct {
		change func(*catalog.Product)
		shot   Shot
		taken  bool
		want   string
		blocks bool
	}{
		"no price":           {change: func(p *catalog.Product) { p.Variants[0].Price.Minor = 0 }, want: "price", blocks: true},
		"no total width":     {change: func(p *catalog.Product) { p.Eyewear.FrontWidth = 0 }, want: "size", blocks: true},
		"handle taken":       {taken: true, want: "handle", blocks: true},
		"over 25 megapixels": {shot: shopPicture(5200, 5000, white, black, image.Rect(500, 1500, 4600, 3000)), want: "megapixels", blocks: true},
		"small":              {shot: shopPicture(900, 700, white, black, image.Rect(100, 300, 800, 500)), want: "resolution", blocks: true},
		"grey background":    {shot: shopPicture(1200, 900, color.Gray{200}, black, good), want: "background", blocks: true},
		"at the edge":        {shot: shopPicture(1200, 900, white, black, image.Rect(4, 300, 1100, 600)), want: "margin", blocks: true},
		"lost in the middle": {shot: shopPicture(1200, 900, white, black, image.Rect(500, 400, 700, 500)), want: "fill"},
		"white on white":     {shot: shopPicture(1200, 900, white, color.Gray{242}, good), want: "contrast"},
		"empty":              {shot: shopPicture(1200, 900, white, white, good), want: "product", blocks: true},
		"doubtful anchors": {change: func(p *catalog.Product) {
			p.Eyewear.Contour = contourOf(p)
			p.Anchors = []catalog.Anchors{{Width: 10, Height: 10, Doubts: []catalog.Doubt{{What: "rimless", Why: "no rim is seen", Measure: 0.2, Limit: 0.5}}}}
		}, want: "anchors", blocks: true},
	} {
		t.Run(name, func(t *testing.T) {
			p := starter(t, "aria")
			if c.change != nil {
				c.change(p)
			}
			if c.shot.Image == nil {
				c.shot = shopPicture(1200, 900, white, black, good)
			}
			fs := Check(p, []Shot{c.shot}, func(string) bool { return c.taken })
			i := slices.IndexFunc(fs, func(f Finding) bool { return f.Rule == c.want })
			if i < 0 || fs[i].Blocks != c.blocks || Blocked(fs) != c.blocks {
				t.Errorf("findings %v, blocked %v, want %s, blocked %v", rulesOf(fs), Blocked(fs), c.want, c.blocks)
			}
		})
	}
}

// contourOf is a plain front around a product's lenses.
func contourOf(p *catalog.Product) (out [][2]float32) {
	x, y := p.Eyewear.Bridge/2+p.Eyewear.LensWidth/2, p.Eyewear.LensHeight/2+4
	for i := range 40 {
		a := math.Pi * (float64(i)/39 - 0.5)
		out = append(out, [2]float32{(x + 30) * float32(math.Cos(a)), y * float32(math.Sin(a))})
	}
	out[0][0], out[39][0] = 0, 0
	return out
}

func TestAProductWithoutPicturesIsStopped(t *testing.T) {
	fs := Check(starter(t, "aria"), nil, nil)
	if got := rulesOf(fs); len(got) != 1 || got[0] != "picture" || !Blocked(fs) {
		t.Errorf("findings %v", got)
	}
}

var openHeads = sync.OnceValues(func() (*Heads, error) {
	s, err := models.OpenHome()
	if err != nil {
		return nil, err
	}
	return OpenHeads(context.Background(), s)
})

func heads(t testing.TB) *Heads {
	t.Helper()
	h, err := openHeads()
	if err != nil {
		t.Fatalf("open the preview's heads (run `make models` to install what they need): %v", err)
	}
	return h
}

func TestAPreviewIsTheSameEachTime(t *testing.T) {
	p := starter(t, "aria")
	a, err := heads(t).Draw(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	s, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	other, err := OpenHeads(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	b, err := other.Draw(p, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d, err := Compare(a, b); err != nil || d.Worst > 0 {
		t.Errorf("two previews of one product differ by %.2f, PSNR %.1f, %v", d.Worst, d.PSNR, err)
	}
}

func TestAPreviewThatLooksDifferentIsStopped(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*catalog.Product)
		variant int
		changed bool
	}{
		"untouched":              {},
		"another colour":         {variant: 1, changed: true},
		"lens 1.5 mm wider":      {change: func(p *catalog.Product) { p.Eyewear.LensWidth += 1.5 }, changed: true},
		"darker lenses":          {change: func(p *catalog.Product) { p.Variants[0].Lens.Transmission = 0.7 }, changed: true},
		"rims half a mm thinner": {change: func(p *catalog.Product) { p.Eyewear.Rim -= 0.5 }, changed: true},
		"a level of colour":      {change: func(p *catalog.Product) { p.Variants[0].Frame.Base.R++ }},
	} {
		t.Run(name, func(t *testing.T) {
			p := starter(t, "aria")
			a, err := heads(t).Draw(p, 0)
			if err != nil {
				t.Fatal(err)
			}
			if c.change != nil {
				c.change(p)
			}
			b, err := heads(t).Draw(p, c.variant)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Compare(a, b)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("worst block ΔE %.2f, PSNR %.1f dB", d.Worst, d.PSNR)
			if d.Changed != c.changed || (d.Finding() != nil) != c.changed {
				t.Errorf("changed %v, worst block ΔE %.2f, want %v", d.Changed, d.Worst, c.changed)
			}
		})
	}
}

func TestPreviewsOfTwoSizesAreNotCompared(t *testing.T) {
	a, b := image.NewRGBA(image.Rect(0, 0, 10, 10)), image.NewRGBA(image.Rect(0, 0, 20, 10))
	if _, err := Compare(a, b); err == nil || !strings.Contains(err.Error(), "approve it anew") {
		t.Errorf("got %v", err)
	}
}

func BenchmarkDraw(b *testing.B) {
	shop, err := catalog.Load(assets.Catalogue())
	if err != nil {
		b.Fatal(err)
	}
	h, p := heads(b), shop.Product("aria")
	for b.Loop() {
		if _, err := h.Draw(p, 0); err != nil {
			b.Fatal(err)
		}
	}
}
