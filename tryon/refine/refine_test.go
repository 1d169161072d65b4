package refine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"cheval/models/convert/onnx"
	"cheval/models/modelstest"
	"cheval/tryon/internal/golden"
	"cheval/tryon/render"
)

// The networks of the tests, in testdata: warmer.onnx makes everything lighter
// and redder, wherever it is let; broken.onnx gives NaN for what is not grey.
const (
	warmerGain, warmerRed = 0.1, 0.05
)

// network is one convolution of 1x1 with this bias, and what follows it.
func network(planes int, bias [changePlanes]float32, then ...string) []byte {
	floats := func(name string, v []float32, dims ...int64) *onnx.TensorProto {
		var raw []byte
		for _, x := range v {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		}
		return &onnx.TensorProto{Name: name, DataType: int32(onnx.TensorProto_FLOAT), Dims: dims, RawData: raw}
	}
	tensor := func(name string, planes int64) *onnx.ValueInfoProto {
		dims := []*onnx.TensorShapeProto_Dimension{{DimValue: 1}, {DimValue: planes}, {DimParam: "H"}, {DimParam: "W"}}
		return &onnx.ValueInfoProto{Name: name, Type: &onnx.TypeProto{TensorType: &onnx.TypeProto_Tensor{
			ElemType: int32(onnx.TensorProto_FLOAT), Shape: &onnx.TensorShapeProto{Dim: dims}}}}
	}
	weight := make([]float32, changePlanes*planes)
	if len(then) > 0 { // of the frame's red: as much as makes grey 0
		weight[0] = 1
	}
	g := &onnx.GraphProto{Name: "refiner", Input: []*onnx.ValueInfoProto{tensor(inputName, int64(planes))}, Output: []*onnx.ValueInfoProto{tensor(outputName, changePlanes)},
		Initializer: []*onnx.TensorProto{floats("weight", weight, changePlanes, int64(planes), 1, 1), floats("bias", bias[:], changePlanes)}}
	last := inputName
	for i, op := range append([]string{"Conv"}, then...) {
		in, out := []string{last}, op
		if i == 0 {
			in = append(in, "weight", "bias")
		}
		if i == len(then) {
			out = outputName
		}
		g.Node = append(g.Node, &onnx.NodeProto{OpType: op, Input: in, Output: []string{out}})
		last = out
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(&onnx.ModelProto{IrVersion: 8, Graph: g, OpsetImport: []*onnx.OperatorSetIdProto{{Version: 13}}})
	if err != nil {
		panic(err)
	}
	return b
}

func warmer() []byte {
	return network(Planes, [changePlanes]float32{warmerGain, warmerGain, warmerGain, warmerRed, 0, 0})
}

// broken takes a root of what is negative where the frame is dark.
func broken() []byte { return network(Planes, [changePlanes]float32{-0.45, 1, 1, 1, 1, 1}, "Sqrt") }

// Other packages' tests refine with these files.
func TestTheTestNetworksAreWhatTheyWere(t *testing.T) {
	for name, b := range map[string][]byte{"warmer.onnx": warmer(), "broken.onnx": broken(), "narrow.onnx": network(3, [changePlanes]float32{})} {
		path := filepath.Join("testdata", name)
		if golden.Update() {
			if err := os.WriteFile(path, b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if was, err := os.ReadFile(path); err != nil || !bytes.Equal(was, b) {
			t.Errorf("%s: %v, or it differs: run go test ./tryon/refine -update", name, err)
		}
	}
}

func open(t testing.TB, onnx []byte) (*Refiner, error) {
	t.Helper()
	rt := modelstest.Runtime(t)
	r, err := Open(rt, onnx)
	if err == nil {
		t.Cleanup(func() { r.Close() })
	}
	return r, err
}

// refined refines a product on the portrait.
func refined(t testing.TB, id string) (*drawn, *Refiner, *image.RGBA, image.Rectangle) {
	t.Helper()
	r, err := open(t, warmer())
	if err != nil {
		t.Fatal(err)
	}
	d := wear(t, id, 0, r.Size().W, r.Size().H)
	before := image.NewRGBA(d.composite.Rect)
	copy(before.Pix, d.composite.Pix)
	rect, err := r.Refine(d.composite, d.frame, &d.guide, d.face)
	if err != nil {
		t.Fatal(err)
	}
	return d, r, before, rect
}

func TestThePictureIsRefinedWithinTheFadeAndBitIdenticalBeyond(t *testing.T) {
	d, r, before, rect := refined(t, darkOnes)
	g := &d.guide
	full, untouched := 0, 0
	for y := range before.Rect.Dy() {
		for x := range before.Rect.Dx() {
			was, is := before.RGBAAt(x, y), d.composite.RGBAAt(x, y)
			least, most := r.fadeAt(g, x, y)
			if most == 0 {
				untouched++
				if was != is {
					t.Fatalf("pixel (%d, %d) beyond the fade has changed from %v to %v", x, y, was, is)
				}
			}
			if was != is && !image.Pt(x, y).In(rect) {
				t.Fatalf("pixel (%d, %d) has changed, outside of %v", x, y, rect)
			}
			if least == 1 {
				full++
				red := clamp(float32(was.R)*(1+warmerGain)+255*warmerRed, 0, 255)
				green := clamp(float32(was.G)*(1+warmerGain), 0, 255)
				if abs(red-float32(is.R)) > 0.51 || abs(green-float32(is.G)) > 0.51 {
					t.Fatalf("pixel (%d, %d): %v became %v, want red %.1f and green %.1f", x, y, was, is, red, green)
				}
			}
		}
	}
	if full < 2000 || untouched < before.Rect.Dx()*before.Rect.Dy()/2 {
		t.Errorf("%d pixels are refined in full, %d untouched", full, untouched)
	}
}

// fadeAt is the least and the most fade of the cells around a pixel's middle.
func (r *Refiner) fadeAt(g *render.Guide, x, y int) (least, most float32) {
	if u, v := float32(x)+0.5, float32(y)+0.5; u < g.X || v < g.Y || u >= g.X+g.Cell*float32(g.W) || v >= g.Y+g.Cell*float32(g.H) {
		return 0, 0
	}
	p, q := placeOf(x, g.X, g.Cell, g.W), placeOf(y, g.Y, g.Cell, g.H)
	least = 1
	for _, i := range []int{0, 1, g.W, g.W + 1} {
		f := r.input.Fade[q.cell*g.W+p.cell+i]
		least, most = min(least, f), max(most, f)
	}
	return least, most
}

func TestAnEyeBehindAClearLensIsNeverChanged(t *testing.T) {
	d, _, before, _ := refined(t, clearOnes)
	seen := 0
	for _, marks := range eyes {
		b := image.Rectangle{Min: image.Pt(1<<20, 1<<20)}
		for _, m := range marks {
			p := image.Pt(int(d.face.Points[m][0]), int(d.face.Points[m][1]))
			b.Min.X, b.Min.Y, b.Max.X, b.Max.Y = min(b.Min.X, p.X), min(b.Min.Y, p.Y), max(b.Max.X, p.X+1), max(b.Max.Y, p.Y+1)
		}
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if !insideEye(d, marks, x, y) {
					continue
				}
				seen++
				if before.RGBAAt(x, y) != d.composite.RGBAAt(x, y) {
					t.Fatalf("pixel (%d, %d) of an eye has changed", x, y)
				}
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d pixels of the eyes were looked at", seen)
	}
}

func TestARefinedFrameAllocatesNothing(t *testing.T) {
	d, r, _, _ := refined(t, clearOnes)
	if n := testing.AllocsPerRun(5, func() {
		if _, err := r.Refine(d.composite, d.frame, &d.guide, d.face); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%g allocations a frame", n)
	}
}

func TestARefinerThatGivesNoNumbersChangesNothing(t *testing.T) {
	r, err := open(t, broken())
	if err != nil {
		t.Fatal(err)
	}
	d := wear(t, clearOnes, 0, r.Size().W, r.Size().H)
	before := bytes.Clone(d.composite.Pix)
	if _, err := r.Refine(d.composite, d.frame, &d.guide, d.face); !errors.Is(err, ErrNotFinite) {
		t.Errorf("error %v, want ErrNotFinite", err)
	}
	if !bytes.Equal(before, d.composite.Pix) {
		t.Error("the picture was changed all the same")
	}
}

func TestARefinerThatDoesNotFitIsRefusedWithWhatWasExpected(t *testing.T) {
	damaged := network(Planes, [changePlanes]float32{float32(math.Inf(1))})
	for want, b := range map[string][]byte{
		`its "crop" has the shape [1 3 ? ?]; expected [1 11 128 256]`: network(3, [changePlanes]float32{}),
		`its weights "bias" hold +Inf`:                                damaged,
		"it is not an ONNX model":                                     []byte("no model"),
	} {
		if _, err := open(t, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

func TestTheSizeFollowsTheBudget(t *testing.T) {
	cost := func(p *pace, whole time.Duration) time.Duration {
		return whole * time.Duration(sizes[p.step].W*sizes[p.step].H) / time.Duration(sizes[0].W*sizes[0].H)
	}
	run := func(p *pace, frames int, whole time.Duration) {
		for range frames {
			p.took(cost(p, whole))
		}
	}
	p := &pace{budget: 12 * time.Millisecond}
	run(p, 200, 11*time.Millisecond)
	if p.step != 0 {
		t.Errorf("what takes 11 of 12 ms runs at %v", sizes[p.step])
	}
	run(p, 40, 18*time.Millisecond)
	if p.step != 1 {
		t.Errorf("what takes 18 of 12 ms runs at %v", sizes[p.step])
	}
	run(p, 500, 18*time.Millisecond)
	if p.step != 1 {
		t.Errorf("after more of it, at %v", sizes[p.step])
	}
	run(p, 60, 80*time.Millisecond)
	if p.step != 2 {
		t.Errorf("on a slow machine it runs at %v", sizes[p.step])
	}
	run(p, 2*paceUp+10, 9*time.Millisecond)
	if p.step != 0 {
		t.Errorf("a machine that is free again runs at %v", sizes[p.step])
	}
	still := &pace{}
	run(still, 500, time.Second)
	if still.step != 0 {
		t.Error("without a budget the size has changed")
	}
}

func TestASizeThatWasTooMuchIsTriedLaterEachTime(t *testing.T) {
	p := &pace{budget: 12 * time.Millisecond, step: 1}
	var changes int
	for range 5000 { // the size above looks cheap from here, but is not
		was := p.step
		d := 5 * time.Millisecond
		if p.step == 0 {
			d = 14 * time.Millisecond
		}
		if p.took(d); p.step != was {
			changes++
		}
	}
	if changes > 10 {
		t.Errorf("the size has changed %d times", changes)
	}
}
