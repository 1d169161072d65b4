package evaluate

import (
	"context"
	"math/rand/v2"

	"cheval/recommender/model"
)

// Cold is how well products are ranked that nobody has met yet.
type Cold struct {
	Products  int                `json:"products"` // held out of training
	Tested    int                `json:"tested_people"`
	Negatives int                `json:"negatives"` // other held out products beside each
	NDCG10    map[string]float64 `json:"ndcg@10"`
	HR10      map[string]float64 `json:"hr@10"`
	// Ratio is the two-tower's NDCG@10 by the content baseline's.
	Ratio float64 `json:"two_tower_by_content"`
}

// ColdProducts holds a tenth of the products out of training, drawn by seed,
// and ranks, for everybody who met one of them, their latest such product
// among 99 others of the tenth (or as many as there are). Only models that go
// by features can.
func ColdProducts(ctx context.Context, data *model.Data, seed uint64, progress func(done float64, what string)) (*Cold, error) {
	if err := data.Check(); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 13))
	held := make([]bool, data.Items)
	s := &Split{Train: &model.Data{Items: data.Items, Features: data.Features, Stated: data.Stated}}
	var cold []int32
	for _, i := range rng.Perm(data.Items)[:data.Items/10] {
		held[i] = true
		cold = append(cold, int32(i))
	}
	for _, seen := range data.People {
		var rest []model.Seen
		var met []int32
		target, now := int32(-1), int64(0)
		for _, e := range seen {
			met = append(met, e.Item)
			switch {
			case !held[e.Item]:
				rest, now = append(rest, e), e.At
			case e.Weight > 0:
				target = e.Item
			}
		}
		if len(rest) == 0 {
			target = -1
		}
		s.Train.People, s.Met = append(s.Train.People, rest), append(s.Met, met)
		s.Target, s.Now = append(s.Target, target), append(s.Now, now)
	}
	out := &Cold{Products: len(cold), Negatives: min(99, max(len(cold)-1, 0)), NDCG10: map[string]float64{}, HR10: map[string]float64{}}
	for k, m := range []model.Model{model.NewContent(), model.NewTwoTower()} {
		err := m.Train(ctx, s.Train, func(done float64) { progress((float64(k)+done)/2, m.Name()) })
		if err != nil {
			return nil, err
		}
		s.rankCold(m, cold, out, rand.New(rand.NewPCG(seed, 14)))
	}
	if c := out.NDCG10["content"]; c > 0 {
		out.Ratio = out.NDCG10["two-tower"] / c
	}
	return out, ctx.Err()
}

func (s *Split) rankCold(m model.Model, cold []int32, out *Cold, rng *rand.Rand) {
	scores := s.Scores(m)
	out.Tested = 0
	hr, ndcg := 0.0, 0.0
	for p, t := range s.Target {
		if t < 0 {
			continue
		}
		met := map[int32]bool{}
		for _, i := range s.Met[p] {
			met[i] = true
		}
		var others []int32
		for _, at := range rng.Perm(len(cold)) {
			if len(others) < out.Negatives && !met[cold[at]] {
				others = append(others, cold[at])
			}
		}
		place := Rank(scores[p], t, others)
		hr, ndcg = hr+HR(place, 10), ndcg+NDCG(place, 10)
		out.Tested++
	}
	n := float64(max(out.Tested, 1))
	out.HR10[m.Name()], out.NDCG10[m.Name()] = hr/n, ndcg/n
}
