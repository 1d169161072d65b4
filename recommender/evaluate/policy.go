package evaluate

import (
	"fmt"
	"math"
)

// Logged is one place of a list that was shown: the chance that the policy
// then gave to what was shown, the chance that another policy gives, and what
// came of it.
type Logged struct {
	Propensity float64 // 0..1, above 0
	New        float64 // 0..1
	Reward     float64
}

// Value is what a policy would bring a place, with its 95 % interval.
type Value struct {
	Mean     float64  `json:"mean"`
	Interval Interval `json:"interval"`
	Places   int      `json:"places"`
	// Effective is how many places of its own the estimate is worth (Kish).
	Effective float64 `json:"effective"`
}

// IPS estimates the value of a policy from the log of another by inverse
// propensity scores (Horvitz & Thompson 1952): the mean of New/Propensity·Reward,
// unbiased where every propensity that New needs is above 0.
func IPS(log []Logged) (Value, error) {
	n := float64(len(log))
	if n < 2 {
		return Value{}, fmt.Errorf("recommender: a policy is estimated from two logged places or more, not %d", len(log))
	}
	sum, sq, weights, weights2 := 0.0, 0.0, 0.0, 0.0
	for i, l := range log {
		if !(l.Propensity > 0 && l.Propensity <= 1 && l.New >= 0 && l.New <= 1) || math.IsNaN(l.Reward) || math.IsInf(l.Reward, 0) {
			return Value{}, fmt.Errorf("recommender: logged place %d has propensity %g, new %g and reward %g", i+1, l.Propensity, l.New, l.Reward)
		}
		w := l.New / l.Propensity
		sum, sq = sum+w*l.Reward, sq+w*l.Reward*w*l.Reward
		weights, weights2 = weights+w, weights2+w*w
	}
	mean := sum / n
	half := 1.96 * math.Sqrt(max(sq/n-mean*mean, 0)/(n-1))
	v := Value{Mean: mean, Interval: Interval{mean - half, mean + half}, Places: len(log)}
	if weights2 > 0 {
		v.Effective = weights * weights / weights2
	}
	return v, nil
}
