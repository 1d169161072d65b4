package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// part is one folder of the design: what it may import of the project, and
// which libraries of the stack it may know. Each rule gives its reason, which
// a broken build prints.
type part struct {
	may    []string
	reason string
}

var parts = map[string]part{
	".":           {[]string{"app", "cli"}, "main only starts the app or a command"},
	"cli":         {[]string{"camera", "tryon", "studio", "catalog", "recommender", "voice", "models", "assets", "internal"}, "commands need no display, so they know neither app nor viewport"},
	"app":         {[]string{"camera", "tryon", "viewport", "studio", "catalog", "recommender", "voice", "models", "assets", "internal"}, "the app wires everything, and only main may know it"},
	"camera":      {[]string{"internal"}, "a frame knows nothing of what is done with it"},
	"tryon":       {[]string{"camera", "models", "catalog", "assets", "internal"}, "try-on runs on recorded frames in a test, without a window"},
	"viewport":    {[]string{"tryon", "assets", "internal"}, "the viewport presents results; it neither perceives nor renders"},
	"studio":      {[]string{"models", "catalog", "tryon", "camera", "assets", "internal"}, "the studio works without the app"},
	"catalog":     {[]string{"internal"}, "products are data that every part may read"},
	"recommender": {[]string{"catalog", "models", "internal"}, "ranking needs products and models, not pictures on screen"},
	"voice":       {[]string{"models", "catalog", "recommender", "internal"}, "a dialogue is grounded in the catalogue, not in the screen"},
	"models":      {[]string{"internal"}, "models know nothing of what they are used for"},
	"assets":      {nil, "assets are data"},
	"internal":    {nil, "helpers stay small: one that needs a part belongs to that part"},
}

// libraries that only some parts may know.
var libraries = []struct {
	path, reason string
	in           []string
}{
	{"fyne.io/fyne/v2/app", "every screen tests without a display, so only main opens one", []string{"."}},
	{"fyne.io/fyne/v2", "only main and app know Fyne", []string{".", "app"}},
	{"github.com/hajimehoshi/ebiten/v2", "Ebitengine stays behind one type in viewport", []string{"viewport"}},
	{"github.com/yalue/onnxruntime_go", "sessions are made in models, where their lifetime is kept", []string{"models"}},
}

func TestPartsImportOnlyWhatTheDesignAllows(t *testing.T) {
	eachFile(t, func(folder, path string, file *ast.File) {
		rule, ok := parts[folder]
		if !ok {
			t.Errorf("%s: folder %q is not in the design; add it to docs/architecture.md and to this test", path, folder)
			return
		}
		for _, imp := range file.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			if to, ok := strings.CutPrefix(name, "cheval/"); ok {
				to, _, _ = strings.Cut(to, "/")
				if to != folder && !slices.Contains(rule.may, to) {
					t.Errorf("%s imports %s: %s may not look at %s, because %s", path, name, folder, to, rule.reason)
				}
			}
		}
	})
}

func TestLibrariesStayWhereTheyBelong(t *testing.T) {
	eachFile(t, func(folder, path string, file *ast.File) {
		for _, imp := range file.Imports {
			name, _ := strconv.Unquote(imp.Path.Value)
			for _, lib := range libraries {
				if name == lib.path || strings.HasPrefix(name, lib.path+"/") {
					if !slices.Contains(lib.in, folder) {
						t.Errorf("%s imports %s: %s", path, name, lib.reason)
					}
					break // the first, most exact rule decides
				}
			}
		}
	})
}

func TestNoInitFunctions(t *testing.T) {
	eachFile(t, func(_, path string, file *ast.File) {
		if ast.IsGenerated(file) {
			return
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s has an init function: wiring is an explicit switch, so that a reader sees what runs and when", path)
			}
		}
	})
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	eachFile(t, func(_, path string, file *ast.File) {
		dir := filepath.Dir(path)
		said[dir] = said[dir] || file.Doc != nil || ast.IsGenerated(file)
	})
	for dir, ok := range said {
		if !ok {
			t.Errorf("package in %s has no package comment: say what it is for and what it leaves to others", dir)
		}
	}
}

// eachFile calls visit for every Go file of the product (tests left out) with
// the design's folder it belongs to.
func eachFile(t *testing.T, visit func(folder, path string, file *ast.File)) {
	t.Helper()
	fset, seen := token.NewFileSet(), 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "build" || path == "out" || path == "tools" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		folder, _, nested := strings.Cut(filepath.ToSlash(path), "/")
		if !nested {
			folder = "."
		}
		visit(folder, path, file)
		seen++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no Go files found: this test must run in the project's root")
	}
}
