package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"testing"
)

func savedTrained(t testing.TB, d *Data) *Trained {
	b := NewBlend()
	for i := range b.Members {
		switch m := b.Members[i].Model.(type) {
		case *TwoTower:
			m.Dim, m.Hidden, m.Epochs = 4, 4, 1
		case *Session:
			m.Dim, m.Window, m.Epochs = 4, 4, 1
		case *IALS:
			m.Dim = 4
		case *Logistic:
			m.Dim = 4
		}
		if err := b.Members[i].Model.Train(t.Context(), d, func(float64) {}); err != nil {
			t.Fatal(err)
		}
		b.Members[i].Weight = float64(i)
	}
	out := &Trained{Features: d.Features, Blend: b, People: len(d.People), Events: d.Events(), Phase: 1, Done: 3, Data: 42}
	for i := range d.Items {
		out.Items = append(out.Items, string(rune('a'+i)))
	}
	return out
}

func TestAFileGivesTheSameScoresBack(t *testing.T) {
	d := halves(20, 12, 5)
	old := savedTrained(t, d)
	b := Marshal(old)
	got, err := Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(Marshal(got), b) {
		t.Error("written again, the file is another")
	}
	for _, m := range got.Blend.Members {
		switch known := m.Model.(type) {
		case *Content:
			train(t, known, d)
		case *TwoTower:
			known.Adopt(d.Features)
		}
	}
	q := &Query{History: d.People[3], Now: 400}
	for i, m := range got.Blend.Members {
		x, y := make([]float32, d.Items), make([]float32, d.Items)
		old.Blend.Members[i].Model.Score(q, x)
		m.Model.Score(q, y)
		for k := range x {
			if x[k] != y[k] {
				t.Errorf("%s: item %d scored %g, now %g", m.Model.Name(), k, x[k], y[k])
			}
		}
		if m.Weight != old.Blend.Members[i].Weight {
			t.Errorf("%s: weight %g, now %g", m.Model.Name(), old.Blend.Members[i].Weight, m.Weight)
		}
	}
}

func TestADamagedFileIsToldFromAWholeOne(t *testing.T) {
	b := Marshal(savedTrained(t, halves(20, 12, 5)))
	for _, bad := range [][]byte{nil, b[:len(b)/2], append(append([]byte(nil), b...), 1), []byte("CHEVALRM"), b[1:]} {
		if _, err := Unmarshal(bad); !errors.Is(err, ErrFile) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	for at := 0; at < len(b); at += 101 {
		c := append([]byte(nil), b...)
		c[at] ^= 0x10
		if _, err := Unmarshal(c); !errors.Is(err, ErrFile) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
	later := append([]byte(nil), b...)
	binary.LittleEndian.PutUint32(later[len(magic):], fileVersion+1)
	if _, err := Unmarshal(later); !errors.Is(err, ErrFile) {
		t.Errorf("a later version: %v", err)
	}
}

// A body that passes must not make any model read past its lists.
func FuzzModelFile(f *testing.F) {
	b := Marshal(savedTrained(f, halves(6, 8, 3)))
	body := b[len(magic)+4 : len(b)-4]
	f.Add(body)
	f.Add(body[:40])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode(body)
		if err != nil {
			return
		}
		whole := Marshal(got)
		if crc32.ChecksumIEEE(whole[len(magic)+4:len(whole)-4]) != binary.LittleEndian.Uint32(whole[len(whole)-4:]) {
			t.Fatal("written again, the checksum does not match")
		}
		items := min(len(got.Items), 1000)
		out := make([]float32, items)
		q := &Query{Now: math.MaxInt32}
		for i := range min(items, 4) {
			q.History = append(q.History, Seen{Item: int32(i), Weight: 1})
		}
		for _, m := range got.Blend.Members {
			if tt, ok := m.Model.(*TwoTower); ok {
				tt.Adopt(got.Features)
			}
			m.Model.Score(q, out)
			if items > 0 {
				m.Model.Explainer(q)(0)
			}
		}
	})
}
