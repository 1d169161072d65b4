package cli

import (
	"encoding/json"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cheval/camera"
	"cheval/models/modelstest"
	"cheval/tryon/perceive"
)

// perceived runs `cheval perceive` on the CPU and reads its lines.
func perceived(t *testing.T, args ...string) []map[string]any {
	t.Helper()
	code, stdout, stderr := command(t, Program{}, append([]string{"perceive", "--device", "cpu"}, args...)...)
	if code != exitOK {
		t.Fatalf("%v: exit %d, %s", args, code, stderr)
	}
	var lines []map[string]any
	for line := range strings.Lines(stdout) {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		lines = append(lines, l)
	}
	return lines
}

func TestPerceivePrintsTheContractsNames(t *testing.T) {
	lines := perceived(t, "--photo", modelstest.Path(t, "demo_portrait"), "--body")
	if len(lines) != 1 || lines[0]["frame"] != 0.0 {
		t.Fatalf("%d lines", len(lines))
	}
	l := lines[0]
	for _, name := range []string{"detect", "mesh", "iris", "body", "total"} {
		if _, ok := l["ms"].(map[string]any)[name].(float64); !ok {
			t.Errorf("ms has no %q: %v", name, l["ms"])
		}
	}
	if p := l["provider"].(map[string]any); p["asked"] != "cpu" || p["ran"] != "cpu" {
		t.Errorf("provider %v", p)
	}
	faces := l["faces"].([]any)
	if len(faces) != 1 {
		t.Fatalf("%d faces", len(faces))
	}
	f := faces[0].(map[string]any)
	points := f["landmarks"].([]any)
	if len(points) != perceive.Landmarks || len(points[0].([]any)) != 3 {
		t.Errorf("%d landmarks", len(points))
	}
	box := f["box"].([]any)
	nose := points[1].([]any)
	for i := range 2 {
		if v := nose[i].(float64); v < box[i].(float64) || v > box[i].(float64)+box[i+2].(float64) {
			t.Errorf("nose %v outside the box %v", nose, box)
		}
	}
	pose := f["pose"].(map[string]any)
	for _, angle := range []string{"yaw", "pitch", "roll"} {
		if v, ok := pose[angle].(float64); !ok || math.Abs(v) > 30 {
			t.Errorf("%s %v", angle, pose[angle])
		}
	}
	// Her irises have nine pixels: no millimetres, and the reason.
	for _, name := range []string{"mm_per_px", "pd_mm", "pd_error_mm"} {
		if v, ok := f[name]; !ok || v != nil {
			t.Errorf("%s is %v, want null", name, v)
		}
	}
	if why, _ := f["why"].(string); !strings.Contains(why, "closer") {
		t.Errorf("why %q", why)
	}
	if bodies := l["bodies"].([]any); len(bodies) != 1 || len(bodies[0].(map[string]any)["landmarks"].([]any)) != perceive.BodyLandmarks {
		t.Errorf("bodies %v", len(bodies))
	}
}

func TestAPhotoWithoutAFaceIsALineWithoutFaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grey.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 320, 200))); err != nil {
		t.Fatal(err)
	}
	lines := perceived(t, "--photo", path)
	if len(lines) != 1 || len(lines[0]["faces"].([]any)) != 0 {
		t.Errorf("got %v", lines)
	}
	if _, ok := lines[0]["bodies"]; ok {
		t.Error("bodies were looked for unasked")
	}
}

func TestPerceiveRefusesInOneSentence(t *testing.T) {
	text := filepath.Join(t.TempDir(), "notes.jpg")
	if err := os.WriteFile(text, []byte("not a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitUsage, "--photo and --video"},
		{[]string{"--photo", "a.png", "--video", "b.mp4"}, exitUsage, "--photo and --video"},
		{[]string{"--photo", "a.png", "--faces", "0"}, exitUsage, "--faces"},
		{[]string{"--photo", "a.png", "--device", "gpu"}, exitUsage, "auto, cpu, cuda"},
		{[]string{"--photo", filepath.Join(t.TempDir(), "none.png")}, exitFailed, "none.png"},
		{[]string{"--photo", text}, exitFailed, "notes.jpg"},
		{[]string{"--video", text}, exitFailed, "notes.jpg"},
	} {
		code, stdout, stderr := command(t, Program{}, append([]string{"perceive"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("%v: exit %d, %q, %q; want %d with %q", c.args, code, stdout, stderr, c.code, c.says)
		}
	}
}

func TestPerceiveFollowsAVideosFaceFromFrameToFrame(t *testing.T) {
	img := picture(t, modelstest.Path(t, "demo_portrait"))
	path := filepath.Join(t.TempDir(), "clip.mp4")
	rec, err := camera.Record(path, img.Rect.Size(), 30)
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		if err := rec.Write(img); err != nil {
			t.Fatal(err)
		}
	}
	if err := rec.Commit(); err != nil {
		t.Fatal(err)
	}
	lines := perceived(t, "--video", path)
	if len(lines) != 7 {
		t.Fatalf("%d lines for 7 frames", len(lines))
	}
	var id any
	for i, l := range lines {
		faces := l["faces"].([]any)
		if l["frame"] != float64(i) || len(faces) != 1 {
			t.Fatalf("line %d: frame %v, %d faces", i, l["frame"], len(faces))
		}
		if f := faces[0].(map[string]any); i == 0 {
			id = f["id"]
		} else if f["id"] != id {
			t.Errorf("frame %d: the face is %v, was %v", i, f["id"], id)
		}
	}
}
