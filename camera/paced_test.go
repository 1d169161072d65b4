package camera

import (
	"context"
	"image"
	"testing"
	"testing/synctest"
	"time"
)

// workshop makes a frame for every period of its clip, and takes cost for it.
type workshop struct {
	period, cost time.Duration
	made         int
	began        []time.Time
}

func (w *workshop) Next(context.Context) (*Frame, error) {
	w.began = append(w.began, time.Now())
	time.Sleep(w.cost)
	f := NewFrame(image.NewRGBA(image.Rect(0, 0, 1, 1)), nil)
	f.Offset = time.Duration(w.made) * w.period
	w.made++
	return f, nil
}

func (*workshop) Close() error { return nil }

// play takes n frames and returns when each was given.
func play(t *testing.T, p *paced, n int) (given []time.Time) {
	t.Helper()
	for range n {
		f, err := p.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, f.Captured)
		f.Release()
	}
	return given
}

func TestPacedFramesComeAtTheirTimeAndAreMadeJustBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &workshop{period: 40 * time.Millisecond, cost: 5 * time.Millisecond}
		given := play(t, newPaced(w), 10)
		for i := 1; i < len(given); i++ {
			if step := given[i].Sub(given[i-1]); step != w.period {
				t.Errorf("frame %d came %v after the one before, want %v", i, step, w.period)
			}
		}
		// The period is known from the second frame on.
		for i := 2; i < len(given); i++ {
			if early := given[i].Sub(w.began[i]); early != w.cost+spareTime {
				t.Errorf("frame %d was begun %v before it was due, want %v", i, early, w.cost+spareTime)
			}
		}
	})
}

func TestASlowSourceIsNotRushedAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &workshop{period: 40 * time.Millisecond, cost: 5 * time.Millisecond}
		p := newPaced(w)
		play(t, p, 3)
		w.cost = time.Second
		play(t, p, 1)
		w.cost = 5 * time.Millisecond
		given := play(t, p, 5)
		for i := 1; i < len(given); i++ {
			if step := given[i].Sub(given[i-1]); step != w.period {
				t.Errorf("frame %d after the delay came %v after the one before, want %v", i, step, w.period)
			}
		}
	})
}
