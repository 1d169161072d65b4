package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestAFreshShopHasDefaults(t *testing.T) {
	s, err := loadSettings(t.TempDir(), noon)
	if err != nil || !reflect.DeepEqual(s, DefaultSettings()) {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestSettingsComeBackAsTheyWereSaved(t *testing.T) {
	home := filepath.Join(t.TempDir(), "new", "home")
	s := DefaultSettings()
	s.ShopName, s.Accent, s.Language, s.Currency, s.Rate = "Optik am Markt", "#336699", "zh", "EUR", 0.13
	s.Source = SourceSettings{Kind: sourceStream, URL: "rtsp://camera/1", Width: 1920, Height: 1080, Rotation: 90}
	if err := s.save(home); err != nil {
		t.Fatal(err)
	}
	if got, err := loadSettings(home, noon); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("%+v, %v", got, err)
	}
	left, _ := filepath.Glob(home + "/*.tmp")
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestADamagedFileIsSetAsideAndSaidSo(t *testing.T) {
	for _, content := range []string{"", "{", "[]", "not json", `{"rate":"much"}`, strings.Repeat("[", 5000)} {
		home := t.TempDir()
		if err := os.WriteFile(settingsPath(home), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := loadSettings(home, noon)
		if !reflect.DeepEqual(s, DefaultSettings()) || err == nil || !strings.Contains(err.Error(), "set aside as") {
			t.Errorf("%.20q: %v", content, err)
			continue
		}
		kept, err := os.ReadFile(settingsPath(home) + ".damaged-20260102-120000")
		if err != nil || string(kept) != content {
			t.Errorf("%.20q is lost: %v", content, err)
		}
		if _, err := loadSettings(home, noon); err != nil {
			t.Errorf("the next start complains too: %v", err)
		}
	}
}

func TestAnEnormousFileIsNotRead(t *testing.T) {
	home := t.TempDir()
	f, err := os.Create(settingsPath(home))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(1 << 32); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if s, err := loadSettings(home, noon); err == nil || !reflect.DeepEqual(s, DefaultSettings()) {
		t.Errorf("%v", err)
	}
}

func TestValuesThatMakeNoSenseAreReplaced(t *testing.T) {
	s := DefaultSettings()
	s.Accent, s.Theme, s.Language, s.Currency, s.Rate, s.Device = "red", "neon", "fr", "coins", -1, "tpu"
	s.Source.Kind, s.Source.Rotation, s.Source.Width = "telepathy", 45, -7
	got, err := s.mended()
	if !reflect.DeepEqual(got, DefaultSettings()) {
		t.Errorf("%+v", got)
	}
	for _, word := range []string{"red", "neon", "fr", "coins", "-1", "tpu", "telepathy", "45"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("nothing is said about %s: %v", word, err)
		}
	}
}

func FuzzSettings(f *testing.F) {
	good, _ := json.Marshal(DefaultSettings())
	f.Add(good)
	f.Add([]byte(`{"rate":1e999}`))
	f.Add([]byte(`{"source":null,"accent":"#12"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := DefaultSettings()
		if json.Unmarshal(data, &s) != nil {
			return
		}
		got, _ := s.mended()
		if again, err := got.mended(); err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("mended settings still make no sense: %v", err)
		}
	})
}

func TestAChangeOfSettingsTakesEffectAndIsKept(t *testing.T) {
	b := newBench(t, "en", 1920, 1080)
	b.section = sectionSettings
	b.stage.goTo(screenStaff)
	page := &settingsPage{p: b.stage.staff, a: b.App, look: b.look}
	page.root = page.look.scrolling(page.look.space(1))
	page.change(func(s *Settings) {
		s.Accent, s.Language, s.ReduceMotion, s.Device = "#336699", "zh", true, "cpu"
		s.Source.Kind, s.Source.Mirror = sourceDemo, false
		b.lang = "zh"
	})
	page.change(func(s *Settings) { s.SecondDisplay = true })
	b.settle()
	accent, _ := parseColour("#336699")
	if b.look.pal.accent != accent || b.look.tr.lang != "zh" || b.look.motion {
		t.Errorf("look %v %s %v", b.look.pal.accent, b.look.tr.lang, b.look.motion)
	}
	if b.still.source.Kind != sourceDemo || b.still.device != "cpu" || !b.still.second || b.still.view.Flip || b.still.view.Transition != 0 {
		t.Errorf("the mirror was told %+v, %s, second %v, view %+v", b.still.source, b.still.device, b.still.second, b.still.view)
	}
	saved, err := loadSettings(b.opts.Home, noon)
	if err != nil || !reflect.DeepEqual(saved, b.settings) {
		t.Errorf("%+v, %v", saved, err)
	}
}

func TestAVisitsLanguageIsNotTheShops(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.toggleLanguage()
	if b.look.tr.lang != "zh" {
		t.Fatal("not switched")
	}
	saved, _ := loadSettings(b.opts.Home, noon)
	if saved.Language != "en" || b.settings.Language != "en" {
		t.Error("the visit changed the shop's language")
	}
}

func TestPricesFollowTheShopsCurrency(t *testing.T) {
	b := newBench(t, "en", 1280, 800)
	b.settings.Currency, b.settings.Rate = "EUR", 0.125
	b.stage.build()
	if got := b.stage.mirror.card.facts.price; got != "€112.38" {
		t.Errorf("%q", got)
	}
}
