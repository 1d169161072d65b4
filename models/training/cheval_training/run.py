"""What every training shares: options, batches, checkpoints, several
processes, and the losses written as tables and pictures."""
import argparse
import csv
import json
import os
import subprocess
import time

import numpy as np
import torch
import torch.distributed as dist


def options(description, **defaults):
    """The command line of a training; defaults are those of --out, --steps, --batch."""
    p = argparse.ArgumentParser(description=description)
    p.add_argument("--cache", required=True, help="folder of the prepared products")
    p.add_argument("--out", required=True, help="folder of checkpoints, tables and pictures")
    p.add_argument("--steps", type=int, default=defaults["steps"])
    p.add_argument("--batch", type=int, default=defaults["batch"], help="of each process")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--save-every", type=float, default=180, help="seconds between checkpoints")
    return p


def start(a):
    """Threads, processes (torchrun's, gloo) and the output folder."""
    torch.set_num_threads(a.threads)
    if "WORLD_SIZE" in os.environ and int(os.environ["WORLD_SIZE"]) > 1:
        dist.init_process_group("gloo")
    os.makedirs(a.out, exist_ok=True)


def fast():
    """Convolutions in bfloat16, which halves their time; weights stay float32."""
    return torch.autocast("cpu", torch.bfloat16)


