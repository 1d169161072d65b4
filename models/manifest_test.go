package models

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestManifestIsConsistent(t *testing.T) {
	names, files := map[string]bool{}, map[string]bool{}
	hash := regexp.MustCompile(`^[0-9a-f]{64}$`)
	for _, it := range Manifest() {
		switch {
		case names[it.Name] || files[it.File]:
			t.Errorf("%s: name or file %s stands twice", it.Name, it.File)
		case !hash.MatchString(it.SHA256):
			t.Errorf("%s: SHA-256 %q", it.Name, it.SHA256)
		case it.Bytes <= 0 || it.Package.Bytes <= 0 || it.Package.Bytes > maxArchive:
			t.Errorf("%s: %d bytes in an archive of %d", it.Name, it.Bytes, it.Package.Bytes)
		case it.Licence == "" || it.Role == "" || it.Package.Version == "" || (it.Path == "") != (it.Kind == Derived):
			t.Errorf("%s: a field is empty: %+v", it.Name, it)
		case it.Package.Registry != "pypi" && it.Package.Registry != "npm":
			t.Errorf("%s: registry %q", it.Name, it.Package.Registry)
		case it.Length != 0 && it.Length != it.Bytes:
			t.Errorf("%s: a range of %d bytes, but %d are pinned", it.Name, it.Length, it.Bytes)
		case path.IsAbs(it.File) || strings.Contains(it.File, ".."):
			t.Errorf("%s: file %q leaves the store", it.Name, it.File)
		case it.CUDA != strings.HasPrefix(it.File, "cuda/"):
			t.Errorf("%s: file %q: CUDA's files, and only they, lie in one folder", it.Name, it.File)
		case it.Kind == Converted && (len(it.Inputs) == 0 || len(it.Outputs) == 0):
			t.Errorf("%s: a model without shapes", it.Name)
		}
		for _, from := range it.From {
			if !names[from] {
				t.Errorf("%s is made of %s, which does not stand before it", it.Name, from)
			}
		}
		if _, known := derivers[it.Converter]; it.Kind == Derived && !known {
			t.Errorf("%s: nothing is called %q that could make it", it.Name, it.Converter)
		}
		names[it.Name], files[it.File] = true, true
	}
}

// The hashes must be those that were looked into: the beginnings that the
// architecture document lists.
func TestManifestPinsWhatWasLookedInto(t *testing.T) {
	for name, start := range map[string]string{
		"face_detection_short_range": "bbff11ce", "face_detection_full_range_sparse": "2c3728e6",
		"face_landmark": "1055cb9d", "iris_landmark": "d1744d2a", "face_landmark_with_attention": "e06a804e",
		"pose_detection": "9ba9dd3d", "pose_landmark_full": "e9a5c5cb",
		"selfie_segmentation": "9ee168ec", "selfie_segmentation_landscape": "a77d03f4",
		"palm_detection_lite": "e9a4aadd", "hand_landmark_lite": "048edd36",
		"whisper_encoder": "d01c3014", "whisper_decoder": "d01c3014", "en_us_joe_medium": "58afce03",
	} {
		if it, ok := find(name); !ok || !strings.HasPrefix(it.SHA256, start) {
			t.Errorf("%s: %q, want %s…", name, it.SHA256, start)
		}
	}
	if _, ok := find("nonsense"); ok {
		t.Error("found nonsense")
	}
}

// Every installed model must be in ONNX what the manifest says of it.
func TestInstalledModelsHaveTheManifestsTensors(t *testing.T) {
	r := openTest(t)
	for _, it := range Manifest() {
		if it.Kind != Converted {
			continue
		}
		s, err := r.Load(it.Name)
		if err != nil {
			t.Fatal(err)
		}
		in := it.Inputs[0]
		if got := s.InputShape(in.Name); len(got) != 4 || got[1] != 3 || got[2] != in.Shape[1] || got[3] != in.Shape[2] {
			t.Errorf("%s: input %v, want [1 3 %d %d]", it.Name, got, in.Shape[1], in.Shape[2])
		}
		for _, out := range it.Outputs {
			want := int64(1)
			for _, d := range out.Shape {
				want *= d
			}
			if got := int64(len(s.Output(out.Name))); got != want {
				t.Errorf("%s: output %s has %d elements, want %d", it.Name, out.Name, got, want)
			}
		}
		if err := s.Run(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
