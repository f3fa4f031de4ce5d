namespace MsVit.MLNet.Kernels;

/// <summary>How a layer's neurons are dealt to threads: one or four side by side a thread, 128 threads a block.</summary>
/// <param name="Lanes">Neurons a thread takes.</param>
/// <param name="Blocks">Blocks of threads.</param>
internal readonly record struct LaunchShape(int Lanes, uint Blocks)
{
    /// <summary>Threads in a block: a power of two, for they are summed in halves.</summary>
    public const int Threads = 128;

    private const int Wide = 4;

    // Beyond, four neurons' inputs and gradients no longer fit a thread's registers.
    private const int WideSteps = 8;

    /// <summary>The neurons that a thread of the wide kernels takes.</summary>
    public static int Widest(int steps) => steps <= WideSteps ? Wide : 1;

    /// <summary>The shape for rows of neurons, one row a time step.</summary>
    /// <param name="steps">T.</param>
    /// <param name="lanes">Neurons, at least 1.</param>
    /// <param name="elementSize">Bytes of a number in memory.</param>
    /// <param name="rows">Where the rows of each tensor begin, and elements from one to the next.</param>
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

    /// <summary>The kernel of the forward pass.</summary>
    public string Fire => Lanes == 1 ? "fire_one" : "fire_wide";

    /// <summary>The kernel of the backward pass.</summary>
    public string GoBack => Lanes == 1 ? "back_one" : "back_wide";
}
