// A layer of GLIF neurons over all time steps in one pass: forward operation for operation as in EagerGlif.cs, backward with the
// equations of GlifBackward.cs. The gains of the time steps and the scalars behind them, [SCALARS], stay on the device.

// Where the scalars lie. The sums that their gradients need are in the same order: with g the gradient of a membrane, v the membrane one
// time step earlier and s its spike, those of g x[t], g v, g, the direct part of g, g v s, and g s.
enum { KEEP = STEPS, LEAK, THRESHOLD, SHARE, DROP, SCALARS };

// The layer's equations for one neuron and one time step.
struct Gates
{
    const float* gain;
    float keep, leak, threshold, share, drop, alpha, beta;

    DEVICE Gates(const Pass& pass)
        : gain(pass.rate), keep(gain[KEEP]), leak(gain[LEAK]), threshold(gain[THRESHOLD]), share(gain[SHARE]), drop(gain[DROP]),
          alpha(pass.alpha), beta(pass.beta)
    {
    }
    DEVICE float spike(float h) const { return h - threshold >= 0 ? 1 : 0; }
    DEVICE float slope(float h) const { return SLOPE_NAMED(SLOPE)(h - threshold, alpha, beta); }
    // The membrane at time step t, from that of the one before. At the first there is none.
    DEVICE float charge(float v, float x, int t) const
    {
        float first = x * gain[t] - leak;
        if (t == 0)
        {
            return first;
        }
        // Products and not selections, so an infinite v leaves NaN.
        float kept = keep * v, s = spike(v);
        return first + kept - kept * share * s - drop * s;
    }
};

template <int Lanes>
DEVICE void fire(const Pass& pass)
{
    long long first = ((long long)blockIdx.x * THREADS + threadIdx.x) * Lanes;
    if (first >= pass.lanes)
    {
        return;
    }
    Pack<Lanes> x[STEPS];
    load_steps(x, pass.x, pass.x_stride, first);
    Gates gates(pass);
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        float h = 0;
#pragma unroll
        for (int t = 0; t < STEPS; t++)
        {
            h = gates.charge(h, x[t].lane[i].value(), t);
            x[t].lane[i] = gates.spike(h) == 1 ? STORAGE::one() : STORAGE{0};
        }
    }
    store_steps(x, pass.result, pass.lanes, first);
}

// A neuron's time steps, there and back: turns the gradients of its spikes into those of its currents, and adds to the sums.
DEVICE void go_through(const Gates& gates, const float (&current)[STEPS], float (&gradient)[STEPS], float (&sums)[SCALARS])
{
    float h[STEPS];
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        h[t] = gates.charge(t == 0 ? 0 : h[t - 1], current[t], t);
    }
    float of_next = 0;
#pragma unroll
    for (int t = STEPS - 1; t >= 0; t--)
    {
        float direct = gradient[t], carried = 0;
        // Not at the last time step: a product with 0 would turn an infinite membrane into NaN.
        if (t < STEPS - 1)
        {
            direct = direct - of_next * (h[t] * (gates.keep * gates.share) + gates.drop);
            carried = of_next * (gates.keep - gates.keep * gates.share * gates.spike(h[t]));
        }
        direct = direct * gates.slope(h[t]);
        of_next = direct + carried;
        sums[t] += of_next * current[t];
        sums[LEAK] += of_next;
        sums[THRESHOLD] += direct;
        if (t > 0)
        {
            float spiked = of_next * gates.spike(h[t - 1]);
            sums[KEEP] += of_next * h[t - 1];
            sums[SHARE] += spiked * h[t - 1];
            sums[DROP] += spiked;
        }
        gradient[t] = of_next * gates.gain[t];
    }
}

// Each block takes every pass.blocks-th part of the neurons, so that a block adds up its threads' sums only once. They are float32 over
// the adjacent neurons of a thread, and float64 beyond.
template <int Lanes>
DEVICE void go_back(const Pass& pass)
{
    Gates gates(pass);
    double own[SCALARS] = {};
    long long first = ((long long)blockIdx.x * THREADS + threadIdx.x) * Lanes;
    for (; first < pass.lanes; first += pass.blocks * THREADS * Lanes)
    {
        Pack<Lanes> x[STEPS], gradient[STEPS];
        load_steps(x, pass.x, pass.x_stride, first);
        load_steps(gradient, pass.spike_gradient, pass.gradient_stride, first);
        float sums[SCALARS] = {};
#pragma unroll
        for (int i = 0; i < Lanes; i++)
        {
            float current[STEPS], through[STEPS];
            take(x, i, current);
            take(gradient, i, through);
            go_through(gates, current, through, sums);
            put(gradient, i, through);
        }
        store_steps(gradient, pass.result, pass.lanes, first);
#pragma unroll
        for (int i = 0; i < SCALARS; i++)
        {
            own[i] += sums[i];
        }
    }
    if (!pass.sums)
    {
        return;
    }
#pragma unroll
    for (int i = 0; i < SCALARS; i++)
    {
        double total = sum_threads(own[i]);
        if (threadIdx.x == 0)
        {
            pass.sums[i * pass.blocks + blockIdx.x] = total;
        }
    }
}

extern "C" __global__ void fire_one(Pass pass) { fire<1>(pass); }
extern "C" __global__ void fire_wide(Pass pass) { fire<WIDE>(pass); }
extern "C" __global__ void back_one(Pass pass) { go_back<1>(pass); }
extern "C" __global__ void back_wide(Pass pass) { go_back<WIDE>(pass); }

// One block: the gradients of the gains and scalars from the sums of all blocks of a backward pass, [SCALARS, blocks].
extern "C" __global__ void gather(Pass pass)
{
    double total[SCALARS];
#pragma unroll
    for (int i = 0; i < SCALARS; i++)
    {
        double own = 0;
        for (long long block = threadIdx.x; block < pass.blocks; block += THREADS)
        {
            own += pass.sums[i * pass.blocks + block];
        }
        total[i] = sum_threads(own);
    }
    if (threadIdx.x != 0)
    {
        return;
    }
    double keep = pass.rate[KEEP], share = pass.rate[SHARE];
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        pass.w_gradient[t] = (float)total[t];
    }
    pass.w_gradient[KEEP] = (float)(total[KEEP] - share * total[SHARE]);
    pass.w_gradient[LEAK] = (float)-total[LEAK];
    pass.w_gradient[THRESHOLD] = (float)-total[THRESHOLD];
    pass.w_gradient[SHARE] = (float)(-keep * total[SHARE]);
    pass.w_gradient[DROP] = (float)-total[DROP];
}
