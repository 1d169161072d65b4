package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"cheval/catalog"
)

// frame is a product that can be worn, from the samples, under another name.
func frame(t testing.TB, id string) *catalog.Product {
	t.Helper()
	data, err := os.ReadFile("../testdata/corso.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(`"id": "corso"`, `"id": "`+id+`"`, "CORSO-", strings.ToUpper(id)+"-").Replace(string(data))
	p, err := catalog.Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func starters(t testing.TB) func() (*catalog.Catalogue, error) {
	return func() (*catalog.Catalogue, error) { return catalog.New(frame(t, "vela"), frame(t, "aria")) }
}

func openAt(t testing.TB, home string) *Store {
	t.Helper()
	s, err := Open(home, Options{Seed: starters(t), Wait: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func apply(t testing.TB, s *Store, b Batch) Change {
	t.Helper()
	c, err := s.Apply(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ids(t testing.TB, s *Store) string {
	t.Helper()
	c, err := s.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range c.All() {
		all = append(all, p.ID)
	}
	return strings.Join(all, " ")
}

// whole fails unless the store is verified without a problem.
func whole(t testing.TB, s *Store) *Report {
	t.Helper()
	r, err := s.Verify(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK {
		t.Fatalf("the store is not whole: %+v", r.Problems)
	}
	return r
}

// reopened closes a store and opens it again.
func reopened(t testing.TB, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return openAt(t, s.Home())
}

func TestAFirstStartHasTheStarterProductsAndKeepsTheirOrder(t *testing.T) {
	s := openAt(t, t.TempDir())
	if got := ids(t, s); got != "vela aria" {
		t.Errorf("products %s, want the seed in its order", got)
	}
	apply(t, s, Batch{Kind: Remove, Delete: []string{"vela", "aria"}})
	s = reopened(t, s)
	if got := ids(t, s); got != "" {
		t.Errorf("products %s: what was removed was seeded again", got)
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	s := openAt(t, t.TempDir())
	p := frame(t, "corso")
	p.Text["en"] = "<p>" + strings.Repeat("A long text of a shop. ", 4000) + "</p>"
	p.Sheet = &catalog.Sheet{Format: "shopify", Header: []string{"Handle"}, Rows: [][]string{{"corso"}}}
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{p}})
	p.Name["en"] = "changed after the write"
	s = reopened(t, s)
	got, err := s.Product("corso")
	if err != nil {
		t.Fatal(err)
	}
	p.Name["en"] = "Corso"
	if !reflect.DeepEqual(got, p) {
		t.Errorf("read %+v\nwrote %+v", got, p)
	}
	if _, err := s.Product("nothing"); !errors.Is(err, ErrAbsent) {
		t.Errorf("an unknown ID: %v", err)
	}
}

func TestAProductWithoutItsSheetKeepsTheOneThatIsStored(t *testing.T) {
	s := openAt(t, t.TempDir())
	p := frame(t, "corso")
	p.Sheet = &catalog.Sheet{Format: "table", Header: []string{"id"}, Rows: [][]string{{"corso"}}}
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{p}})
	c, _ := s.Catalogue()
	edited := *c.Product("corso") // of the snapshot, which has no sheets
	edited.Brand = "Other"
	apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{&edited}})
	got, err := s.Product("corso")
	if err != nil || got.Brand != "Other" || got.Sheet == nil || got.Sheet.Rows[0][0] != "corso" {
		t.Errorf("after an edit: %+v, %v", got, err)
	}
}

func TestABadBatchWritesNothing(t *testing.T) {
	s := openAt(t, t.TempDir())
	bad := frame(t, "bad")
	bad.Variants[0].Price.Minor = -1
	noPicture := frame(t, "unseen")
	noPicture.Pictures = []catalog.Picture{{Hash: strings.Repeat("0", 64), Role: catalog.Original}}
	for says, b := range map[string]Batch{
		"price":            {Put: []*catalog.Product{frame(t, "corso"), bad}},
		"not in the store": {Put: []*catalog.Product{frame(t, "corso"), noPicture}},
		"delete product":   {Put: []*catalog.Product{frame(t, "corso")}, Delete: []string{"nothing"}},
		"other changes":    {Put: []*catalog.Product{frame(t, "corso")}, Into: 999},
	} {
		if _, err := s.Apply(t.Context(), b); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("says %v, want %q", err, says)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Apply(ctx, Batch{Put: []*catalog.Product{frame(t, "corso")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := ids(t, s); got != "vela aria" {
		t.Errorf("products %s after batches that failed", got)
	}
	whole(t, s)
}

func TestUnchangedProductsAreNoChange(t *testing.T) {
	s := openAt(t, t.TempDir())
	if c := apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{frame(t, "vela")}}); c.ID != 0 {
		t.Errorf("writing what is there made change %+v", c)
	}
}

func TestTheSnapshotFollowsWrites(t *testing.T) {
	s := openAt(t, t.TempDir())
	before, _ := s.Catalogue()
	ctx, cancel := context.WithCancel(t.Context())
	changed := s.Watch(ctx)
	edited := frame(t, "vela")
	edited.Brand = "Other"
	apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{frame(t, "corso"), edited}})
	<-changed
	after, _ := s.Catalogue()
	if got := ids(t, s); got != "vela aria corso" {
		t.Errorf("products %s", got)
	}
	if after.Product("vela").Brand != "Other" || before.Product("vela").Brand == "Other" || before.Len() != 2 {
		t.Error("a snapshot changed, or did not follow")
	}
	if after.Product("aria") != before.Product("aria") {
		t.Error("a product that did not change is another pointer")
	}
	cancel()
	if _, open := <-changed; open {
		t.Error("the channel of a watch that ended gives more")
	}
}

func TestEachReadsAllWithTheirSheetsInOrder(t *testing.T) {
	s := openAt(t, t.TempDir())
	p := frame(t, "corso")
	p.Sheet = &catalog.Sheet{Format: "table", Header: []string{"id"}, Rows: [][]string{{"corso"}}}
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{p}})
	var got []string
	err := s.Each(t.Context(), func(p *catalog.Product) error {
		got = append(got, fmt.Sprint(p.ID, p.Sheet != nil))
		return nil
	})
	if err != nil || strings.Join(got, " ") != "velafalse ariafalse corsotrue" {
		t.Errorf("read %v, %v", got, err)
	}
}

func TestAStoreThatIsOpenIsHeld(t *testing.T) {
	home := t.TempDir()
	openAt(t, home)
	_, err := Open(home, Options{Wait: 10 * time.Millisecond})
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "Cheval is open; close it, or") {
		t.Errorf("opened a second time: %v", err)
	}
}

