package generate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cheval/models/modelstest"
	"cheval/studio/embed"
)

func open(t *testing.T) *Designer {
	t.Helper()
	if !Installed() {
		t.Skip("this build ships without a designer")
	}
	r := modelstest.Runtime(t)
	d, err := Open(r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func load(t *testing.T, name string) *image.NRGBA {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*image.NRGBA)
}

func designs(t *testing.T, d *Designer, r Request) (all []*Design) {
	t.Helper()
	err := d.Generate(context.Background(), r, func(m *Design) error { all = append(all, m); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The rule that names colours is stated twice, in Go and in Python; a grid of
// 4096 colours holds them together.
func TestColoursHaveTheNamesOfTheTraining(t *testing.T) {
	b, err := os.ReadFile("testdata/colours.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Steps []uint8  `json:"steps"`
		Names []int    `json:"names"`
		Words []string `json:"words"`
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, r := range golden.Steps {
		for _, g := range golden.Steps {
			for _, b := range golden.Steps {
				if got, want := ColourName(toLab(r, g, b)), golden.Words[golden.Names[i]]; got != want {
					t.Fatalf("rgb(%d, %d, %d) is %s, in Python %s", r, g, b, got, want)
				}
				i++
			}
		}
	}
}

func TestLabComesBackAsTheSameColour(t *testing.T) {
	for _, v := range [][3]uint8{{0, 0, 0}, {255, 255, 255}, {255, 0, 0}, {12, 200, 90}, {3, 1, 250}, {128, 127, 126}} {
		if got := toLab(v[0], v[1], v[2]).rgb(); got != v {
			t.Errorf("%v came back as %v", v, got)
		}
	}
}

func TestPlanesAreDrawnAsInTheTraining(t *testing.T) {
	garment, want := load(t, "garment.png"), load(t, "garment.red.png")
	planes := make([]float32, 4*pixels)
	toPlanes(planes, garment)
	got := fromPlanes(planes, Lab{45, 50, 25})
	for i := range want.Pix {
		if d := int(got.Pix[i]) - int(want.Pix[i]); d < -2 || d > 2 {
			t.Fatalf("byte %d is %d, in Python %d", i, got.Pix[i], want.Pix[i])
		}
	}
	if c := Dominant(got); math.Abs(c[0]-45)+math.Abs(c[1]-50)+math.Abs(c[2]-25) > 3 || ColourName(c) != "red" {
		t.Errorf("the dominant colour is %v, %s; asked was 45, 50, 25", c, ColourName(c))
	}
}

func TestChanceStaysTheSame(t *testing.T) {
	c := newChance(7, 3, 1)
	got := [4]float64{c.uniform(), c.uniform(), c.normal(), c.normal()}
	want := [4]float64{0.30264728970349186, 0.0089115580253468218, 0.47438655077528735, 1.7882281365761379}
	for i := range got {
		if math.Abs(got[i]-want[i]) > 1e-12 {
			t.Errorf("number %d is %.17g, was %.17g: designs that shops have kept could not be made again", i, got[i], want[i])
		}
	}
	if newChance(7, 3, 2).uniform() == newChance(7, 3, 1).uniform() {
		t.Error("two attempts begin alike")
	}
}

func TestTheSameRequestGivesTheSameDesigns(t *testing.T) {
	d := open(t)
	r := Request{Category: "dress", Colour: "red", Count: 3, Seed: 7}
	first := designs(t, d, r)
	for i, again := range designs(t, d, r) {
		if !bytes.Equal(first[i].Image.Pix, again.Image.Pix) || first[i].Quality != again.Quality {
			t.Errorf("design %d is another the second time", i)
		}
	}
	// Each stands for itself: the third is the third, whatever was asked before.
	r.First, r.Count = 2, 1
	if third := designs(t, d, r)[0]; !bytes.Equal(third.Image.Pix, first[2].Image.Pix) {
		t.Error("the third design asked for alone is another")
	}
	r.First, r.Seed = 0, 8
	if other := designs(t, d, r)[0]; bytes.Equal(other.Image.Pix, first[0].Image.Pix) {
		t.Error("another seed gives the same design")
	}
}

func TestDesignsAreWhatWasAskedFor(t *testing.T) {
	d := open(t)
	colour, category, copies, n := 0, 0, 0, 0
	for _, c := range []string{"dress", "hat", "t-shirt"} {
		for _, name := range []string{"red", "blue"} {
			for _, m := range designs(t, d, Request{Category: c, Colour: name, Count: 4, Seed: 1}) {
				seen, err := d.encoder.See(m.Image)
				if err != nil {
					t.Fatal(err)
				}
				n++
				if ColourName(Dominant(m.Image)) == name {
					colour++
				}
				if seen.Class == c {
					category++
				}
				if m.Nearest.Distance < d.tables.CopyLimit {
					copies++
				}
			}
		}
	}
	if colour*10 < n*9 || category*100 < n*85 || copies > 0 {
		t.Errorf("of %d designs %d have the colour, %d the category, %d look like a training picture", n, colour, category, copies)
	}
}

func TestALikedProductShows(t *testing.T) {
	d := open(t)
	style, err := d.Read(load(t, "garment.png"))
	if err != nil {
		t.Fatal(err)
	}
	redrawn, err := d.Draw(style)
	if err != nil {
		t.Fatal(err)
	}
	at := look(t, d, redrawn)
	r := Request{Category: "t-shirt", Colour: "blue", Count: 6, Seed: 3}
	without := meanDistance(designs(t, d, r), at)
	r.Like = []Liked{{Name: "garment", Style: style, Weight: 1}}
	if with := meanDistance(designs(t, d, r), at); with >= without {
		t.Errorf("designs like a garment are %.3f from it, others %.3f", with, without)
	}
}

func look(t *testing.T, d *Designer, m *image.NRGBA) embed.Embedding {
	t.Helper()
	seen, err := d.encoder.See(m)
	if err != nil {
		t.Fatal(err)
	}
	return seen.Embedding
}

func meanDistance(all []*Design, to embed.Embedding) (sum float64) {
	for _, m := range all {
		sum += embed.Distance(m.Embedding, to) / float64(len(all))
	}
	return sum
}

func TestUnknownWordsAreAnsweredWithTheKnown(t *testing.T) {
	d := open(t)
	for _, c := range []struct {
		r    Request
		says []string
	}{
		{Request{Category: "sari", Count: 1}, []string{`"sari"`, "dress", "t-shirt"}},
		{Request{Category: "dress", Colour: "teal", Count: 1}, []string{`"teal"`, "red", "beige"}},
		{Request{Category: "dress", Count: 0}, []string{"0 designs", "1 to 10000"}},
		{Request{Category: "dress", Count: MaxCount + 1}, []string{"1 to 10000"}},
		{Request{Category: "dress", Count: 1, Seed: -1}, []string{"-1"}},
	} {
		err := d.Generate(context.Background(), c.r, func(*Design) error { t.Error("a design was made"); return nil })
		for _, word := range c.says {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%+v: %v does not say %s", c.r, err, word)
			}
		}
	}
}

func TestGeneratingStopsWhenAsked(t *testing.T) {
	d := open(t)
	ctx, cancel := context.WithCancel(context.Background())
	made := 0
	err := d.Generate(ctx, Request{Category: "hat", Count: 50, Seed: 1}, func(*Design) error { made++; cancel(); return nil })
	if !errors.Is(err, context.Canceled) || made != 1 {
		t.Errorf("%d designs after the end, error %v", made, err)
	}
}

func TestWeightsThatAreNoNumbersAreFoundOut(t *testing.T) {
	d := open(t)
	bad := slices.Repeat([]float32{float32(math.NaN())}, len(d.drawer.Input("coarse")))
	if _, err := d.Draw(Style{form: bad, fabric: bad}); err == nil || !strings.Contains(err.Error(), "no number") {
		t.Errorf("a drawing of NaN gave %v", err)
	}
}

// A kept design is remade from its record alone.
func TestADesignIsDrawnAgainFromItsRecord(t *testing.T) {
	d := open(t)
	m := designs(t, d, Request{Category: "hat", Colour: "green", Count: 1, Seed: 5})[0]
	text, err := m.Style.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var s Style
	if err := s.UnmarshalText(text); err != nil {
		t.Fatal(err)
	}
	again, err := d.Draw(s)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Pix, m.Image.Pix) {
		t.Error("it came out otherwise")
	}
}

func TestARecolouredDesignKeepsItsForm(t *testing.T) {
	d := open(t)
	m := designs(t, d, Request{Category: "shirt", Colour: "red", Count: 1, Seed: 5})[0]
	blue, err := d.Recolour(m, "blue")
	if err != nil {
		t.Fatal(err)
	}
	if blue.Colour != "blue" {
		t.Errorf("the colour is %s", blue.Colour)
	}
	for i := 3; i < len(m.Image.Pix); i += 4 {
		if m.Image.Pix[i] != blue.Image.Pix[i] {
			t.Fatal("the outline moved")
		}
	}
	if _, err := d.Recolour(m, "teal"); err == nil {
		t.Error("an unknown colour was drawn")
	}
}

func TestAKeptDesignIsRemadeFromItsStep(t *testing.T) {
	d := open(t)
	r := Request{Category: "skirt", Colour: "blue", Count: 1, Seed: 9}
	m := designs(t, d, r)[0]
	step, err := d.Step(m, r, "1.0", time.Unix(1e9, 0).UTC())
	if err != nil {
		t.Fatal(err)
	}
	if step.Seed != 9 || step.Parameters["category"] != "skirt" || step.Parameters["colour"] != "blue" {
		t.Errorf("the record is %+v", step)
	}
	again, err := d.Remake(step)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Pix, m.Image.Pix) {
		t.Error("it came out otherwise")
	}
	step.Model = "designer 000000000000"
	if _, err := d.Remake(step); err == nil || !strings.Contains(err.Error(), "draws otherwise") {
		t.Errorf("a design of another designer: %v", err)
	}
}

func TestTheNearestTrainingPicturesAreFarEnoughAndInOrder(t *testing.T) {
	d := open(t)
	m := designs(t, d, Request{Category: "pants", Count: 1, Seed: 2})[0]
	near := d.Nearest(m, 3)
	if len(near) != 3 || near[0] != m.Nearest || near[0].Distance > near[1].Distance || near[1].Distance > near[2].Distance {
		t.Errorf("nearest are %+v, by assessment %+v", near, m.Nearest)
	}
	if near[0].Distance < d.tables.CopyLimit {
		t.Errorf("a design is %.4f from a training picture; the limit is %.4f", near[0].Distance, d.tables.CopyLimit)
	}
	if img, err := d.Remember("no such picture"); img != nil || err != nil {
		t.Errorf("of an unknown picture there is %v, %v", img, err)
	}
}

func TestAttentionIsOnTheProduct(t *testing.T) {
	d := open(t)
	m := designs(t, d, Request{Category: "pants", Count: 1, Seed: 2})[0]
	a, err := d.Attention(m)
	if err != nil {
		t.Fatal(err)
	}
	for name, by := range map[string]*Map{"category": &a.Category, "quality": &a.Quality} {
		most := float32(0)
		for _, row := range by {
			most = max(most, slices.Max(row[:]))
		}
		if most != 1 || by[0][0] > 0.5 {
			t.Errorf("%s: the largest value is %g, that of the empty corner %g", name, most, by[0][0])
		}
	}
}

func FuzzStyle(f *testing.F) {
	good, err := Style{form: []float32{1, 2}, fabric: []float32{3, 4}, colour: Lab{50, 1, 2}}.MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("AgAAAA=="))
	f.Add([]byte("/////w=="))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Style
		if s.UnmarshalText(text) != nil {
			return
		}
		again, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var other Style
		if err := other.UnmarshalText(again); err != nil || len(other.form) != len(s.form) {
			t.Fatalf("what was read is not read again: %v", err)
		}
	})
}
