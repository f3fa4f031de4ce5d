// The layer's equations for one neuron and one time step.
struct Membrane
{
    float threshold, rest, constant, alpha, beta, levels;

    DEVICE Membrane(const Pass& pass)
        : threshold(pass.threshold), rest(pass.rest), constant(LEARNS ? *pass.rate : pass.leak), alpha(pass.alpha), beta(pass.beta),
          levels(pass.levels)
    {
    }
    DEVICE float leak(float y) const { return COUNTS ? y * (1 - constant) : DIVIDES ? y / constant : y * constant; }
    // What leaks.
    DEVICE float drive(float v, float x) const { return DECAYS_INPUT ? x - (v - rest) : 0 - (v - rest); }
    DEVICE float charge(float v, float x) const
    {
        if (COUNTS)
        {
            return v * constant + x;
        }
        float h = v + leak(drive(v, x));
        return DECAYS_INPUT ? h : h + x;
    }
    DEVICE float spike(float h) const { return COUNTS ? count(h) : h - threshold >= 0 ? 1 : 0; }
    // Ties to even. Comparisons and not fminf, because NaN stays NaN.
    DEVICE float count(float h) const { return rintf(h < 0 ? 0 : h > levels ? levels : h); }
    // A product and not a selection, so an infinite h leaves NaN.
    DEVICE float reset(float h, float s) const { return SOFT_RESET ? h - s * threshold : h * (1 - s) + s * rest; }
    DEVICE float slope(float h) const
    {
        return COUNTS ? (h >= 0 && h <= levels ? 1 : 0) : SLOPE_NAMED(SLOPE)(h - threshold, alpha, beta);
    }

    // The gradient of h[t] from those of s[t] and v[t].
    DEVICE float gradient(float h, float of_spike, float of_v) const
    {
        float s = spike(h);
        float through_reset = DETACHES_RESET ? 0 : SOFT_RESET ? of_v * threshold : of_v * (h - rest);
        return (of_spike - through_reset) * slope(h) + (SOFT_RESET ? of_v : of_v * (1 - s));
    }
};
