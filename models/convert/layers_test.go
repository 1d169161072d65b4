package convert_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/models/convert"
	"cheval/models/modelstest"
)

// layersGolden is what tools/upscale made in TensorFlow.js: every stride-th
// element of the answer, as height, width, channel.
type layersGolden struct {
	Shape  []int
	Stride int
	Mean   float64
	Values []float32
}

func TestConvertedLayersAnswerAsInTensorFlowJS(t *testing.T) {
	rt := modelstest.Runtime(t)
	for _, name := range []string{"esrgan_slim_x2", "esrgan_slim_x4"} {
		t.Run(name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var g layersGolden
			if err := json.Unmarshal(b, &g); err != nil {
				t.Fatal(err)
			}
			s, err := rt.Load(name)
			if err != nil {
				t.Fatal(err, "(`make models` installs what this test needs)")
			}
			defer s.Close()
			referencePicture(s.Input(""))
			if err := s.Run(); err != nil {
				t.Fatal(err)
			}
			out, h, w := s.Output(""), g.Shape[1], g.Shape[2]
			if len(out) != 3*h*w {
				t.Fatalf("%d elements, want %d", len(out), 3*h*w)
			}
			worst, sum := 0.0, 0.0
			for _, v := range out {
				sum += float64(v)
			}
			for k, want := range g.Values {
				i := k * g.Stride
				c, x, y := i%3, i/3%w, i/3/w
				worst = max(worst, math.Abs(float64(out[c*h*w+y*w+x]-want)))
			}
			if worst > 0.01 || math.Abs(sum/float64(len(out))-g.Mean) > 1e-3 { // of 255
				t.Errorf("deviates by %.4f of 255, mean %.5f, want %.5f", worst, sum/float64(len(out)), g.Mean)
			}
		})
	}
}

// referencePicture is tools/upscale's.
func referencePicture(in []float32) {
	const side = 128
	for c := range 3 {
		for y := range side {
			for x := range side {
				in[c*side*side+y*side+x] = float32(127 + 80*math.Sin(float64(x)/9+float64(c))*math.Cos(float64(y)/7) + float64(3*((31*x+17*y+7*c)%8)))
			}
		}
	}
}

const smallLayers = `{"modelTopology":{"model_config":{"config":{"layers":[
{"class_name":"InputLayer","name":"in","config":{"batch_input_shape":[null,null,null,1]},"inbound_nodes":[]},
{"class_name":"Conv2D","name":"a","config":{"filters":1,"kernel_size":[1,1],"strides":[1,1],"dilation_rate":[1,1],"groups":1,"padding":"same","activation":"relu","use_bias":true,"data_format":"channels_last"},"inbound_nodes":[[["in",0,0,{}]]]},
{"class_name":"UpSampling2D","name":"b","config":{"size":[2,2],"data_format":"channels_last","interpolation":"nearest"},"inbound_nodes":[[["a",0,0,{}]]]}],
"input_layers":[["in",0,0]],"output_layers":[["b",0,0]]}}},
"weightsManifest":[{"paths":["w"],"weights":[{"name":"a/kernel","shape":[1,1,1,1],"dtype":"float32"},{"name":"a/bias","shape":[1],"dtype":"float32"}]}]}`

// smallWeights are 2 and 1.
const smallWeights = "\x00\x00\x00\x40\x00\x00\x80\x3f"

func TestLayersAreComputedAsTheyAreDescribed(t *testing.T) {
	onnx, err := convert.Layers([]byte(smallLayers+smallWeights), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	s := load(t, modelstest.Runtime(t), "small", onnx)
	copy(s.Input(""), []float32{3, -4})
	if err := s.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{7, 7, 0, 0, 7, 7, 0, 0} {
		if got := s.Output("")[i]; got != want {
			t.Errorf("element %d is %g, want %g", i, got, want)
		}
	}
}

func TestForeignLayersAreRefusedInOneSentence(t *testing.T) {
	for name, src := range map[string]string{
		"cut off":         smallLayers[:300],
		"weights missing": smallLayers + smallWeights[:6],
		"unknown layer":   strings.Replace(smallLayers, "UpSampling2D", "LSTM", 1) + smallWeights,
		"unknown input":   strings.Replace(smallLayers, `[["a",0,0,{}]]`, `[["z",0,0,{}]]`, 1) + smallWeights,
		"strided":         strings.Replace(smallLayers, `"strides":[1,1]`, `"strides":[2,2]`, 1) + smallWeights,
		"other weights":   strings.Replace(smallLayers, `"shape":[1,1,1,1]`, `"shape":[1,1,1,2]`, 1) + smallWeights,
		"huge weights":    strings.Replace(smallLayers, `"shape":[1,1,1,1]`, `"shape":[9223372036854775807,4,1,1]`, 1) + smallWeights,
		"quantised":       strings.Replace(smallLayers, `"dtype":"float32"}`, `"dtype":"uint8"}`, 1) + smallWeights,
		"two of a name":   strings.Replace(smallLayers, `"name":"b"`, `"name":"a"`, 1) + smallWeights,
	} {
		if _, err := convert.Layers([]byte(src), 8, 8); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func FuzzLayers(f *testing.F) {
	f.Add([]byte(smallLayers + smallWeights))
	f.Add([]byte(smallLayers))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if onnx, err := convert.Layers(src, 16, 16); err == nil && len(onnx) == 0 {
			t.Error("no error and no model")
		}
	})
}
