package app

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cheval/app/live"
)

// turning is a head that turns as the demo's does, measured lag frames late,
// at nine tenths of its angle, two degrees beside it.
func turning(n int, lag float64) []observation {
	yaw := func(i float64) float64 { return 35 * math.Sin(i/20) }
	seen := make([]observation, n)
	for i := range seen {
		seen[i] = observation{trueYaw: yaw(float64(i)), yaw: 0.9*yaw(float64(i)-lag) + 2, known: true}
	}
	return seen
}

func TestLagIsFoundBetweenFramesToo(t *testing.T) {
	for _, lag := range []float64{0, 0.5, 1, 2.25} {
		got, ok := lagOf(turning(240, lag))
		if !ok || math.Abs(got-lag) > 0.051 {
			t.Errorf("lag %.2f was found as %.2f (%v)", lag, got, ok)
		}
	}
}

func TestLagIsUnknownWithoutTruthOrTurning(t *testing.T) {
	unknown := turning(240, 1)
	unknown[7].known = false
	still := turning(240, 1)
	for i := range still {
		still[i].trueYaw = 3
	}
	for name, seen := range map[string][]observation{"no truth": unknown, "no turning": still, "too short": turning(20, 1)} {
		if got, ok := lagOf(seen); ok {
			t.Errorf("%s: lag %v", name, got)
		}
	}
}

func TestStrayIsTheDistanceFromTheMean(t *testing.T) {
	seen := make([]observation, 2)
	for i := range seen[0].points {
		seen[0].points[i], seen[1].points[i] = [2]float32{10, 20}, [2]float32{13, 24} // 5 apart
	}
	if got := stray(seen); math.Abs(got-2.5) > 1e-6 {
		t.Errorf("points that jump 5 px stray %v from their means, want 2.5", got)
	}
}

func TestAllocationsBelongToWhoMadeThem(t *testing.T) {
	for name, want := range map[string]allocOwner{
		"cheval/tryon.(*Engine).Process":                              ownerPipeline,
		"cheval/app/live.(*Pipeline).work":                            ownerPipeline,
		"cheval/app.(*statusTag).set":                                 ownerScreens,
		"cheval/app.(*benchWatch).painted":                            ownerBench,
		"fyne.io/fyne/v2/internal/driver/glfw.(*gLDriver).runGL":      ownerScreens,
		"github.com/go-text/typesetting/shaping.(*HarfbuzzShaper).Do": ownerUnknown,
		"cheval/catalog.(*Eyewear).Notation":                          ownerUnknown,
		"runtime.mallocgc":                                            ownerUnknown,
	} {
		if got := ownerOfFunction(name); got != want {
			t.Errorf("%s belongs to %d, want %d", name, got, want)
		}
	}
}

func TestProcessIsMeasured(t *testing.T) {
	if age := time.Since(processStart()); age < 0 || age > time.Hour {
		t.Errorf("this process is said to be %v old", age)
	}
	now, peak, err := residentMemory()
	if err != nil || now < 5 || peak < now {
		t.Errorf("memory %v MB, at most %v MB, %v", now, peak, err)
	}
	if m := thisMachine(); m.Cores != runtime.NumCPU() || m.MemoryMB < 100 || m.CPU == "" {
		t.Errorf("machine %+v", m)
	}
}

// The names are a contract that scripts rely on.
func TestBenchPrintsTheFieldsOfTheContract(t *testing.T) {
	r := &benchReport{Machine: thisMachine()}
	var out bytes.Buffer
	if err := r.print(&out, true); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Figures map[string]any
		Machine map[string]any
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	for k := range got.Figures {
		names = append(names, k)
	}
	slices.Sort(names)
	want := "allocs_per_frame first_frame_ms fps lag_frames lens_to_screen_p50_ms lens_to_screen_p95_ms perceive_ms refiner_ms render_ms rss_mb still_px_rms"
	if s := strings.Join(names, " "); s != want {
		t.Errorf("figures are %s,\nwant %s", s, want)
	}
	if v, ok := got.Figures["refiner_ms"]; !ok || v != nil {
		t.Errorf("refiner_ms is %v, want null until there is a refiner", v)
	}
	if got.Machine["cores"] == nil {
		t.Error("no machine beside the figures")
	}
	out.Reset()
	if err := r.print(&out, false); err != nil || !strings.Contains(out.String(), "lens to screen, p95") {
		t.Errorf("for people it prints %q, %v", out.String(), err)
	}
}

func TestWatchTakesTheFirstFrameWithAProduct(t *testing.T) {
	w := newBenchWatch()
	w.painted(live.Painted{Seq: 3, At: time.Now()})
	w.status(live.Status{Problem: "models are missing"})
	if _, err := w.firstFrame(t.Context(), time.Minute); err == nil || !strings.Contains(err.Error(), "models are missing") {
		t.Errorf("where no product can be drawn it says %v", err)
	}
	w.status(live.Status{})
	w.worn, w.seenWorn = 5, true
	w.painted(live.Painted{Seq: 4, At: time.Now()})
	at := time.Now().Add(time.Second)
	w.painted(live.Painted{Seq: 6, At: at})
	w.painted(live.Painted{Seq: 7, At: at.Add(time.Second)})
	if got, err := w.firstFrame(t.Context(), time.Minute); err != nil || !got.Equal(at) {
		t.Errorf("the first frame was painted at %v (%v), want %v", got, err, at)
	}
}
