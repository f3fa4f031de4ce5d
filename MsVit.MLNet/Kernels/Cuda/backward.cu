// Backward: recharges the neurons from their input, then runs backward through time.

// A neuron's time steps, there and back: turns the gradients of its spikes into those of its currents. Returns its part of the gradient
// of the rate, which is compiled away if no rate is learned.
DEVICE float go_through(const Membrane& membrane, const float (&current)[STEPS], float (&gradient)[STEPS])
{
    float h[STEPS], driven[STEPS];
    float v = membrane.rest;
#pragma unroll
    for (int t = 0; t < STEPS; t++)
    {
        driven[t] = membrane.drive(v, current[t]);
        h[t] = membrane.charge(v, current[t]);
        v = membrane.reset(h[t], membrane.spike(h[t]));
    }
    float of_v = 0, of_rate = 0;
#pragma unroll
    for (int t = STEPS - 1; t >= 0; t--)
    {
        float of_h = membrane.gradient(h[t], gradient[t], of_v);
        float leaked = membrane.leak(of_h);
        of_rate += of_h * driven[t];
        of_v = of_h - leaked;
        gradient[t] = DECAYS_INPUT ? leaked : of_h;
    }
    return of_rate;
}

template <int Lanes>
DEVICE void go_back(const Pass& pass)
{
    long long first = ((long long)blockIdx.x * THREADS + threadIdx.x) * Lanes;
    double of_rate = 0;
    if (first < pass.lanes)
    {
        Pack<Lanes> x[STEPS], gradient[STEPS];
        load_steps(x, pass.x, pass.x_stride, first);
        load_steps(gradient, pass.spike_gradient, pass.gradient_stride, first);
        Membrane membrane(pass);
#pragma unroll
        for (int i = 0; i < Lanes; i++)
        {
            float current[STEPS], through[STEPS];
            take(x, i, current);
            take(gradient, i, through);
            of_rate += go_through(membrane, current, through);
            put(gradient, i, through);
        }
        store_steps(gradient, pass.result, pass.lanes, first);
    }
    if (LEARNS && pass.sums)
    {
        double total = sum_threads(of_rate);
        if (threadIdx.x == 0)
        {
            pass.sums[blockIdx.x] = total;
        }
    }
}

extern "C" __global__ void back_one(Pass pass) { go_back<1>(pass); }
extern "C" __global__ void back_wide(Pass pass) { go_back<WIDE>(pass); }

// One block: the gradient of w from the sums of all blocks of a backward pass.
extern "C" __global__ void gather(Pass pass)
{
    double own = 0;
    for (long long block = threadIdx.x; block < pass.blocks; block += THREADS)
    {
        own += pass.sums[block];
    }
    double total = sum_threads(own);
    if (threadIdx.x == 0)
    {
        double rate = *pass.rate;
        *pass.w_gradient = (float)(total * rate * (1 - rate));
    }
}
