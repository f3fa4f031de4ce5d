// Batch norm in training and the neurons behind it: statistics, then forward.cu; backward in two kernels. Values are dense and channels
// last: rows of channels. A block has GROUP adjacent channels and a run of rows. The last block of a group to end adds up what all its
// blocks have, in the order of their runs, so that two runs of a kernel give the same bits.

#define GROUP 32
#define MOST_BLOCKS 1024

// Sums of each block for its channels, and how many blocks of each group have written theirs. A kernel leaves all counts at 0, and kernels
// run one after the other, because all are launched on one stream.
__device__ double block_sums[MOST_BLOCKS][2 * GROUP];
__device__ unsigned arrived[MOST_BLOCKS];

// The part of a thread: Lanes adjacent channels of every DOWN-th row of its block's run.
template <int Lanes>
struct Tile
{
    static constexpr int ACROSS = GROUP / Lanes, DOWN = THREADS / ACROSS;
    unsigned group;
    long long channels, channel, first, end;

    DEVICE Tile(const Pass& pass, long long rows)
        : group((unsigned)(blockIdx.x % pass.groups)), channels(pass.channels),
          channel((long long)group * GROUP + threadIdx.x % ACROSS * Lanes)
    {
        long long run = blockIdx.x / pass.groups;
        first = rows * run / pass.runs + threadIdx.x / ACROSS;
        end = channel < channels ? rows * (run + 1) / pass.runs : 0;
    }
};

// The sum over a block's threads for each channel, in the thread with the channel's number. All threads of the block call it.
template <int Lanes>
DEVICE double sum_rows(const double (&own)[Lanes])
{
    __shared__ double sums[THREADS * Lanes];
    __syncthreads();
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        sums[threadIdx.x * Lanes + i] = own[i];
    }
    __syncthreads();
    double total = 0;
    if (threadIdx.x < GROUP)
    {
        for (int row = 0; row < Tile<Lanes>::DOWN; row++)
        {
            total += sums[row * GROUP + threadIdx.x];
        }
    }
    return total;
}

// Two sums over all rows for each channel, in the thread with the channel's number within the group. True in the block that has them:
// the last one of its group.
template <int Lanes>
DEVICE bool sum_runs(const Pass& pass, const Tile<Lanes>& tile, double (&own)[Lanes], double (&other)[Lanes], double& sum, double& second)
{
    __shared__ bool is_last;
    sum = sum_rows<Lanes>(own);
    second = sum_rows<Lanes>(other);
    if (threadIdx.x < GROUP)
    {
        block_sums[blockIdx.x][threadIdx.x] = sum;
        block_sums[blockIdx.x][GROUP + threadIdx.x] = second;
    }
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0)
    {
        // Back to 0 in the last block.
        is_last = atomicInc(&arrived[tile.group], (unsigned)pass.runs - 1) == pass.runs - 1;
    }
    __syncthreads();
    if (!is_last)
    {
        return false;
    }
    __threadfence();
    double one[1] = {0}, two[1] = {0};
    for (long long run = threadIdx.x / GROUP; run < pass.runs; run += THREADS / GROUP)
    {
        const volatile double* of_block = block_sums[run * pass.groups + tile.group];
        one[0] += of_block[threadIdx.x % GROUP];
        two[0] += of_block[GROUP + threadIdx.x % GROUP];
    }
    sum = sum_rows<1>(one);
    second = sum_rows<1>(two);
    return true;
}

// The mean and the variance of each channel, what they make of the norm, and the running statistics.
template <int Lanes>
DEVICE void add_moments(const Pass& pass)
{
    const int AT_ONCE = 8;
    long long rows = pass.lanes / pass.channels * STEPS;
    Tile<Lanes> tile(pass, rows);
    double sum[Lanes], squares[Lanes];
    float origin[Lanes]; // near the mean, so that squares stay small
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        sum[i] = squares[i] = 0;
    }
    if (tile.first < tile.end)
    {
        Pack<Lanes> top = load<Lanes>(pass.x, tile.channel);
#pragma unroll
        for (int i = 0; i < Lanes; i++)
        {
            origin[i] = top.lane[i].value();
        }
    }
    long long row = tile.first;
    for (; row + (AT_ONCE - 1) * tile.DOWN < tile.end; row += AT_ONCE * tile.DOWN)
    {
        Pack<Lanes> x[AT_ONCE];
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++)
        {
            x[k] = load<Lanes>(pass.x, (row + k * tile.DOWN) * tile.channels + tile.channel);
        }
#pragma unroll
        for (int i = 0; i < Lanes; i++)
        {
            float some = 0, some_squares = 0;
#pragma unroll
            for (int k = 0; k < AT_ONCE; k++)
            {
                float above = x[k].lane[i].value() - origin[i];
                some += above;
                some_squares += above * above;
            }
            sum[i] += some;
            squares[i] += some_squares;
        }
    }
    for (; row < tile.end; row += tile.DOWN)
    {
        Pack<Lanes> x = load<Lanes>(pass.x, row * tile.channels + tile.channel);
#pragma unroll
        for (int i = 0; i < Lanes; i++)
        {
            float above = x.lane[i].value() - origin[i];
            sum[i] += above;
            squares[i] += above * above;
        }
    }
    double total, of_squares;
    long long c = (long long)tile.group * GROUP + threadIdx.x;
    if (!sum_runs<Lanes>(pass, tile, sum, squares, total, of_squares) || threadIdx.x >= GROUP || c >= pass.channels)
    {
        return;
    }
    double above = total / rows;
    double mean = ((const STORAGE*)pass.x)[c].value() + above;
    double variance = of_squares / rows - above * above;
    variance = variance < 0 ? 0 : variance; // NaN stays NaN
    double inverse = 1 / sqrt(variance + pass.eps), scale = pass.norm_gamma[c] * inverse;
    pass.statistics[c] = (float)mean;
    pass.statistics[pass.channels + c] = (float)inverse;
    pass.statistics[2 * pass.channels + c] = (float)scale;
    pass.statistics[3 * pass.channels + c] = (float)(pass.norm_beta[c] - scale * mean);
    if (pass.running_mean)
    {
        double unbiased = variance * rows / (rows > 1 ? rows - 1 : 1);
        pass.running_mean[c] = (float)(pass.running_mean[c] * (1 - pass.momentum) + mean * pass.momentum);
        pass.running_variance[c] = (float)(pass.running_variance[c] * (1 - pass.momentum) + unbiased * pass.momentum);
    }
}

