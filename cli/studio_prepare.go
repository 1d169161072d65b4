package cli

import (
	"context"
	"fmt"
	"os"

	"cheval/studio"
	"cheval/studio/enhance"
	"cheval/studio/photo"

	"github.com/spf13/cobra"
)

// prepareFlags say what shop picture is made, or what training pictures.
type prepareFlags struct {
	out      string
	given    sliders
	plan     studio.Plan
	backdrop string
	shadow   string
	crooked  bool

	training bool
	augment  enhance.Augment
}

func newPrepareCmd(version string) *cobra.Command {
	f := prepareFlags{plan: studio.ShopPlan()}
	cmd := &cobra.Command{
		Use:   "prepare IN --out OUT",
		Short: "Make the shop's picture of a photo: cut out, straightened, cropped, enhanced, on a background",
		Long: `Make the shop's picture of a photo, or of a folder of them: cut out,
straightened, cropped to a margin, enhanced, on a background.

With --training, OUT is a folder, and of each photo as many pictures are made
as --variants says: cut out, framed and enhanced alike, then flipped, turned,
cropped and recoloured by the seed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan, err := f.check()
			if err != nil {
				return err
			}
			if f.training {
				return f.train(cmd, version, args[0], plan)
			}
			return makeAll(cmd, version, args[0], f.out, func(s *studio.Studio) maker {
				return single(func(ctx context.Context, p *photo.Photo) (*studio.Picture, error) { return f.make(ctx, s, p, plan) })
			})
		},
	}
	f.add(cmd)
	addDevice(cmd)
	return cmd
}

func (f *prepareFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", "", "the `PICTURE` (or folder) that is written")
	fl.StringVar(&f.backdrop, "background", "white", "`white`, grey or transparent")
	fl.StringVar(&f.shadow, "shadow", "soft", "`soft`, contact or none")
	fl.Float64Var(&f.plan.Framing.Margin, "margin", f.plan.Framing.Margin, "around the product, as a part of the picture's side")
	fl.IntVar(&f.plan.Framing.Size, "size", 0, "longer side in pixels; 0 as the photo has them")
	fl.StringVar(&f.plan.Colour, "colour", "", "recolour the product to this name or #rrggbb")
	fl.BoolVar(&f.crooked, "as-laid", false, "do not straighten")
	f.given.add(cmd)
	fl.BoolVar(&f.training, "training", false, "make pictures to train on")
	fl.IntVar(&f.augment.Variants, "variants", 8, "training: pictures made of each photo")
	fl.IntVar(&f.augment.Side, "side", 128, "training: side in pixels")
	fl.Int64Var(&f.augment.Seed, "seed", 1, "training: what chance starts from")
}

// check reads the flags that have a grammar.
func (f *prepareFlags) check() (studio.Plan, error) {
	plan := f.plan
	plan.Backdrop, plan.Shadow = enhance.Backdrop(f.backdrop), enhance.Shadow(f.shadow)
	plan.Straighten = !f.crooked
	if plan.Backdrop != enhance.White && plan.Backdrop != enhance.Grey && plan.Backdrop != enhance.Transparent {
		return plan, usagef("studio prepare: a background %q; there are white, grey and transparent", f.backdrop)
	}
	if plan.Shadow != enhance.Soft && plan.Shadow != enhance.Contact && plan.Shadow != enhance.NoShadow {
		return plan, usagef("studio prepare: a shadow %q; there are soft, contact and none", f.shadow)
	}
	if m := plan.Framing.Margin; m < 0 || m > 0.4 {
		return plan, usagef("studio prepare: a margin of %g; it goes from 0 to 0.4", m)
	}
	if s := plan.Framing.Size; s < 0 || s > 8192 {
		return plan, usagef("studio prepare: a size of %d; it goes to 8192 pixels", s)
	}
	if plan.Colour != "" {
		if _, err := enhance.ParseColour(plan.Colour); err != nil {
			return plan, usageError{err}
		}
	}
	if f.training {
		if err := f.augment.Check(); err != nil {
			return plan, usageError{err}
		}
	}
	_, err := f.given.over(enhance.Estimate{})
	return plan, err
}

func (f *prepareFlags) make(ctx context.Context, s *studio.Studio, p *photo.Photo, plan studio.Plan) (*studio.Picture, error) {
	cut, err := s.CutOut(ctx, p)
	if err != nil {
		return nil, err
	}
	a, err := f.given.over(cut.Estimate)
	if err != nil {
		return nil, err
	}
	plan.Adjust = &a
	return s.Make(ctx, cut, plan)
}

// train makes the pictures to train on: NAME-00.png … of each photo.
func (f *prepareFlags) train(cmd *cobra.Command, version, in string, plan studio.Plan) error {
	if f.out == "" {
		return usagef("studio prepare: say with --out which folder the pictures go to")
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("studio: make the folder %s: %w", f.out, err)
	}
	plan.Framing.Square = true
	shown, shadow := plan.Backdrop, plan.Shadow
	plan.Backdrop, plan.Shadow = enhance.Transparent, enhance.NoShadow
	return makeAll(cmd, version, in, f.out, func(s *studio.Studio) maker {
		return func(ctx context.Context, name string, p *photo.Photo) ([]*studio.Picture, error) {
			framed, err := f.make(ctx, s, p, plan)
			if err != nil {
				return nil, err
			}
			return s.Vary(ctx, framed, name, f.augment, shown, shadow)
		}
	})
}
