// Rules by which numbers move along gradients.

/** Adam with bias correction, as its paper has it. */
export class Adam {
  constructor(size, rate) {
    this.rate = rate;
    this.m = new Float64Array(size);
    this.v = new Float64Array(size);
    this.time = 0;
  }

  move(numbers, gradient) {
    this.time++;
    gradient.forEach((g, i) => {
      this.m[i] = 0.9 * this.m[i] + 0.1 * g;
      this.v[i] = 0.999 * this.v[i] + 0.001 * g * g;
      const mean = this.m[i] / (1 - 0.9 ** this.time);
      numbers[i] -= (this.rate * mean) / (Math.sqrt(this.v[i] / (1 - 0.999 ** this.time)) + 1e-8);
    });
  }
}

/** d = gradient + decay w; m = momentum m + d; w -= rate m. */
export class Descent {
  constructor(size, { rate, momentum = 0, decay = 0 }) {
    Object.assign(this, { rate, momentum, decay, m: new Float64Array(size) });
  }

  move(numbers, gradient) {
    gradient.forEach((g, i) => {
      this.m[i] = this.momentum * this.m[i] + g + this.decay * numbers[i];
      numbers[i] -= this.rate * this.m[i];
    });
  }
}
