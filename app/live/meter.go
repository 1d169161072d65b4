package live

import (
	"slices"
	"sync"
	"time"
)

// span is how much of the past rates and delays are taken over.
const span = 2 * time.Second

// meter counts events of the last span, with a duration each. Any goroutine
// may use it; it keeps the newest 256.
type meter struct {
	mu      sync.Mutex
	at      [256]time.Time
	took    [256]time.Duration
	n       int // events so far
	scratch [256]time.Duration
}

func (m *meter) add(at time.Time, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.n % len(m.at)
	m.at[i], m.took[i] = at, took
	m.n++
}

// rate is how many events came a second until now.
func (m *meter) rate(now time.Time) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	count, oldest := 0, now
	for i := range min(m.n, len(m.at)) {
		if now.Sub(m.at[i]) <= span {
			count++
			if m.at[i].Before(oldest) {
				oldest = m.at[i]
			}
		}
	}
	if m.n <= count { // it began within the span
		if d := now.Sub(oldest).Seconds(); count > 1 && d > 0.25 {
			return float64(count-1) / d
		}
		return 0
	}
	return float64(count) / span.Seconds()
}

// quantile is the duration that a share q of the events until now kept to.
func (m *meter) quantile(now time.Time, q float64) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for i := range min(m.n, len(m.at)) {
		if now.Sub(m.at[i]) <= span {
			m.scratch[n] = m.took[i]
			n++
		}
	}
	if n == 0 {
		return 0
	}
	slices.Sort(m.scratch[:n])
	return m.scratch[min(int(q*float64(n)), n-1)]
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n = 0
}

// smooth moves a running mean a tenth of the way to a new value.
func smooth(mean *time.Duration, now time.Duration) {
	if *mean == 0 {
		*mean = now
		return
	}
	*mean += (now - *mean) / 10
}
