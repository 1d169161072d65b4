# Two commands: make run, make test. The rest is what they are made of, and
# what a developer asks for now and then.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export GOFLAGS ?= -buildvcs=false

STATICCHECK := build/tools/staticcheck-v0.8.2
GOSOURCES    = $(shell find . -name '*.go' -not -path './build/*') go.mod go.sum $(shell find assets -type f)

.PHONY: help run test test-long bench setup packages models lint fuzz clean train-encoder train-designer train-refiner train-enhancer evaluate-models

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup ## set up what is missing, then open the app (a demo with pictures where there is no display)
	@scripts/run.sh

test: setup lint ## everything that checks the project, race detector included
	scripts/xvfb.sh go test ./...
	scripts/xvfb.sh go test -race -timeout 20m ./...
	scripts/train.sh test
	$(MAKE) train-encoder SMOKE=1

test-long: setup ## what takes minutes: fuzzing, soaks, installing from nothing
	scripts/xvfb.sh go test -tags long -timeout 60m ./...
	scripts/fuzz.sh
	$(MAKE) train-encoder SMOKE=1
	$(MAKE) train-designer SMOKE=1
	$(MAKE) train-refiner SMOKE=1
	$(MAKE) train-enhancer SMOKE=1

bench: setup ## the mirror's figures on this machine
	scripts/xvfb.sh build/cheval bench mirror

setup: packages build/cheval models

packages:
	@scripts/packages.sh

models: build/cheval ## install and verify the pretrained models
	@build/cheval models install

build/cheval: $(GOSOURCES)
	@echo "set-up: building Cheval (some 4 minutes the first time, seconds after)" >&2
	@mkdir -p build
	go build -o build/cheval .

train-encoder: ## train the picture encoder (PHOTOS=DIR; SMOKE=1: two minutes, on drawn garments)
	scripts/train.sh encoder $(if $(SMOKE),--smoke)

train-designer: ## train the designer and its baseline, the same way
	scripts/train.sh designer $(if $(SMOKE),--smoke)

train-refiner: ## train the refiner on path-traced pairs (scripts/train.sh pairs makes them; SMOKE=1: a minute, on drawn ones)
	scripts/train.sh refiner $(if $(SMOKE),--smoke)

train-enhancer: ## train the correction of colour and light, the same way
	scripts/train.sh enhancer $(if $(SMOKE),--smoke)

evaluate-models: setup ## the cards' figures again, from the committed weights (PHOTOS=DIR)
	scripts/train.sh evaluate

lint: $(STATICCHECK) ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$unformatted" ]; then echo "lint: not gofmt'd: $$unformatted" >&2; exit 1; fi
	go vet ./...
	$(STATICCHECK) ./...

$(STATICCHECK):
	@echo "set-up: building the linter" >&2
	@mkdir -p build/tools
	GOBIN=$(CURDIR)/build/tools go install honnef.co/go/tools/cmd/staticcheck@v0.8.2
	@mv build/tools/staticcheck $@

clean: ## remove what was built (models and settings stay)
	rm -rf build out