extern "C" __global__ void moments_one(Pass pass) { add_moments<1>(pass); }
extern "C" __global__ void moments_wide(Pass pass) { add_moments<WIDE>(pass); }

// The gradient g of the currents, and for each channel the sums of g and of g (x - mean) / deviation: the gradients of beta and gamma.
template <int Lanes>
DEVICE void go_back_normed(const Pass& pass)
{
    Tile<Lanes> tile(pass, pass.lanes / pass.channels);
    Membrane membrane(pass);
    double of_rate = 0, sum[Lanes], weighted[Lanes];
    float mean[Lanes], scale[Lanes], shift[Lanes];
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        sum[i] = weighted[i] = 0;
        if (tile.first < tile.end)
        {
            mean[i] = pass.statistics[tile.channel + i];
            scale[i] = pass.statistics[2 * tile.channels + tile.channel + i];
            shift[i] = pass.statistics[3 * tile.channels + tile.channel + i];
        }
    }
    for (long long row = tile.first; row < tile.end; row += tile.DOWN)
    {
        long long first = row * tile.channels + tile.channel;
        Pack<Lanes> x[STEPS], gradient[STEPS];
        load_steps(x, pass.x, pass.x_stride, first);
        load_steps(gradient, pass.spike_gradient, pass.gradient_stride, first);
#pragma unroll
        for (int i = 0; i < Lanes; i++)
        {
            float current[STEPS], through[STEPS], some = 0, some_weighted = 0;
            take(x, i, current);
            take(gradient, i, through);
#pragma unroll
            for (int t = 0; t < STEPS; t++)
            {
                current[t] = current[t] * scale[i] + shift[i];
            }
            of_rate += go_through(membrane, current, through);
#pragma unroll
            for (int t = 0; t < STEPS; t++)
            {
                some += through[t];
                some_weighted += through[t] * (x[t].lane[i].value() - mean[i]);
            }
            put(gradient, i, through);
            sum[i] += some;
            weighted[i] += some_weighted;
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
    double total, of_weighted;
    long long c = (long long)tile.group * GROUP + threadIdx.x;
    if (sum_runs<Lanes>(pass, tile, sum, weighted, total, of_weighted) && threadIdx.x < GROUP && c < pass.channels)
    {
        pass.beta_gradient[c] = (float)total;
        pass.gamma_gradient[c] = (float)(of_weighted * pass.statistics[pass.channels + c]);
    }
}

extern "C" __global__ void back_normed_one(Pass pass) { go_back_normed<1>(pass); }
extern "C" __global__ void back_normed_wide(Pass pass) { go_back_normed<WIDE>(pass); }

// From g to the gradient of x, in place: scale (g - beta' / n - (x - mean) / deviation gamma' / n).
template <int Lanes>
DEVICE void finish(const Pass& pass)
{
    const int AT_ONCE = 4;
    long long rows = pass.lanes / pass.channels * STEPS;
    Tile<Lanes> tile(pass, rows);
    if (tile.first >= tile.end)
    {
        return;
    }
    float mean[Lanes], scale[Lanes], slope[Lanes], shift[Lanes];
#pragma unroll
    for (int i = 0; i < Lanes; i++)
    {
        long long c = tile.channel + i;
        float inverse = pass.statistics[tile.channels + c];
        mean[i] = pass.statistics[c];
        scale[i] = pass.statistics[2 * tile.channels + c];
        slope[i] = -scale[i] * inverse * pass.gamma_gradient[c] / rows;
        shift[i] = -scale[i] * pass.beta_gradient[c] / rows;
    }
    for (long long row = tile.first; row < tile.end; row += AT_ONCE * tile.DOWN)
    {
        Pack<Lanes> x[AT_ONCE], g[AT_ONCE];
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++)
        {
            if (row + k * tile.DOWN < tile.end)
            {
                x[k] = load<Lanes>(pass.x, (row + k * tile.DOWN) * tile.channels + tile.channel);
                g[k] = load<Lanes>(pass.result, (row + k * tile.DOWN) * tile.channels + tile.channel);
            }
        }
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++)
        {
            if (row + k * tile.DOWN < tile.end)
            {
#pragma unroll
                for (int i = 0; i < Lanes; i++)
                {
                    float above = x[k].lane[i].value() - mean[i];
                    g[k].lane[i] = STORAGE::of(g[k].lane[i].value() * scale[i] + (above * slope[i] + shift[i]));
                }
                store<Lanes>(g[k], pass.result, (row + k * tile.DOWN) * tile.channels + tile.channel);
            }
        }
    }
}

extern "C" __global__ void finish_one(Pass pass) { finish<1>(pass); }
extern "C" __global__ void finish_wide(Pass pass) { finish<WIDE>(pass); }
