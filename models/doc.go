// Package models knows every model that Cheval runs: where it comes from, how
// it is installed, verified and converted, and how it runs (ONNX Runtime, on
// the CPU or CUDA).
//
// It leaves to others what goes into a model and what comes out means.
package models
