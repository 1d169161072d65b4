package brush

import (
	"bytes"
	"image"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func at(m *Mask, x, y int) uint8 { return m.Alpha().AlphaAt(x, y).A }

func TestStrokesAddAndEraseWithASoftEdge(t *testing.T) {
	m := New(image.NewAlpha(image.Rect(0, 0, 100, 80)))
	area := m.Draw(Stroke{Points: []Point{{20, 40}, {80, 40}}, Radius: 10, Soft: 0.5})
	if at(m, 50, 40) != 255 || at(m, 50, 60) != 0 || at(m, 50, 47) == 0 || at(m, 50, 47) == 255 {
		t.Errorf("middle %d, outside %d, edge %d", at(m, 50, 40), at(m, 50, 60), at(m, 50, 47))
	}
	if area.Empty() || !image.Rect(10, 30, 91, 51).In(area.Inset(-1)) {
		t.Errorf("changed %v", area)
	}
	m.Draw(Stroke{Points: []Point{{50, 40}}, Radius: 5, Erase: true})
	if at(m, 50, 40) != 0 || at(m, 30, 40) != 255 {
		t.Errorf("erased %d, beside %d", at(m, 50, 40), at(m, 30, 40))
	}
}

// A soft stroke that crosses itself must not get darker where it does.
func TestCrossingStrokeCoversOnce(t *testing.T) {
	m := New(image.NewAlpha(image.Rect(0, 0, 60, 60)))
	m.Draw(Stroke{Points: []Point{{10, 30}, {50, 30}}, Radius: 8, Soft: 1})
	once := at(m, 30, 34)
	n := New(image.NewAlpha(image.Rect(0, 0, 60, 60)))
	n.Draw(Stroke{Points: []Point{{10, 30}, {50, 30}, {10, 30}, {50, 30}}, Radius: 8, Soft: 1})
	if again := at(n, 30, 34); again != once {
		t.Errorf("%d, once %d", again, once)
	}
}

func TestStrokesOfNothingChangeNothing(t *testing.T) {
	nan := float32(math.NaN())
	m := New(image.NewAlpha(image.Rect(0, 0, 20, 20)))
	for _, s := range []Stroke{{}, {Points: []Point{{1, 1}}}, {Points: []Point{{500, 500}}, Radius: 3}, {Points: []Point{{nan, 1}}, Radius: 3}, {Points: []Point{{1, 1}}, Radius: nan}} {
		if got := m.Draw(s); !got.Empty() || len(m.Strokes()) != 0 {
			t.Errorf("%+v changed %v", s, got)
		}
	}
}

// Whatever is drawn, undone and redone: the mask is that of its strokes, drawn
// anew.
func TestUndoAndRedoAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := image.NewAlpha(image.Rect(0, 0, 40, 30))
		for i := range base.Pix {
			base.Pix[i] = uint8(i * 7)
		}
		m := New(base)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				m.Undo()
			case 1:
				m.Redo()
			default:
				s := Stroke{Radius: rapid.Float32Range(0.5, 9).Draw(t, "r"), Soft: rapid.Float32Range(0, 1).Draw(t, "s"), Erase: rapid.Bool().Draw(t, "e")}
				for range rapid.IntRange(1, 4).Draw(t, "points") {
					s.Points = append(s.Points, Point{rapid.Float32Range(-5, 45).Draw(t, "x"), rapid.Float32Range(-5, 35).Draw(t, "y")})
				}
				m.Draw(s)
			}
		}
		anew := New(base)
		for _, s := range m.Strokes() {
			anew.Draw(s)
		}
		if !bytes.Equal(anew.Alpha().Pix, m.Alpha().Pix) {
			t.Fatal("the mask is not that of its strokes")
		}
	})
}

func TestStrokesAreKeptAsText(t *testing.T) {
	strokes := []Stroke{{Points: []Point{{1.5, 2}, {30, 4.2}}, Radius: 8, Soft: 0.5}, {Points: []Point{{-3, 2}}, Radius: 2.5, Erase: true}}
	text := Encode(strokes)
	back, err := Decode(text)
	if err != nil || Encode(back) != text || len(back) != 2 || !back[1].Erase {
		t.Errorf("%+v, %v", back, err)
	}
	for _, bad := range []string{"paint 1 1 1,1", "add 1 1", "add x 1 1,1", "add 1 1 1;1", "add 1 1 1,NaN"} {
		if _, err := Decode(bad); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("add 12.0 0.50 3.5,4.0 9,9\nerase 1 0 2,2\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		strokes, err := Decode(text)
		if err != nil {
			return
		}
		m := New(image.NewAlpha(image.Rect(0, 0, 30, 30)))
		for _, s := range strokes[:min(len(strokes), 8)] {
			m.Draw(s)
		}
	})
}
