package recommender

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cheval/catalog"
	"cheval/internal/wholefile"
	"cheval/recommender/evaluate"
	"cheval/recommender/model"
)

// FileName is the trained model in CHEVAL_HOME.
const FileName = "recommender.model"

// Lessons are what a training learns from.
type Lessons struct {
	Products   []*catalog.Product
	People     []Person             // each with all events that may be learned from
	Embeddings map[string][]float32 // by product ID, such as the store's PictureVectors
	Simulated  bool                 // the people were made up
	Seed       uint64
}

// Data makes numbers of lessons: the items are the products in order, a
// person's events one an item. Events of products that are gone are left out.
func (l *Lessons) Data() (*model.Data, []string) {
	lex := newLexicon(nil)
	f := &model.Features{}
	for _, e := range l.Embeddings {
		f.Width = len(e)
		break
	}
	index := map[string]int32{}
	var ids []string
	for _, p := range l.Products {
		if _, twice := index[p.ID]; twice {
			continue
		}
		index[p.ID] = int32(len(ids))
		ids = append(ids, p.ID)
		e := l.Embeddings[p.ID]
		if len(e) != f.Width {
			e = nil
		}
		f.Add(lex.values(describe(p)), e)
	}
	f.Names = lex.names
	data := &model.Data{Items: len(ids), Features: f}
	for _, p := range l.People {
		var seen []model.Seen
		for _, e := range p.Events {
			if i, ok := index[e.Product]; ok {
				if s := finite(e.Strength()); s != 0 {
					seen = append(seen, model.Seen{Item: i, Weight: float32(s), At: e.At.Unix()})
				}
			}
		}
		data.People = append(data.People, model.Merge(seen))
		data.Stated = append(data.Stated, lex.stated(p.Profile.Likes))
	}
	return data, ids
}

// Progress is how far a training is, 0..1, and at which model.
type Progress func(done float64, what string)

// Train learns all models and the blend's weights, and puts the finished model
// at file, in one step: until then, and if it is cancelled, killed or fails,
// the old one stays. What is done so far is kept beside it (.part) and used
// again by the next training of the same lessons. Call it off the UI goroutine;
// progress comes on the caller's.
func Train(ctx context.Context, l Lessons, file string, progress Progress) (*model.Trained, error) {
	data, ids := l.Data()
	return TrainData(ctx, data, ids, l.Simulated, l.Seed, file, progress)
}

// TrainData is Train on numbers. ids name the items.
func TrainData(ctx context.Context, data *model.Data, ids []string, simulated bool, seed uint64, file string, progress Progress) (*model.Trained, error) {
	if err := data.Check(); err != nil {
		return nil, err
	}
	if data.Features == nil {
		data.Features = &model.Features{}
		for range data.Items {
			data.Features.Add(nil, nil)
		}
	}
	part := file + ".part"
	course := evaluate.NewCourse()
	t := &model.Trained{Items: ids, Features: data.Features, Blend: course.Blend, People: len(data.People), Events: data.Events(), Simulated: simulated, Data: digest(data, seed)}
	resume(part, t, course)
	save := func() error {
		t.Phase, t.Done = course.Phase, course.Done
		noteLearned(t, course.Learned)
		return replace(part, model.Marshal(t))
	}
	if err := course.Run(ctx, data, seed, progress, save); err != nil {
		if errors.Is(err, model.ErrNoData) || ctx.Err() != nil {
			return nil, err
		}
		return nil, fmt.Errorf("recommender: train: %w", err)
	}
	t.Phase, t.Done, t.At = 2, 0, time.Now()
	noteLearned(t, course.Learned)
	if err := replace(file, model.Marshal(t)); err != nil {
		return nil, err
	}
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("recommender: remove the finished training's checkpoint: %w", err)
	}
	return t, nil
}

func noteLearned(t *model.Trained, l evaluate.Learned) {
	t.L2, t.NDCG, t.HR, t.Tested = l.L2, l.NDCG, l.HR, l.Tested
}

// resume takes over what an earlier training of the same data has done; a
// checkpoint that is damaged or of something else is begun anew.
func resume(part string, t *model.Trained, c *evaluate.Course) {
	old, err := Load(part)
	if err != nil || old.Data != t.Data || len(old.Blend.Members) != len(t.Blend.Members) {
		return
	}
	for i, m := range old.Blend.Members {
		if m.Model.Name() != t.Blend.Members[i].Model.Name() {
			return
		}
	}
	data := &model.Data{Items: len(t.Items), Features: t.Features}
	for _, m := range old.Blend.Members {
		switch known := m.Model.(type) {
		case *model.Content:
			_ = known.Train(context.Background(), data, func(float64) {}) // only takes the features
		case *model.TwoTower:
			known.Adopt(t.Features)
		}
	}
	c.Blend.Members = old.Blend.Members
	c.Phase, c.Done = old.Phase, old.Done
	c.Learned = evaluate.Learned{L2: old.L2, NDCG: old.NDCG, HR: old.HR, Tested: old.Tested}
}

// digest tells data and seed apart from others.
func digest(d *model.Data, seed uint64) uint64 {
	h := fnv.New64a()
	var b [24]byte
	put := func(x, y, z uint64) {
		binary.LittleEndian.PutUint64(b[:], x)
		binary.LittleEndian.PutUint64(b[8:], y)
		binary.LittleEndian.PutUint64(b[16:], z)
		h.Write(b[:])
	}
	put(seed, uint64(d.Items), uint64(len(d.Features.Values)))
	for p, seen := range d.People {
		for _, s := range seen {
			put(uint64(p)<<32|uint64(uint32(s.Item)), uint64(s.At), uint64(s.Weight*1e4))
		}
	}
	return h.Sum64()
}

// Load reads a model file. Errors wrap model.ErrFile where it is none, and
// fs.ErrNotExist where there is none.
func Load(file string) (*model.Trained, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("recommender: open the model: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("recommender: open the model: %w", err)
	}
	if st.Size() > model.MaxFile {
		return nil, fmt.Errorf("recommender: the model has %d bytes, but at most %d are read: %w", st.Size(), model.MaxFile, model.ErrFile)
	}
	b := make([]byte, st.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, fmt.Errorf("recommender: read the model: %w", err)
	}
	return model.Unmarshal(b)
}

// replace writes a model file, whole or not at all.
func replace(file string, b []byte) error {
	err := os.MkdirAll(filepath.Dir(file), 0o700)
	if err == nil {
		err = wholefile.Write(file, 0o600, func(f *os.File) error {
			_, err := f.Write(b)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("recommender: write the model: %w", err)
	}
	return nil
}
