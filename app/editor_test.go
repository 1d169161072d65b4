package app

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"cheval/catalog"
	"cheval/catalog/store"
	"cheval/studio/brush"
	"cheval/studio/photo"
)

// photographed puts a draft of a photographed frame, its cut-out with it, into
// a bench's store: what a merchant has after the photo was imported.
func photographed(t *testing.T, b *bench, name string) *catalog.Product {
	t.Helper()
	dir := filepath.Join("..", "studio", "anchor", "testdata")
	data, err := os.ReadFile(filepath.Join(dir, name+".jpg"))
	if err != nil {
		t.Fatal(err)
	}
	shot, err := photo.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	mask, err := os.Open(filepath.Join(dir, name+"-mask.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer mask.Close()
	m, err := png.Decode(mask)
	if err != nil {
		t.Fatal(err)
	}
	cut := image.NewNRGBA(shot.Image.Rect)
	for y := range cut.Rect.Dy() {
		for x := range cut.Rect.Dx() {
			c := shot.Image.RGBAAt(x, y)
			cut.SetNRGBA(x, y, color.NRGBA{c.R, c.G, c.B, color.GrayModel.Convert(m.At(x, y)).(color.Gray).Y})
		}
	}
	original, err := b.store.PutPicture(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.App.keepPicture(madePicture{role: catalog.CutOut, from: original, name: name + ".jpg", image: cut})
	if err != nil {
		t.Fatal(err)
	}
	p := &catalog.Product{ID: name, Category: catalog.Worn, State: catalog.Draft, Name: map[string]string{"en": "Octagon"},
		Variants: []catalog.Variant{{SKU: "OCT-1"}},
		Pictures: []catalog.Picture{{Hash: original, Role: catalog.Original, Name: name + ".jpg", Width: cut.Rect.Dx(), Height: cut.Rect.Dy()}, x}}
	if _, err := b.store.Apply(t.Context(), store.Batch{Kind: store.Import, Put: []*catalog.Product{p}}); err != nil {
		t.Fatal(err)
	}
	return p
}

// editor opens a product in the editor of a bench.
func editor(t *testing.T, b *bench, id string) *editing {
	t.Helper()
	b.section = sectionCatalogue
	b.edit(id)
	b.stage.goTo(screenStaff)
	b.settle()
	if b.editing == nil || b.editing.page == nil {
		t.Fatal("the editor did not open")
	}
	return b.editing
}

func (e *editing) open(b *bench, tab editTab) {
	e.tab = tab
	e.page.showTab()
	b.settle()
}

func TestWhatIsTypedIsSavedAsOneChangeThatUndoTakesBack(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	e := editor(t, b, "aria")
	was := e.product
	f := &e.form
	f.name["en"], f.brand, f.tags, f.notation, f.width = "Aria II", "Marlin", "new, round，new", "50-20-140", "136,5"
	f.variants[0].price, f.variants[0].stock = "129.5", "7"
	e.touch()
	e.save(func() {})
	b.settle()
	p, err := b.store.Product("aria")
	if err != nil {
		t.Fatal(err)
	}
	v := p.Variants[0]
	if p.Name["en"] != "Aria II" || p.Name["zh"] != was.Name["zh"] || p.Brand != "Marlin" || !slices.Equal(p.Tags, []string{"new", "round"}) ||
		p.Eyewear.Notation() != "50□20-140" || p.Eyewear.FrontWidth != 136.5 || v.Price.Minor != 12950 || v.Stock != 7 {
		t.Errorf("saved: %v %s %v %s %g %v %d; said %q", p.Name, p.Brand, p.Tags, p.Eyewear.Notation(), p.Eyewear.FrontWidth, v.Price, v.Stock, e.said)
	}
	if e.dirty {
		t.Error("it is still called unsaved")
	}
	e.undo()
	b.settle()
	if p, err = b.store.Product("aria"); err != nil || p.Name["en"] != was.Name["en"] || e.form.name["en"] != was.Name["en"] {
		t.Errorf("after undo it is %v, typed %v, %v", p.Name, e.form.name, err)
	}
}

func TestWhatCannotBeIsSaidInOneSentenceAndNothingIsSaved(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	e := editor(t, b, "aria")
	good := formOf(e.product)
	for what, spoil := range map[string]func(f *productForm){
		"price":    func(f *productForm) { f.variants[0].price = "cheap" },
		"fraction": func(f *productForm) { f.variants[0].price = "1.999" },
		"negative": func(f *productForm) { f.variants[0].price = "-3" },
		"stock":    func(f *productForm) { f.variants[0].stock = "-1" },
		"SKU":      func(f *productForm) { f.variants[0].sku = " " },
		"twins":    func(f *productForm) { f.variants[1].sku = f.variants[0].sku },
		"notation": func(f *productForm) { f.notation = "50" },
		"width":    func(f *productForm) { f.width = "NaN" },
		"name":     func(f *productForm) { f.name = map[string]string{"en": "", "zh": ""} },
	} {
		e.form = formOf(e.product)
		spoil(&e.form)
		e.touch()
		e.save(func() {})
		b.settle()
		if !e.bad || e.said == "" || strings.Contains(e.said, "\n") || !e.dirty {
			t.Errorf("%s: said %q", what, e.said)
		}
		if p, err := b.store.Product("aria"); err != nil || formOf(p).variants[0] != good.variants[0] || formOf(p).notation != good.notation {
			t.Errorf("%s: something was saved: %v", what, err)
		}
	}
}

func TestAPhotographedFrameIsMeasuredDraggedAndWorn(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	id := photographed(t, b, "octagon-gold-folded").ID
	e := editor(t, b, id)
	e.open(b, tabAnchors)
	x := e.current()
	if x == nil || x.anchors == nil {
		t.Fatalf("no anchors were found: %q", e.said)
	}
	if x.anchors.MMPerPixel != 0 || x.worn != nil {
		t.Error("it is worn without a size")
	}
	e.form.notation = "49□19-140"
	e.touch()
	e.resize()
	b.settle()
	if x.worn == nil || len(x.anchors.Doubts) != 0 {
		t.Fatalf("with a size it is not worn: %q, doubts %v", x.wornWhy, x.anchors.Doubts)
	}
	if w := x.anchors.Measured.FrontWidth; w < 127 || w > 130.2 {
		t.Errorf("the front measures %.1f mm, in truth 128.6", w)
	}
	n := &anchorEditor{g: e.page, x: x, view: newPictureView()}
	n.view.Resize(fyne.NewSize(600, 400))
	n.view.show(x.small.Photo.Image)
	was := x.anchors.Hinges[1]
	n.began(was[0]/n.scale(), was[1]/n.scale())
	n.moved((was[0]+9)/n.scale(), was[1]/n.scale())
	n.ended()
	b.settle()
	if x.anchors.Hinges[1][0] < was[0]+8 || !slices.Contains(x.anchors.Dragged, catalog.AnchorRightHinge) {
		t.Errorf("the hinge was dragged from %v to %v, recorded %v", was, x.anchors.Hinges[1], x.anchors.Dragged)
	}
	e.save(func() {})
	b.settle()
	p, err := b.store.Product(id)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Wearable() || len(p.Anchors) != 1 || p.Eyewear.Notation() != "49□19-140" || p.Variants[0].Front == nil || p.Variants[0].Front.Hash == "" {
		t.Errorf("saved as %s with %d anchors, worn %v; said %q", p.Eyewear.Notation(), len(p.Anchors), p.Wearable(), e.said)
	}
	roles := map[catalog.Role]int{}
	for _, x := range p.Pictures {
		roles[x.Role]++
	}
	for _, r := range []catalog.Role{catalog.Original, catalog.CutOut, catalog.Enhanced, catalog.FrontFlat} {
		if roles[r] != 1 {
			t.Errorf("%d pictures are %s", roles[r], r)
		}
	}
}

func TestTheBrushCorrectsTheMaskAndIsRecorded(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	id := photographed(t, b, "octagon-gold-folded").ID
	e := editor(t, b, id)
	e.open(b, tabMask)
	x := e.current()
	with := &maskBrush{g: e.page, x: x, view: newPictureView(), erase: true, size: 0.4}
	with.reset()
	sum := func() (n int) {
		for _, v := range x.cut.Alpha.Pix {
			n += int(v)
		}
		return n
	}
	before := sum()
	with.began(100, 200)
	with.moved(700, 200)
	with.ended()
	b.settle()
	if after := sum(); after >= before {
		t.Errorf("erasing left %d of %d", after, before)
	}
	if s := x.cut.Steps; len(s) == 0 || s[len(s)-1].Tool != "brush" || s[len(s)-1].Parameters["count"] != "1" {
		t.Errorf("the record is %v", s)
	}
	with.step((*brush.Mask).Undo)
	b.settle()
	if after := sum(); after != before {
		t.Errorf("after undo %d, want %d", after, before)
	}
}

func TestSlidersAreFollowedAndSavedAndStandThereAgain(t *testing.T) {
	b := newBench(t, "zh", 1080, 1920, withStore)
	id := photographed(t, b, "octagon-gold-folded").ID
	e := editor(t, b, id)
	e.open(b, tabPhoto)
	x := e.current()
	if x == nil || x.made == nil || x.before == nil {
		t.Fatalf("no preview was made: %q", e.said)
	}
	was := x.made
	x.adjust.Exposure, x.auto = 0, false
	e.adjusted()
	e.adjusted() // what is asked for while it is made is made after it
	b.settle()
	if bytes.Equal(was.Pix, x.made.Pix) {
		t.Error("the preview did not follow")
	}
	e.save(func() {})
	b.settle()
	again := editor(t, b, id)
	again.open(b, tabPhoto)
	if y := again.current(); y == nil || y.adjust != x.adjust || y.auto || y.changed {
		t.Errorf("opened again the sliders stand at %+v, want %+v; said %q", y, x.adjust, e.said)
	}
}

// What is typed while a save still runs, which takes seconds where a photo is
// enlarged, is neither lost nor called saved.
func TestWhatIsChangedDuringASaveIsKept(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	e := editor(t, b, "aria")
	e.form.brand = "First"
	e.touch()
	e.save(func() {})
	e.form.brand = "Second"
	e.touch()
	b.settle()
	if p, err := b.store.Product("aria"); err != nil || p.Brand != "First" || e.form.brand != "Second" || !e.dirty {
		t.Errorf("stored %s, typed %s, unsaved %v, %v", p.Brand, e.form.brand, e.dirty, err)
	}
}

// A stroke that is still being cut when Save is pressed is saved too.
func TestASaveWaitsForTheBrush(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	id := photographed(t, b, "octagon-gold-folded").ID
	e := editor(t, b, id)
	e.open(b, tabMask)
	with := &maskBrush{g: e.page, x: e.current(), view: newPictureView(), erase: true, size: 0.4}
	with.reset()
	with.began(100, 200)
	with.ended()
	e.save(func() {})
	b.settle()
	p, err := b.store.Product(id)
	if err != nil || !slices.ContainsFunc(p.Pictures, func(x catalog.Picture) bool { return x.Role == catalog.CutOut && hasStep(x.Steps, "brush") }) {
		t.Errorf("the saved cut-out knows no brush: %v", err)
	}
}

func TestAColourMakesAVariantWithItsOwnPicture(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	id := photographed(t, b, "oversized-acetate-folded").ID
	e := editor(t, b, id)
	e.open(b, tabPhoto)
	x := e.current()
	x.plan.Colour = "red"
	e.page.makeVariant(e.page.look.column(1), x)
	b.settle()
	e.save(func() {})
	b.settle()
	p, err := b.store.Product(id)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Variants) != 2 || p.Variants[1].SKU != "OCT-1-red" || p.Variants[1].Colour != "red" {
		t.Fatalf("variants %+v; said %q", p.Variants, e.said)
	}
	if !slices.ContainsFunc(p.Pictures, func(x catalog.Picture) bool { return x.SKU == "OCT-1-red" && hasStep(x.Steps, "recolour") }) {
		t.Error("the variant has no picture of its own")
	}
}

func TestOnlyAnApprovedLookIsPublished(t *testing.T) {
	b := newBench(t, "en", 1280, 800, withStore)
	e := editor(t, b, "aria")
	e.open(b, tabPublish)
	if e.exam == nil || e.exam.blocked() {
		t.Fatalf("examined: %+v", e.exam)
	}
	if e.exam.agreed() {
		t.Error("a look that nobody saw counts as approved")
	}
	if err := b.publish(t.Context(), e.exam); err == nil {
		t.Error("it was published unseen")
	}
	for i := range e.exam.looks {
		e.exam.looks[i].agreed = true
	}
	e.publish()
	b.settle()
	e.open(b, tabPublish)
	if !e.exam.agreed() || e.exam.changed() {
		t.Error("the approved look is not known again")
	}
	p, err := b.store.Product("aria")
	if err != nil {
		t.Fatal(err)
	}
	p.Variants[0].Frame.Base = color.NRGBA{0, 255, 0, 255}
	if _, err := b.toPublish(t.Context(), p, b.look.tr); err == nil || !strings.Contains(err.Error(), "looks different") {
		t.Errorf("a changed look is published by a batch: %v", err)
	}
}
