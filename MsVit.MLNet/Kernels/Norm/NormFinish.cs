using static TorchSharp.torch;

namespace MsVit.MLNet.Kernels;

/// <summary>The last pass of a batch norm's gradient, in the memory of what came before it.</summary>
internal sealed unsafe class NormFinish : IKernel
{
    // About 50 microseconds of one core.
    private const long WorthAThread = 1 << 18;

    private readonly nint _x;
    private readonly nint _gradient;
    private readonly nint _factors;
    private readonly LaneBlocks _blocks;

    private NormFinish(nint x, nint gradient, nint factors, LaneBlocks blocks) =>
        (_x, _gradient, _factors, _blocks) = (x, gradient, factors, blocks);

    /// <summary>Turns the gradient of the norm's output into that of its input.</summary>
    /// <param name="factors">Of each channel.</param>
    /// <param name="x">The input, dense, its channels side by side.</param>
    /// <param name="gradient">Of x's order and type.</param>
    /// <param name="width">The vectors to use.</param>
    public static void Run(NormFactors factors, Tensor x, Tensor gradient, LaneWidth width)
    {
        var blocks = new LaneBlocks((nint)x.numel(), 1, factors.Mean.Length);
        float[] tiled = [.. Tile(factors.Mean), .. Tile(factors.Scale), .. Tile(factors.Slope), .. Tile(factors.Shift)];
        fixed (float* first = tiled)
        {
            Dispatch.Run(width, x.dtype, new NormFinish(Rows.Of(x).First, Rows.Of(gradient).First, (nint)first, blocks));
        }
        GC.KeepAlive(x);
        GC.KeepAlive(gradient);

        IEnumerable<float> Tile(float[] values) => Enumerable.Range(0, blocks.Pitch).Select(lane => values[lane % values.Length]);
    }

    /// <inheritdoc/>
    public void Run<T, TElement>()
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement> => _blocks.Run(1, WorthAThread, Block<T, TElement>);

    private void Block<T, TElement>(LaneBlock block, float* scratch)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var whole = block.Count - block.Count % T.Count;
        Finish<T, TElement>(block.First, 0, whole);
        Finish<LanesScalar, TElement>(block.First, whole, block.Count);
    }

    // The values from number from to number to of the block that begins at first.
    private void Finish<T, TElement>(nint first, int from, int to)
        where T : struct, ILanes<T>
        where TElement : unmanaged, IElement<TElement>
    {
        var mean = (float*)_factors + from;
        var pitch = _blocks.Pitch;
        NormRows<T, TElement>.Finish(
            (TElement*)_x + first + from, (TElement*)_gradient + first + from, mean, mean + pitch, mean + 2 * pitch, mean + 3 * pitch, to - from);
    }
}
