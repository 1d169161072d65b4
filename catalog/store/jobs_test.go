package store

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"cheval/catalog"
)

func TestTheQueueSurvivesARestart(t *testing.T) {
	s := openAt(t, t.TempDir())
	hash, err := s.PutPicture(strings.NewReader("a photo"))
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := s.AddJobs(t.Context(),
		Job{Kind: "photo", Payload: json.RawMessage(`{"margin":0.1}`), Pictures: []string{hash}},
		Job{Kind: "photo"}, Job{Kind: "photo"})
	if err != nil || len(jobs) != 3 || jobs[0].ID >= jobs[1].ID {
		t.Fatalf("added %+v, %v", jobs, err)
	}
	jobs[0].State = Running
	jobs[1].State, jobs[1].Why = Failed, "it is blurred"
	for _, j := range jobs[:2] {
		if err := s.SetJob(t.Context(), j); err != nil {
			t.Fatal(err)
		}
	}
	s = reopened(t, s)
	got, err := s.Jobs()
	if err != nil || len(got) != 3 {
		t.Fatalf("jobs %+v, %v", got, err)
	}
	jobs[0].State, jobs[0].Tries = Waiting, 1 // interrupted
	if !reflect.DeepEqual(got, jobs) {
		t.Errorf("after a restart %+v\nwant %+v", got, jobs)
	}
	if s.Swept() != 0 {
		t.Error("the photo of a job was swept")
	}
	whole(t, s)
	apply(t, s, Batch{Kind: Photos, Put: []*catalog.Product{frame(t, "corso")}, Done: []uint64{jobs[0].ID}})
	if err := s.RemoveJobs(t.Context(), jobs[1].ID); err != nil {
		t.Fatal(err)
	}
	if got, _ = s.Jobs(); len(got) != 1 || got[0].ID != jobs[2].ID {
		t.Errorf("left %+v, want the third", got)
	}
	if err := s.SetJob(t.Context(), jobs[0]); !errors.Is(err, ErrAbsent) {
		t.Errorf("a job that is done was set: %v", err)
	}
	whole(t, s)
}

func TestVectorsGoWithWhatTheyAreOf(t *testing.T) {
	s := openAt(t, t.TempDir())
	p := pictured(t, s, frame(t, "corso"), "x")
	apply(t, s, Batch{Kind: Import, Put: []*catalog.Product{p}})
	want := map[string]Vector{
		"corso":            {Key: "corso", Of: "text 1", Values: []float32{1, -2.5, 0}},
		p.Pictures[0].Hash: {Key: p.Pictures[0].Hash, Values: []float32{0.25}},
	}
	for _, v := range want {
		if err := s.PutVectors(t.Context(), "encoder", v); err != nil {
			t.Fatal(err)
		}
	}
	s = reopened(t, s)
	read := func() map[string]Vector {
		got := map[string]Vector{}
		if err := s.Vectors("encoder", func(v Vector) { got[v.Key] = v }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := read(); !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v, want %+v", got, want)
	}
	apply(t, s, Batch{Kind: Remove, Delete: []string{"corso"}})
	if got := read(); len(got) != 1 || got["corso"].Key != "" {
		t.Errorf("after the product was removed: %+v", got)
	}
	if err := s.DropVectors(t.Context(), "encoder"); err != nil || len(read()) != 0 {
		t.Errorf("dropped: %v, left %v", err, read())
	}
}
