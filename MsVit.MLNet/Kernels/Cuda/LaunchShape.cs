namespace MsVit.MLNet.Kernels;

/// <summary>How a layer's neurons are assigned to threads: one or four adjacent neurons per thread, 128 threads per block.</summary>
/// <param name="Lanes">Neurons per thread.</param>
/// <param name="Blocks">The number of blocks.</param>
internal readonly record struct LaunchShape(int Lanes, uint Blocks)
{
    /// <summary>Threads per block: a power of two, because the sum over a block halves it repeatedly.</summary>
    public const int Threads = 128;

    private const int Wide = 4;

    // With more time steps, the inputs and gradients of four neurons do not fit a thread's registers.
    private const int WideSteps = 8;

    /// <summary>Neurons per thread of the wide kernels.</summary>
    public static int Widest(int steps) => steps <= WideSteps ? Wide : 1;

    /// <summary>The shape for rows of neurons, one row per time step.</summary>
    /// <param name="steps">T.</param>
    /// <param name="lanes">The number of neurons, at least 1.</param>
    /// <param name="elementSize">Bytes per element.</param>
    /// <param name="rows">The address of each tensor's first row, and elements from one row to the next.</param>
    public static LaunchShape Of(int steps, long lanes, int elementSize, params ReadOnlySpan<(nint First, long Stride)> rows)
    {
        var width = Widest(steps);
        var fits = lanes % width == 0;
        foreach (var (first, stride) in rows)
        {
            fits = fits && first % (width * elementSize) == 0 && stride % width == 0;
        }
        width = fits ? width : 1;
        return new(width, checked((uint)((lanes + Threads * (long)width - 1) / (Threads * (long)width))));
    }

    /// <summary>The name of the forward kernel.</summary>
    public string Fire => Lanes == 1 ? "fire_one" : "fire_wide";

    /// <summary>The name of the backward kernel.</summary>
    public string Backward => Lanes == 1 ? "back_one" : "back_wide";
}