func TestPictures(t *testing.T) {
	s := openAt(t, t.TempDir())
	hash, err := s.PutPicture(strings.NewReader("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.PutPicture(strings.NewReader("a picture"))
	if err != nil || again != hash {
		t.Errorf("put again: %s, %v", again, err)
	}
	data, err := s.Picture(hash)
	if err != nil || string(data) != "a picture" {
		t.Errorf("read %q, %v", data, err)
	}
	for _, bad := range []string{"", "../../etc/passwd", strings.Repeat("g", 64), strings.Repeat("0", 64)} {
		if _, err := s.Picture(bad); err == nil {
			t.Errorf("picture %q was read", bad)
		}
	}
	if _, err := s.PutPicture(strings.NewReader("")); err == nil {
		t.Error("an empty picture was kept")
	}
	path, err := s.PicturePath(hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("b picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Picture(hash); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged picture: %v", err)
	}
}

func TestAPictureThatIsTooLargeLeavesNothing(t *testing.T) {
	s := openAt(t, t.TempDir())
	if _, err := s.PutPicture(bytes.NewReader(make([]byte, MaxPictureBytes+1))); err == nil {
		t.Error("kept")
	}
	left, _ := filepath.Glob(filepath.Join(s.Home(), picturesFolder, "*", "*"))
	if len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// pictured gives a product one picture.
func pictured(t testing.TB, s *Store, p *catalog.Product, data string) *catalog.Product {
	t.Helper()
	hash, err := s.PutPicture(strings.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	p.Pictures = []catalog.Picture{{Hash: hash, Role: catalog.Original}}
	return p
}

func TestPicturesLiveAsLongAsAnythingMayNeedThem(t *testing.T) {
	s := openAt(t, t.TempDir())
	if _, err := s.PutPicture(strings.NewReader("of nothing")); err != nil {
		t.Fatal(err)
	}
	p := pictured(t, s, frame(t, "corso"), "of a product")
	hash := p.Pictures[0].Hash
	apply(t, s, Batch{Kind: Photos, Put: []*catalog.Product{p}})
	apply(t, s, Batch{Kind: Remove, Delete: []string{"corso"}})
	s = reopened(t, s)
	if s.Swept() != 1 {
		t.Errorf("swept %d files, want the one of nothing", s.Swept())
	}
	whole(t, s)
	if _, err := s.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Picture(hash); err != nil {
		t.Errorf("the picture of a product that came back: %v", err)
	}
	whole(t, s)
	apply(t, s, Batch{Kind: Remove, Delete: []string{"corso"}})
	for i := range keptChanges { // the removal is forgotten
		e := frame(t, "vela")
		e.Brand = fmt.Sprint("Brand ", i)
		apply(t, s, Batch{Kind: Edit, Put: []*catalog.Product{e}})
	}
	s = reopened(t, s)
	if _, err := s.Picture(hash); !errors.Is(err, ErrAbsent) || s.Swept() != 1 {
		t.Errorf("a picture that nothing needs any more: %v, swept %d", err, s.Swept())
	}
	whole(t, s)
}

func TestThePhotoThatAFrontIsDrawnWithIsKept(t *testing.T) {
	s := openAt(t, t.TempDir())
	p := pictured(t, s, frame(t, "corso"), "a front")
	p.Variants[0].Front = &catalog.FrontPhoto{Hash: p.Pictures[0].Hash, PxPerMM: 10, Centre: [2]float32{100, 50}}
	p.Pictures = nil
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	apply(t, s, Batch{Kind: Publish, Put: []*catalog.Product{p}})
	if s = reopened(t, s); s.Swept() != 0 {
		t.Error("it was swept")
	}
	whole(t, s)
}
