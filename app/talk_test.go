package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/models"
	"cheval/viewport"
	"cheval/voice/dialogue"
	"cheval/voice/understand"
)

// withModels gives a bench the models that are installed.
func withModels(t *testing.T, b *bench) {
	t.Helper()
	files, err := models.OpenHome()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(files.Folder(), filepath.Join(b.opts.Home, "models")); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsAskedIsDoneAndAnsweredFromTheCatalogue(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	ask := func(text string) {
		t.Helper()
		b.ask(text, "")
		b.settle()
		if !b.talk.answered || b.talk.last.Text == "" {
			t.Fatalf("%q: no answer; notices %v", text, b.notices)
		}
	}
	ask("show me round sunglasses")
	for _, p := range b.shopper.shown {
		if p.Eyewear.Shape != "round" || p.Kind != "sun" {
			t.Errorf("%s is shown: %s, %s", p.ID, p.Eyewear.Shape, p.Kind)
		}
	}
	if len(b.shopper.shown) == 0 {
		t.Fatal("nothing is shown")
	}
	wanted := b.shopper.shown[0]
	ask("put on the first one")
	if b.shopper.worn != wanted {
		t.Errorf("%s is worn, want %s", b.shopper.worn.ID, wanted.ID)
	}
	ask("add it to my basket")
	if len(b.visit.Basket.Lines()) != 1 {
		t.Errorf("the basket holds %v", b.visit.Basket.Lines())
	}
	ask("does it fit me")
	if !strings.ContainsAny(b.talk.last.Text, "0123456789") {
		t.Errorf("the fit is answered with %q", b.talk.last.Text)
	}
	ask("有没有便宜一点的")
	if b.talk.last.Language != understand.Chinese {
		t.Errorf("answered in %s", b.talk.last.Language)
	}
	if !b.stage.mirror.caption.Visible() {
		t.Error("the caption is not shown")
	}
	b.endSession()
	b.settle()
	if b.talk.answered || b.talk.heard != "" {
		t.Errorf("the next person sees %q", b.talk.heard)
	}
}

func TestACorrectionIsHeededAtOnce(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	withModels(t, b)
	b.settings.Voice.Speak = false
	b.settle()
	b.ask("zap the frobnicator", understand.English)
	b.settle()
	b.openCorrection()
	b.correct(understand.Photo)
	b.settle()
	if b.talk.last.Meaning.Intent != understand.Photo {
		t.Errorf("corrected, it means %s", b.talk.last.Meaning.Intent)
	}
	b.endSession()
	b.settle()
	if _, err := os.Stat(filepath.Join(b.opts.Home, "voice.db")); err == nil {
		t.Error("what a person without a profile said was written")
	}
}

func TestEveryDeedThatIsAboutAProductIsDone(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.settle()
	items := []dialogue.Item{{Product: b.shopper.all[3].ID, Variant: 1}, {Product: b.shopper.all[5].ID}}
	do := func(d dialogue.Deed) { b.doDeed(dialogue.Action{Deed: d, Items: items}) }
	do(dialogue.Wear)
	if b.shopper.worn.ID != items[0].Product || b.shopper.variantOf(b.shopper.worn) != 1 {
		t.Errorf("%s is worn", b.shopper.worn.ID)
	}
	do(dialogue.Keep)
	do(dialogue.Keep)
	if len(b.shopper.liked) != 1 {
		t.Errorf("liked are %v", b.shopper.liked)
	}
	do(dialogue.SideBySide)
	if b.view.Mode != viewport.SideBySide || b.shopper.second.ID != items[1].Product {
		t.Errorf("beside stands %v", b.shopper.second)
	}
	b.toggleSides()
	do(dialogue.BasketAdd)
	do(dialogue.BasketAdd)
	if n := b.visit.Basket.Quantity(b.shopper.all[3].Variants[1].SKU); n != 2 {
		t.Errorf("%d lie in the basket", n)
	}
	b.doDeed(dialogue.Action{Deed: dialogue.SetVolume, Direction: "off"})
	if b.settings.Voice.Speak {
		t.Error("it still speaks")
	}
	b.doDeed(dialogue.Action{Deed: dialogue.TakeOff})
	if b.view.Mode != viewport.Wipe {
		t.Error("nothing is taken off")
	}
}
