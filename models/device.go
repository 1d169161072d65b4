package models

import "fmt"

// Device says where models are to run.
type Device string

// The devices that a person can ask for.
const (
	// Auto times the face mesh on what is there and takes the faster.
	Auto Device = "auto"
	CPU  Device = "cpu"
	// CUDA falls back to the CPU, and says why, where there is none.
	CUDA Device = "cuda"
)

// ParseDevice reads what a person typed.
func ParseDevice(s string) (Device, error) {
	switch d := Device(s); d {
	case Auto, CPU, CUDA:
		return d, nil
	}
	return "", fmt.Errorf("models: device %q is not one of auto, cpu, cuda", s)
}

// CUDATolerance bounds how far a model's results on CUDA may lie from those on
// the CPU: |d| ≤ CUDATolerance·(1 + the output's largest magnitude), a tenth
// of a pixel for the face mesh. Both compute in float32 and differ by the order
// of sums. (Logits of the pose's mask are compared after the sigmoid.)
const CUDATolerance = 5e-4

// Provider tells which device was asked for, which one really runs the models,
// and why it is that one: a single line for a person.
type Provider struct {
	Asked Device `json:"asked"`
	Ran   Device `json:"ran"`
	Why   string `json:"why"`
}

// choice is what is known when a device is chosen.
type choice struct {
	asked Device
	// noCUDA says in one line why CUDA cannot run here; nil where it can.
	noCUDA error
	// cpuMS and cudaMS are the probe's best times in milliseconds, 0 where it
	// was not timed.
	cpuMS, cudaMS float64
}

// choose picks the device. Only auto compares times.
func choose(c choice) Provider {
	p := Provider{Asked: c.asked, Ran: CPU}
	switch {
	case c.asked == CPU:
		p.Why = "asked for"
	case c.noCUDA != nil && c.asked == CUDA:
		p.Why = fmt.Sprintf("CUDA was asked for but cannot run here: %v", c.noCUDA)
	case c.noCUDA != nil:
		p.Why = fmt.Sprintf("the only device: %v", c.noCUDA)
	case c.asked == CUDA:
		p.Ran, p.Why = CUDA, "asked for"
	default:
		if c.cudaMS < c.cpuMS {
			p.Ran = CUDA
		}
		p.Why = fmt.Sprintf("the faster: face mesh %.2f ms on the CPU, %.2f ms on CUDA", c.cpuMS, c.cudaMS)
	}
	return p
}