def world():
    """This process's number and how many there are."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank(), dist.get_world_size()
    return 0, 1


def share(*modules):
    """Makes the gradients of modules the mean over all processes; call after backward."""
    _, n = world()
    if n == 1:
        return
    for m in modules:
        for p in m.parameters():
            if p.grad is not None:
                dist.all_reduce(p.grad)
                p.grad /= n


def alike(*modules):
    """Gives every process the weights of the first."""
    if world()[1] > 1:
        for m in modules:
            for t in m.state_dict().values():
                dist.broadcast(t, 0)


def chance(seed, step, rank=0):
    """The random numbers of one step. They depend on nothing before it, so that
    a training that was stopped goes on exactly as if it had not been."""
    return np.random.default_rng((seed, rank, step))


def noise(rng, *shape):
    """Standard normal numbers as a tensor."""
    return torch.from_numpy(rng.standard_normal(shape, np.float32))


class Checkpoint:
    """The state of a training in OUT/checkpoint.pt, whole at any time."""

    def __init__(self, out, every):
        self.path = os.path.join(out, "checkpoint.pt")
        self.every, self.last = every, time.time()

    def load(self, parts):
        """Fills parts (name to module or optimiser) and gives the next step."""
        if not os.path.exists(self.path):
            return 0, 0.0
        state = torch.load(self.path, map_location="cpu")
        for name, part in parts.items():
            part.load_state_dict(state[name])
        return state["step"], state["seconds"]

    def due(self):
        return time.time() - self.last > self.every

    def save(self, parts, step, seconds):
        """Written beside, forced to disk, then renamed: a full disk leaves the last one."""
        self.last = time.time()
        if world()[0] != 0:
            return
        state = {name: part.state_dict() for name, part in parts.items()}
        state.update(step=step, seconds=seconds)
        write_whole(self.path, lambda f: torch.save(state, f))


def write_whole(path, write):
    """Calls write with a file that becomes path only when it is complete."""
    part = path + ".part"
    try:
        with open(part, "wb") as f:
            write(f)
            f.flush()
            os.fsync(f.fileno())
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.remove(part)
        raise


def write_json(path, value):
    write_whole(path, lambda f: f.write((json.dumps(value, indent=1) + "\n").encode()))


def stage_of(out):
    """How far the training in folder out has come."""
    state = torch.load(os.path.join(out, "checkpoint.pt"), map_location="cpu")
    return {"steps": state["step"], "minutes": round(state["seconds"] / 60, 1)}


def note(weights, name, **parts):
    """Puts parts into the card WEIGHTS/NAME.card.json and gives what they replace."""
    path = os.path.join(weights, name + ".card.json")
    card = {}
    if os.path.exists(path):
        with open(path) as f:
            card = json.load(f)
    before = {k: card.get(k) for k in parts}
    write_json(path, {**card, **parts})
    return before


def rows_of(path):
    """The rows of a table; none where there is none yet."""
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return list(csv.DictReader(f))


class Table:
    """Rows of figures, appended to OUT/NAME.csv; draw makes OUT/NAME.png of it."""

    def __init__(self, out, name, columns, step):
        self.path, self.columns = os.path.join(out, name + ".csv"), columns
        rows = [r for r in rows_of(self.path) if int(r["step"]) <= step]  # what a lost run wrote after its checkpoint goes
        with open(self.path, "w", newline="") as f:
            w = csv.DictWriter(f, ["step"] + columns)
            w.writeheader()
            w.writerows(rows)

    def add(self, step, **figures):
        if world()[0] != 0:
            return
        with open(self.path, "a", newline="") as f:
            csv.DictWriter(f, ["step"] + self.columns).writerow(
                {"step": step, **{k: f"{v:.5g}" for k, v in figures.items()}})

    def draw(self):
        if world()[0] != 0:
            return
        import matplotlib
        matplotlib.use("Agg")
        from matplotlib import pyplot
        rows = rows_of(self.path)
        fig, axes = pyplot.subplots(len(self.columns), 1, figsize=(7, 1.6 * len(self.columns)), sharex=True, squeeze=False)
        for ax, name in zip(axes[:, 0], self.columns):
            points = [(int(r["step"]), float(r[name])) for r in rows if r[name]]
            if points:
                ax.plot(*zip(*points))
            ax.set_ylabel(name, fontsize=7)
        axes[-1, 0].set_xlabel("step")
        fig.savefig(self.path[:-3] + "png", dpi=90)
        pyplot.close(fig)


def optimiser(rate, *modules, betas=(0.9, 0.99)):
    return torch.optim.AdamW([p for m in modules for p in m.parameters()], rate, betas, weight_decay=1e-4)


def descend(loss, opt, *modules):
    opt.zero_grad(set_to_none=True)
    loss.backward()
    share(*modules)
    opt.step()


class Stage:
    """One stage's loop: resume, rate, tables, checkpoints, until steps or minutes are spent."""

    def __init__(self, a, name, columns, parts):
        self.a, self.out, self.parts = a, os.path.join(a.out, name), parts
        os.makedirs(self.out, exist_ok=True)
        self.checkpoint = Checkpoint(self.out, a.save_every)
        self.first, self.spent = self.checkpoint.load(parts)
        self.table = Table(self.out, "losses", columns, self.first)
        self.rank = world()[0]
        self.enough = False  # set by measure: no better network is to be expected

    def loop(self, do, measure=None):
        """do(step, rng) gives a step's figures; measure(step) those of every
        a.measure_every steps."""
        began, sums, a = time.time(), [], self.a
        for step in range(self.first, a.steps):
            figures = do(step, chance(a.seed, step, self.rank))
            finite(step, **figures)
            sums.append(figures)
            done = step + 1
            spent = self.spent + time.time() - began
            if done % 20 == 0 or done == a.steps:
                means = {k: float(np.mean([s[k] for s in sums])) for k in figures}
                if measure and (done % a.measure_every == 0 or done == a.steps):
                    means.update(measure(done))
                self.table.add(done, **means)
                print(done, {k: round(v, 4) for k, v in means.items()}, f"{spent:.0f} s", flush=True)
                sums = []
            late = self.enough or a.minutes and time.time() - began > a.minutes * 60
            if self.checkpoint.due() or done == a.steps or late:
                self.checkpoint.save(self.parts, done, spent)
            if late:
                break
        self.table.draw()


class Mean:
    """An exponential average of a module's weights."""

    def __init__(self, module, decay):
        import copy
        self.module, self.decay = copy.deepcopy(module).eval(), decay
        for p in self.module.parameters():
            p.requires_grad_(False)

    def update(self, module, step):
        d = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            for mine, new in zip(self.module.state_dict().values(), module.state_dict().values()):
                if mine.dtype.is_floating_point:
                    mine.lerp_(new, 1 - d)
                else:
                    mine.copy_(new)

    def state_dict(self):
        return self.module.state_dict()

    def load_state_dict(self, state):
        self.module.load_state_dict(state)


def finite(step, **losses):
    """Stops a training whose losses are no numbers, before it saves them."""
    for name, v in losses.items():
        if not np.isfinite(v):
            raise SystemExit(f"training: {name} is {v} at step {step}; the last checkpoint is whole: "
                             "lower the learning rate and go on from it")


def commit():
    """The commit of the code that runs, with + where it has changes."""
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        name = subprocess.run(["git", "-C", here, "rev-parse", "--short=12", "HEAD"],
                              capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run(["git", "-C", here, "status", "--porcelain", "--", here],
                                 capture_output=True, text=True, check=True).stdout.strip()
        return name + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
